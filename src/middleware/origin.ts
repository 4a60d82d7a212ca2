/** Tells what an origin is. */

import { optionError } from './option-error.js';

const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#,@]+$/;

/**
 * Gives `value`, an origin as browsers send it (RFC 6454 §6.2): scheme, host, and a port that is not the scheme's own.
 *
 * @throws TypeError for anything else, `null` and origins with a path among it: no browser sends such, so nothing would
 * ever match, and `null` is what every sandbox and every file sends.
 */
export function checkOrigin(place: string, value: unknown): string {
  if (typeof value !== 'string' || !ORIGIN.test(value))
    throw optionError(place, 'an origin as "https://a.example"', value);
  if (/^https?:/.test(value)) {
    const canonical = URL.canParse(value) ? new URL(value).origin : undefined;
    if (canonical !== value) throw optionError(place, `an origin as "${canonical ?? 'https://a.example'}"`, value);
  }
  return value;
}
