/** Writes status lines and fields, so that nothing given to it can end a line or add one. */

import { isFieldValue, isToken } from './chars.js';
import { REASONS, reasonOf } from './status.js';

/** The whole interim response that asks a client for its content (RFC 9110 §15.2.1). */
export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** Status lines made once, by status. */
const STATUS_LINES: (string | undefined)[] = [];
for (const status of Object.keys(REASONS))
  STATUS_LINES[Number(status)] = `HTTP/1.1 ${status} ${REASONS[Number(status)]}\r\n`;

let dateSecond = -1;
let dateText = '';

/**
 * Writes a status line (RFC 9112 §4).
 * @throws TypeError when `status` has not three digits, or `reason` holds what would end the line (CVE-2016-5325).
 */
export function statusLine(status: number, reason?: string): string {
  const known = reason === undefined ? STATUS_LINES[status] : undefined;
  if (known !== undefined) return known;
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new TypeError(`A status is an integer from 100 to 999, not ${status}`);
  }
  const phrase = reason ?? reasonOf(status);
  if (typeof phrase !== 'string' || !isFieldValue(phrase)) {
    throw new TypeError(`The reason phrase of status ${status} ${problemIn(phrase)}`);
  }
  return `HTTP/1.1 ${status} ${phrase}\r\n`;
}

/**
 * Writes a field line (RFC 9112 §5), to be encoded as latin1.
 * @throws TypeError when `name` is no token, or `value` holds a control character or one that latin1 has not.
 */
export function fieldLine(name: string, value: string): string {
  // What is no string would be looked at as one thing and written as another.
  if (typeof name !== 'string' || !isToken(name))
    throw new TypeError(`The field name ${JSON.stringify(name)} is no token`);
  if (typeof value !== 'string' || !isFieldValue(value)) {
    throw new TypeError(`The value of the field ${name} ${problemIn(value)}`);
  }
  return `${name}: ${value}\r\n`;
}

/** Writes the Date field (RFC 9110 §6.6.1), made once a second. */
export function dateLine(): string {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = `Date: ${new Date(now).toUTCString()}\r\n`;
  }
  return dateText;
}

/** Types whose head starts are kept: an application has few, and a client that could choose one must not fill memory. */
const MAX_STARTS = 64;

/** By status, then by type line: valid for the second of {@link startsDate}. */
let starts: (Map<string, string> | undefined)[] = [];
let startsDate = '';

/**
 * Status line, Date and the type line, which may be ''. Made once a second for each status and type, and flat: a
 * string that is joined anew for each response is joined again, piece by piece, when it is written.
 */
export function headStart(status: number, typeLine: string): string {
  const date = dateLine();
  if (date !== startsDate) {
    starts = [];
    startsDate = date;
  }
  let byType = starts[status];
  if (byType === undefined) {
    byType = new Map();
    starts[status] = byType;
  }
  let start = byType.get(typeLine);
  if (start === undefined) {
    start = flat(statusLine(status) + date + typeLine);
    if (byType.size < MAX_STARTS) byType.set(typeLine, start);
  }
  return start;
}

/** Lengths of content whose lines are kept, in bytes. */
const MAX_LENGTH_ENDS = 4_096;
const lengthEnds: string[] = [];

/** The Content-Length field (RFC 9110 §8.6), and the empty line after it. */
export function lengthEnd(length: number): string {
  if (length >= MAX_LENGTH_ENDS) return `Content-Length: ${length}\r\n\r\n`;
  lengthEnds[length] ??= flat(`Content-Length: ${length}\r\n\r\n`);
  return lengthEnds[length];
}

/** The same text in one piece, where V8 would keep the pieces that it was joined from. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Names the first character of `text` that may not be written. */
function problemIn(text: unknown): string {
  if (typeof text !== 'string') return `is no string but ${text === null ? 'null' : `of type ${typeof text}`}`;
  let i = 0;
  while (isFieldValue(text.charAt(i))) i++;
  const code = text.charCodeAt(i);
  return `holds a character that a head cannot carry: code ${code} (0x${code.toString(16)}) at ${i}`;
}
