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

/** Names the first character of `text` that may not be written. */
function problemIn(text: unknown): string {
  if (typeof text !== 'string') return `is no string but ${text === null ? 'null' : `of type ${typeof text}`}`;
  let i = 0;
  while (isFieldValue(text.charAt(i))) i++;
  const code = text.charCodeAt(i);
  return `holds a character that a head cannot carry: code ${code} (0x${code.toString(16)}) at ${i}`;
}
