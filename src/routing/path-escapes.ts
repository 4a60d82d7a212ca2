/** Tells whether a raw path can be decoded. */

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

/** Whether `path` has escapes to decode; undefined where they are not those of UTF-8 (RFC 3986 §2.5). */
export function isEscapedPath(path: string): boolean | undefined {
  if (!path.includes('%')) return false;
  return path.replace(UTF8_ESCAPES, '').includes('%') ? undefined : true;
}
