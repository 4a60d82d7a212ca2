/** Makes the errors that say what is wrong with a form. */

import { HttpError } from '../http-error.js';
import type { MultipartLimit } from './multipart-options.js';

/** The client sent more than `limit` allows. `field` names the part, where it is one that is too large. */
export function overLimit(limit: MultipartLimit, maximum: number, detail: string, field?: string): HttpError {
  return new HttpError(`${detail} (${limit}).`, 413, {
    extensions: { limit, maximum, ...(field === undefined ? {} : { field }) },
  });
}

/** The client sent what is no form. */
export function malformed(detail: string): HttpError {
  return new HttpError(detail, 400);
}
