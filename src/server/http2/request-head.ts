/** Makes the head of a request from the field section that HTTP/2 has for it. */

import type { Rejection } from '../../protocol/rejection.js';
import type { ForeignHead } from '../foreign-head.js';

/** Over TLS nothing else makes sense, and in a request-target of HTTP/1.1 neither. */
const SCHEME = /^https?$/i;

/**
 * The head, for the parser to judge. `section` has names and values in turn, pseudo-header fields first (RFC 9113
 * §8.3.1); `isEnded` says that no content follows.
 */
export function requestHeadOf(section: readonly string[], isEnded: boolean): ForeignHead | Rejection {
  const fields: [name: string, value: string][] = [];
  let method = '';
  let target = '';
  let authority: string | undefined;
  let cookies: [name: string, value: string] | undefined;
  let isSized = false;
  for (let i = 0; i < section.length; i += 2) {
    const name = section[i];
    const value = section[i + 1];
    switch (name) {
      case ':method':
        method = value;
        continue;
      case ':path':
        target = value;
        continue;
      case ':scheme':
        if (!SCHEME.test(value)) return 'bad-target';
        continue;
      case ':authority':
        authority = value;
        fields.push(['Host', value]);
        continue;
      case 'host':
        // Another one would be a second Host, which is refused (RFC 9113 §8.3.1).
        if (value === authority) continue;
        break;
      case 'cookie':
        // Crumbs are one field to everybody else, limits included (RFC 9113 §8.2.3).
        if (cookies !== undefined) {
          cookies[1] += `; ${value}`;
          continue;
        }
        cookies = [name, value];
        fields.push(cookies);
        continue;
      case 'content-length':
        isSized = true;
    }
    fields.push([name, value]);
  }
  if (method === 'CONNECT') return 'connect-over-http-2';
  // The absolute-form would name another authority than `:authority`.
  if (target !== '*' && !target.startsWith('/')) return 'bad-target';
  return { method, target, minorVersion: 1, fields, hasUnsizedContent: !isEnded && !isSized };
}
