/**
 * Decodes a raw path into the key it is looked up by.
 *
 * find-my-way decodes what it is given, but leaves reserved characters encoded in literals, and cuts at `?` and `#`. So
 * it is given paths that are decoded already, in which a character it would act on, and a slash that was encoded, are
 * spelt as NUL and a letter.
 */

const NEEDS_KEY = /[%?#\0]/;
const ESCAPED_IN_KEY = /[%/?#\0]/g;
const KEY_ESCAPE = /\0(.)/gs;
/** Turns each of the escaped characters into another, `/` into `o`; clear in all of them, so clearing it reverts. */
const ESCAPE_BIT = 0x40;

/** Escapes that decode to UTF-8 (Unicode §3.9, table 3-7), to find others without the throw of decodeURIComponent. */
const CONTINUATION = '%[89AB][0-9A-F]';
const UTF8_ESCAPES = new RegExp(
  [
    '%[0-7][0-9A-F]',
    `%(?:C[2-9A-F]|D[0-9A-F])${CONTINUATION}`,
    `%(?:E0%[AB][0-9A-F]|ED%[89][0-9A-F]|E[1-9A-CEF]${CONTINUATION})${CONTINUATION}`,
    `%(?:F0%[9AB][0-9A-F]|F4%8[0-9A-F]|F[1-3]${CONTINUATION})${CONTINUATION}${CONTINUATION}`,
  ].join('|'),
  'gi',
);

/** The key of a raw path: mostly the path itself. Undefined where it is not percent-encoded UTF-8. */
export function keyOf(path: string): string | undefined {
  if (!NEEDS_KEY.test(path)) return path;
  if (path.replace(UTF8_ESCAPES, '').includes('%')) return undefined;
  return path
    .split('/')
    .map((segment) => escapeKey(decodeURIComponent(segment)))
    .join('/');
}

/** A decoded segment as it stands in a key. */
export function escapeKey(text: string): string {
  return text.replace(ESCAPED_IN_KEY, (char) => `\0${String.fromCharCode(char.charCodeAt(0) | ESCAPE_BIT)}`);
}

/** The decoded text of a piece of a key. */
export function unescapeKey(text: string): string {
  if (!text.includes('\0')) return text;
  return text.replace(KEY_ESCAPE, (_, char: string) => String.fromCharCode(char.charCodeAt(0) & ~ESCAPE_BIT));
}
