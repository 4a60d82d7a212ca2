/** Refuses content of a type that is not read. */

import { HttpError } from './http-error.js';

/**
 * Makes the 415 that says what would be accepted: Accept-Post (W3C LDP §7.1), Accept-Patch (RFC 5789 §3.1), Accept
 * (RFC 9110 §15.5.16). `found` is the type that was sent, empty where there was none that is valid.
 */
export function refuseType(method: string, accepted: string, found: string, detail = accepted): HttpError {
  const field = method === 'POST' ? 'Accept-Post' : method === 'PATCH' ? 'Accept-Patch' : 'Accept';
  const sent = found === '' ? 'content without a valid Content-Type' : found;
  return new HttpError(`The content must be ${detail}, not ${sent}.`, 415, { headers: { [field]: accepted } });
}
