/** Refuses requests that another site makes a browser send. */

import type { Middleware } from '../http/handler.js';
import { HttpError } from '../http/http-error.js';
import type { Request } from '../http/request.js';
import { isSameOrigin } from '../http/same-origin.js';
import { checkNames, optionError } from './option-error.js';
import { checkOrigin } from './origin.js';

/** Which requests are let through. */
export interface CsrfOptions {
  /** Other origins whose pages may send requests, as `https://shop.example`. Default: none. */
  readonly origins?: readonly string[];
  /** Whether a request that says nothing of where it comes from is refused too. Default false: it is from no browser. */
  readonly requireOrigin?: boolean;
  /** Lets a request pass for which it is true. Default: none. */
  readonly except?: (req: Request) => boolean;
}

/** What a link or an image may send: none of them may change anything (RFC 9110 §9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Answers 403 to a request with an unsafe method that a page of another origin makes a browser send, with the cookies of
 * its user. The browser tells, and a page cannot forge what it says: `Sec-Fetch-Site` (Fetch Metadata), or `Origin` in a
 * browser or on a connection that has no such field. No token is needed, in no form.
 *
 * @throws TypeError for an option that is malformed.
 */
export function csrf(options: CsrfOptions = {}): Middleware {
  checkNames('csrf', options, ['origins', 'requireOrigin', 'except']);
  const { origins = [], requireOrigin = false, except } = options;
  if (!Array.isArray(origins)) throw optionError('csrf: origins', 'a list of origins', origins);
  const others = new Set(origins.map((origin) => checkOrigin('csrf: origins', origin)));
  if (typeof requireOrigin !== 'boolean') throw optionError('csrf: requireOrigin', 'a boolean', requireOrigin);
  if (except !== undefined && typeof except !== 'function') throw optionError('csrf: except', 'a function', except);
  // Named for the route table and for errors.
  return function csrf(req, res, next) {
    if (SAFE_METHODS.has(req.method) || isOwn(req, requireOrigin)) return next(req, res);
    if (others.has(req.headers.get('origin') ?? '') || except?.(req)) return next(req, res);
    throw new HttpError('This request was sent by a page of another origin.', 403);
  };
}

/** Whether a page of this origin, the user, or no browser at all has sent the request. */
function isOwn(req: Request, requireOrigin: boolean): boolean {
  const site = req.headers.get('sec-fetch-site');
  // `none` is the user: an address typed, a bookmark. `same-site` may be any subdomain, whoever it was given to.
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = req.headers.get('origin');
  return origin === undefined ? !requireOrigin : isSameOrigin(origin, req);
}
