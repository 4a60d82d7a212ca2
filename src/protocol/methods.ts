/** Names the 33 request methods that have a verb of their own. */

import { latin1 } from './chars.js';

/**
 * The methods with a Server verb and a decorator each: RFC 9110, WebDAV and its extensions (RFC 3253,
 * 3648, 3744, 4791, 5323, 5842), PATCH (RFC 5789), LINK and UNLINK (RFC 2068), PURGE, and UPnP's own.
 */
export const METHODS = [
  'ACL',
  'BIND',
  'CHECKOUT',
  'CONNECT',
  'COPY',
  'DELETE',
  'GET',
  'HEAD',
  'LINK',
  'LOCK',
  'M-SEARCH',
  'MERGE',
  'MKACTIVITY',
  'MKCALENDAR',
  'MKCOL',
  'MOVE',
  'NOTIFY',
  'OPTIONS',
  'PATCH',
  'POST',
  'PROPFIND',
  'PROPPATCH',
  'PURGE',
  'PUT',
  'REBIND',
  'REPORT',
  'SEARCH',
  'SUBSCRIBE',
  'TRACE',
  'UNBIND',
  'UNLINK',
  'UNLOCK',
  'UNSUBSCRIBE',
] as const;

/** One of the 33 methods with a verb of their own. */
export type Method = (typeof METHODS)[number];

/** `'M-SEARCH'` is `mSearch` on the Server: what stands before a hyphen in lower case, what follows capitalised. */
export type VerbName<M extends string = Method> = M extends `${infer Head}-${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Lowercase<Tail>>}`
  : Lowercase<M>;

/** `'M-SEARCH'` is `MSearch` as a decorator. */
export type DecoratorName<M extends string = Method> = Capitalize<VerbName<M>>;

/** The Server's name for `method`. */
export function verbName<M extends Method>(method: M): VerbName<M> {
  return method.toLowerCase().replace(/-(\w)/g, (_hyphen, letter: string) => letter.toUpperCase()) as VerbName<M>;
}

/** A method with its octets. */
interface KnownMethod {
  readonly name: string;
  readonly octets: Uint8Array;
}

/** Buckets of known methods by length and first letter, 32 letters a length: no bucket holds more than two. */
const BUCKETS: KnownMethod[][] = Array.from({ length: 16 * 32 }, () => []);
for (const name of [...METHODS, 'QUERY']) {
  BUCKETS[bucketOf(name.length, name.charCodeAt(0))].push({ name, octets: Buffer.from(name, 'latin1') });
}

function bucketOf(length: number, first: number): number {
  return (length & 15) * 32 + (first & 31);
}

/**
 * Reads the method in [start, end), which the caller has found to be a token. A known one is given as the
 * string of the table, so that no request makes a string for it. Methods are case-sensitive (RFC 9110 §9.1).
 */
export function readMethod(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 3 && bytes[start] === 0x47 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54) return 'GET';
  const bucket = BUCKETS[bucketOf(length, bytes[start])];
  for (let i = 0; i < bucket.length; i++) {
    if (equals(bytes, start, length, bucket[i].octets)) return bucket[i].name;
  }
  return latin1(bytes, start, end);
}

function equals(bytes: Buffer, start: number, length: number, octets: Uint8Array): boolean {
  if (octets.length !== length) return false;
  for (let i = 0; i < length; i++) {
    if (bytes[start + i] !== octets[i]) return false;
  }
  return true;
}
