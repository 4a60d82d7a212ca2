/** Reads the range of bytes that a request asks for (RFC 9110 §14.1.2). */

/** The first and the last byte, both included, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** No byte of the content is in the range: 416. */
export const UNSATISFIABLE = 'unsatisfiable';

/**
 * Gives the one range of `field` within `size` bytes. Undefined where the field is to be ignored and the whole sent: it
 * is malformed, in another unit, or names several ranges, which cost more to answer than they save; or nothing is there
 * to be divided.
 */
export function parseByteRange(field: string, size: number): ByteRange | typeof UNSATISFIABLE | undefined {
  const found = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(field);
  if (found === null || size === 0) return undefined;
  const [, first, last] = found;
  if (first === '') {
    if (last === '') return undefined;
    // A suffix longer than the content is all of it.
    return Number(last) === 0 ? UNSATISFIABLE : { start: Math.max(0, size - Number(last)), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? UNSATISFIABLE : { start, end };
}
