/** Parses JSON that a stranger sent. */

import { parse } from 'secure-json-parse';
import { HttpError } from './http-error.js';

/**
 * Parses `text` as JSON (RFC 8259).
 *
 * @throws HttpError 400 naming the offset of the first character that does not fit, or when a key is `__proto__`
 * or `constructor` holding `prototype`: such keys poison prototypes when copied.
 */
export function parseJson(text: string): unknown {
  try {
    return parse(text, { protoAction: 'error', constructorAction: 'error' });
  } catch (error) {
    const offset = offsetOfError(text);
    const detail =
      offset === undefined
        ? 'The JSON content has a key that is not allowed: "__proto__", or "constructor" with "prototype".'
        : `The content is not valid JSON: ${describe(text, offset)} at offset ${offset}.`;
    throw new HttpError(detail, 400, { cause: error, ...(offset === undefined ? {} : { extensions: { offset } }) });
  }
}

function describe(text: string, offset: number): string {
  if (offset >= text.length) return 'unexpected end';
  return `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0))}`;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a JSON string holds none of them (RFC 8259 §7).
const STRING_BODY = /(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*/y;

/**
 * Returns the offset of the first character that no JSON text could have there, or `undefined` where `text` is
 * JSON. V8 tells the offset only in some of its messages, so a failed parse looks again.
 */
export function offsetOfError(text: string): number | undefined {
  let at = 0;
  const closers: string[] = [];
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  /** Passes a string; false leaves `at` on the character that ends it badly. */
  const skipString = (): boolean => {
    if (text[at] !== '"') return false;
    at++;
    skip(STRING_BODY);
    if (text[at] !== '"') return false;
    at++;
    return true;
  };
  /** Passes `"key" :`. */
  const skipKey = (): boolean => {
    skip(SPACE);
    if (!skipString()) return false;
    skip(SPACE);
    if (text[at] !== ':') return false;
    at++;
    return true;
  };

  for (;;) {
    skip(SPACE);
    const opener = text[at];
    if (opener === '{' || opener === '[') {
      at++;
      skip(SPACE);
      const closer = opener === '{' ? '}' : ']';
      if (text[at] !== closer) {
        closers.push(closer);
        if (closer === '}' && !skipKey()) return at;
        continue;
      }
      at++;
    } else if (opener === '"' ? !skipString() : !skip(SCALAR)) {
      return at;
    }
    // A value has ended: close what it ends, then the next member, or the end of the text.
    for (;;) {
      skip(SPACE);
      const closer = closers[closers.length - 1];
      if (closer === undefined) return at === text.length ? undefined : at;
      if (text[at] === ',') {
        at++;
        if (closer === '}' && !skipKey()) return at;
        break;
      }
      if (text[at] !== closer) return at;
      at++;
      closers.pop();
    }
  }
}
