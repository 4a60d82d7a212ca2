/** Reads the cookies of a request. */

import { parseCookie } from 'cookie';
import type { Request } from './request.js';

/** Names to decoded values. */
export type RequestCookies = Readonly<Record<string, string | undefined>>;

const NONE: RequestCookies = Object.freeze(Object.create(null));
const parsed = new WeakMap<Request, RequestCookies>();

/**
 * The cookies that the client sent, on an object without a prototype; parsed when first asked for. Of two with the same
 * name the first stands: browsers send the one with the longest path first (RFC 6265 §5.4).
 */
export function cookiesIn(req: Request): RequestCookies {
  const known = parsed.get(req);
  if (known !== undefined) return known;
  const field = req.headers.get('cookie');
  if (field === undefined) return NONE;
  const cookies = parseCookie(field);
  parsed.set(req, cookies);
  return cookies;
}
