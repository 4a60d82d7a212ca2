/** Classifies octets: character codes and 256-entry tables, so that a scan is one look-up a byte. */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const DOUBLE_QUOTE = 0x22;
export const PERCENT = 0x25;
export const ASTERISK = 0x2a;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const ONE = 0x31;
export const NINE = 0x39;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const QUESTION = 0x3f;
export const LEFT_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const RIGHT_BRACKET = 0x5d;

const ALPHA_DIGIT = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Makes a table that is 1 at every octet in `members`, 0 elsewhere. */
function tableOf(members: Iterable<number>): Uint8Array {
  const table = new Uint8Array(256);
  for (const octet of members) table[octet] = 1;
  return table;
}

/** Lists the octets from `first` to `last`, both included. */
function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** 1 at a tchar (RFC 9110 §5.6.2). */
export const TOKEN = tableOf(Buffer.from(`!#$%&'*+-.^_\`|~${ALPHA_DIGIT}`, 'latin1'));

/** 1 at what a field value may hold: HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5). No other control, no DEL. */
export const FIELD_VALUE = tableOf([HTAB, ...range(SP, 0x7e), ...range(0x80, 0xff)]);

/**
 * 1 at what a request-target may hold: VCHAR but "#", because a fragment is never sent (RFC 9110 §7.1).
 * Wider than the URI grammar: browsers send `|`, `"` and `{` unescaped in a query.
 */
export const TARGET = tableOf(range(0x21, 0x7e).filter((octet) => octet !== 0x23));

/** 1 at unreserved and sub-delims (RFC 3986 §3.2.2), but ",": two Host values joined must not read as one host. */
export const REG_NAME = tableOf(Buffer.from(`-._~!$&'()*+;=${ALPHA_DIGIT}`, 'latin1'));

/** What HEX_VALUE holds at an octet that is no HEXDIG. */
export const NOT_HEX = 0xff;

/** The value of a HEXDIG, NOT_HEX elsewhere. */
export const HEX_VALUE = new Uint8Array(256).fill(NOT_HEX);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  HEX_VALUE[digit.charCodeAt(0)] = value;
  HEX_VALUE[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Each octet with A to Z in lower case. ASCII only: `toLowerCase` would turn the Kelvin sign into a "k". */
export const LOWER = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/** Tells whether `text` is a token: a method, a field name, a coding. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A code over 0xff would be written as its low byte, which may be CR or LF (CVE-2016-2216).
    if (code > 0xff || TOKEN[code] === 0) return false;
  }
  return text.length > 0;
}

/** Tells whether `text` can be written as a field value, in latin1, byte for byte. */
export function isFieldValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || FIELD_VALUE[code] === 0) return false;
  }
  return true;
}

/** Tells whether the octets at `start` are `lowerCase`, whatever their case. The caller has compared the lengths. */
export function startsWith(bytes: Uint8Array, start: number, lowerCase: Uint8Array): boolean {
  const lower = LOWER;
  for (let i = 0; i < lowerCase.length; i++) {
    if (lower[bytes[start + i]] !== lowerCase[i]) return false;
  }
  return true;
}

/** Finds the first octet in [start, end) that is neither SP nor HTAB, or `end`. */
export function skipWhitespace(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && (bytes[i] === SP || bytes[i] === HTAB)) i++;
  return i;
}

/** Finds where [start, end) ends once trailing SP and HTAB are left off. */
export function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && (bytes[i - 1] === SP || bytes[i - 1] === HTAB)) i--;
  return i;
}

/** Decodes [start, end) as latin1, one character an octet, so that what is written back is what was read. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
