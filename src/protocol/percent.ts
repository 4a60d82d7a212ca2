/** Decodes percent-encoded text (RFC 3986 §2.1), as UTF-8. */

import { HEX_VALUE, NOT_HEX, PERCENT } from './chars.js';

/**
 * Decodes a path. Gives undefined where an escape is not "%" and two HEXDIG, or where the octets are not UTF-8: a 400,
 * and no exception, which is what `decodeURIComponent` would make of it.
 */
export function decodePath(text: string): string | undefined {
  return decodeEscapes(text, 'strict');
}

/**
 * Decodes the escapes of `text`. What is wrong with one gives undefined when `strict`; when `lenient`, a bad escape
 * stays as it is and what is not UTF-8 becomes U+FFFD.
 */
export function decodeEscapes(text: string, mode: 'strict' | 'lenient'): string | undefined {
  let percent = text.indexOf('%');
  if (percent === -1) return text;
  let decoded = '';
  let copied = 0;
  while (percent !== -1) {
    const end = endOfEscapes(text, percent);
    if (end === percent) {
      if (mode === 'strict') return undefined;
      percent = text.indexOf('%', percent + 1);
      continue;
    }
    const run = decodeRun(text, percent, end, mode);
    if (run === undefined) return undefined;
    decoded += text.slice(copied, percent) + run;
    copied = end;
    percent = text.indexOf('%', end);
  }
  return decoded + text.slice(copied);
}

/** Finds the end of the escapes that stand one after the other from `start`; `start` itself if there is none. */
function endOfEscapes(text: string, start: number): number {
  let i = start;
  while (text.charCodeAt(i) === PERCENT && hexAt(text, i + 1) !== NOT_HEX && hexAt(text, i + 2) !== NOT_HEX) i += 3;
  return i;
}

/** Decodes the escapes in [start, end): no others are next to them, so no character is cut in two. */
function decodeRun(text: string, start: number, end: number, mode: 'strict' | 'lenient'): string | undefined {
  const first = octetAt(text, start);
  if (end - start === 3 && first < 0x80) return String.fromCharCode(first);
  const octets = Buffer.allocUnsafe((end - start) / 3);
  for (let i = 0; i < octets.length; i++) octets[i] = octetAt(text, start + i * 3);
  const run = octets.toString('utf8');
  // U+FFFD may have been sent as such; only octets that come out as they went in were UTF-8.
  if (mode === 'strict' && run.includes('\ufffd') && !Buffer.from(run, 'utf8').equals(octets)) return undefined;
  return run;
}

function octetAt(text: string, percent: number): number {
  return hexAt(text, percent + 1) * 16 + hexAt(text, percent + 2);
}

function hexAt(text: string, i: number): number {
  const code = text.charCodeAt(i);
  return code <= 0xff ? HEX_VALUE[code] : NOT_HEX;
}
