/** Sets one cookie on a response, refusing what a browser would silently drop. */

import { parseSetCookie, stringifySetCookie } from 'cookie';
import type { Scheme } from '../http/request.js';
import type { Response } from '../http/response.js';
import { isToken } from '../protocol/chars.js';

/** What a browser is told about a cookie (RFC 6265 §4.1.2). */
export interface CookieAttributes {
  /** The host and every host below it. Default: the host that was asked, and no other. */
  readonly domain?: string;
  /** Default `/`. */
  readonly path?: string;
  /** Life in **seconds**, as the attribute has it; at most 400 days. Default: until the browser closes. */
  readonly maxAge?: number;
  readonly expires?: Date;
  /** Whether scripts are kept from it. Default true. */
  readonly httpOnly?: boolean;
  /** Whether it travels over TLS alone. Default: where the request did, or where the rest demands it. */
  readonly secure?: boolean;
  /** Which requests of other sites carry it. Default `lax`. */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** Whether each site that embeds this one gets a cookie of its own (CHIPS). Default false. */
  readonly partitioned?: boolean;
}

/** What browsers keep of one cookie, in bytes: name, value and attributes (RFC 6265 §6.1). */
export const MAX_COOKIE_BYTES = 4096;

/** No browser keeps a cookie for longer, in seconds: 400 days (RFC 6265bis §5.5). */
export const MAX_COOKIE_AGE = 400 * 24 * 60 * 60;

/** A cookie that browsers would not keep, because it is over 4096 bytes long. */
export class CookieTooLarge extends Error {
  readonly bytes: number;

  constructor(name: string, bytes: number) {
    super(`The cookie ${name} would have ${bytes} bytes; browsers keep at most ${MAX_COOKIE_BYTES}`);
    this.bytes = bytes;
  }
}
CookieTooLarge.prototype.name = 'CookieTooLarge';

const DOMAIN = /^\.?[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i;
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const SAME_SITE: readonly unknown[] = ['strict', 'lax', 'none'];

/**
 * Checks attributes that do not depend on the cookie.
 *
 * @throws TypeError that starts with `where` and names the attribute.
 */
export function checkAttributes(where: string, attributes: CookieAttributes): void {
  const { domain, path, maxAge, expires, sameSite } = attributes;
  const refuse = (name: string, expected: string, found: unknown): never => {
    throw new TypeError(`${where}: ${name} must be ${expected}, got ${describe(found)}`);
  };
  if (domain !== undefined && !DOMAIN.test(domain)) refuse('domain', 'a host name', domain);
  if (path !== undefined && !PATH.test(path)) refuse('path', 'printable ASCII that starts with "/", without ";"', path);
  if (maxAge !== undefined && !(Number.isInteger(maxAge) && maxAge >= 0 && maxAge <= MAX_COOKIE_AGE))
    refuse('maxAge', `whole seconds from 0 to ${MAX_COOKIE_AGE} (400 days)`, maxAge);
  if (expires !== undefined && Number.isNaN(expires.getTime())) refuse('expires', 'a valid Date', expires);
  if (sameSite !== undefined && !SAME_SITE.includes(sameSite)) refuse('sameSite', 'strict, lax or none', sameSite);
}

/**
 * Completes the attributes of a cookie by the safe defaults.
 *
 * @throws TypeError that starts with `where`, for what browsers refuse: a bad name or attribute, a prefix whose rules
 * are broken, `SameSite=None` or `Partitioned` without `Secure`.
 */
export function completeAttributes(
  where: string,
  name: string,
  attributes: CookieAttributes,
  scheme: Scheme,
): CookieAttributes {
  if (!isToken(name)) throw new TypeError(`${where}: its name must be a token`);
  checkAttributes(where, attributes);
  const whole = { path: '/', httpOnly: true, sameSite: 'lax', ...attributes } as const;
  const demand = demandOfSecure(name, whole);
  const secure = attributes.secure ?? (demand !== undefined || scheme === 'https');
  if (demand !== undefined && !secure) throw new TypeError(`${where}: ${demand} needs secure`);
  if (/^__host-/i.test(name) && (whole.path !== '/' || whole.domain !== undefined))
    throw new TypeError(`${where}: the prefix __Host- needs the path "/" and no domain`);
  return { ...whole, secure };
}

/**
 * Sets a cookie, in place of one of the same name, domain and path that the response has already.
 *
 * @throws TypeError as {@link completeAttributes}. {@link CookieTooLarge}. Error once the response was sent.
 */
export function setCookie(
  res: Response,
  scheme: Scheme,
  name: string,
  value: string,
  attributes: CookieAttributes,
): void {
  const where = `The cookie ${describe(name)}`;
  const whole = completeAttributes(where, name, attributes, scheme);
  if (typeof value !== 'string') throw new TypeError(`${where}: its value must be a string, got ${describe(value)}`);
  if (/\p{Surrogate}/u.test(value)) throw new TypeError(`${where}: its value has half of a surrogate pair`);
  const line = stringifySetCookie({ name, value, ...whole });
  if (line.length > MAX_COOKIE_BYTES) throw new CookieTooLarge(name, line.length);
  replaceLine(res, line);
}

/** Which of its properties lets a browser refuse the cookie unless it is secure. */
function demandOfSecure(name: string, attributes: CookieAttributes): string | undefined {
  const prefix = /^__(?:host|secure)-/i.exec(name);
  if (prefix !== null) return `the prefix ${prefix[0]}`;
  if (attributes.sameSite === 'none') return 'SameSite=None';
  return attributes.partitioned === true ? 'Partitioned' : undefined;
}

/** Two of the same name, domain and path would be one cookie with a value that depends on the browser (§4.1.1). */
function replaceLine(res: Response, line: string): void {
  const lines: string[] = [];
  for (const [name, value] of res.fields()) if (name === 'set-cookie') lines.push(value);
  if (lines.length > 0) {
    const identity = identityOf(line);
    const others = lines.filter((one) => identityOf(one) !== identity);
    if (others.length < lines.length) {
      res.removeHeader('Set-Cookie');
      for (const other of others) res.addHeader('Set-Cookie', other);
    }
  }
  res.addHeader('Set-Cookie', line);
}

function identityOf(line: string): string {
  const { name, domain = '', path = '' } = parseSetCookie(line);
  return JSON.stringify([name, domain.toLowerCase(), path]);
}

function describe(found: unknown): string {
  return typeof found === 'string' ? JSON.stringify(found) : String(found);
}
