/** Signs the value of a cookie, so that a client cannot choose it. */

import { createHmac, timingSafeEqual } from 'node:crypto';

/** Appends the signature of `name` with `value` (HMAC-SHA256): it is good for no other cookie. */
export function signValue(key: Uint8Array, name: string, value: string): string {
  return `${value}.${signatureOf(key, name, value)}`;
}

/** The value that one of `keys` has signed for `name`, otherwise `undefined`. */
export function unsignValue(keys: readonly Uint8Array[], name: string, signed: string): string | undefined {
  const dot = signed.lastIndexOf('.');
  if (dot === -1) return undefined;
  const value = signed.slice(0, dot);
  const given = Buffer.from(signed.slice(dot + 1));
  for (const key of keys) {
    const right = Buffer.from(signatureOf(key, name, value));
    if (given.length === right.length && timingSafeEqual(given, right)) return value;
  }
  return undefined;
}

/** A name is a token, so no other name with another value gives the same text. */
function signatureOf(key: Uint8Array, name: string, value: string): string {
  return createHmac('sha256', key).update(`${name}=${value}`).digest('base64url');
}
