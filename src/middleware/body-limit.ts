/** Limits the content of requests. */

import type { Middleware } from '../http/handler.js';
import { checkWhole } from './option-error.js';

/**
 * Accepts content of up to `bytes`; larger is answered 413 when it is read (RFC 9110 §15.5.14), before any of it where
 * Content-Length tells. The limit that is set last stands, so a closer one wins: this, then `@MaxBodySize`.
 *
 * @throws TypeError unless `bytes` is a whole number from 0.
 */
export function bodyLimit(bytes: number): Middleware {
  checkWhole('bodyLimit: bytes', bytes, 0);
  // Named for the route table and for errors.
  return function bodyLimit(req, res, next) {
    req.limitContent(bytes);
    return next(req, res);
  };
}
