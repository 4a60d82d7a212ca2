/** Tells whether a page of this server has sent a request. */

import type { Request } from './request.js';

/**
 * Whether `origin`, as a browser sends it (RFC 6454 §7), is that of this server. A gateway may have ended TLS without a word,
 * so that an `https` origin is taken where the request came by `http`; never the other way round, as anybody on the way can
 * forge a page without TLS.
 */
export function isSameOrigin(origin: string, req: Request): boolean {
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  if (protocol === 'http:' && req.scheme === 'https') return false;
  // Both without the scheme's own port, in lower case.
  const own = `${protocol}//${req.authority}`;
  return URL.canParse(own) && new URL(own).host === host;
}
