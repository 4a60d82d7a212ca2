/** Lets handlers read the cookies of a request, set those of its response. */

import type { Middleware } from '../http/handler.js';
import type { Request } from '../http/request.js';
import { cookiesIn } from '../http/request-cookies.js';
import type { Response } from '../http/response.js';
import { deriveKeys, type Secret } from './secrets.js';
import { type CookieAttributes, checkAttributes, setCookie } from './set-cookie.js';
import { signValue, unsignValue } from './signed-value.js';

/** How cookies are signed, and what each is set with. */
export interface CookiesOptions {
  /** Secrets of at least 32 bytes that sign: the first signs, each verifies. Put a new one in front to rotate. */
  readonly keys?: readonly Secret[];
  /** Attributes of every cookie that is set, unless it says otherwise. */
  readonly attributes?: CookieAttributes;
}

declare module '../http/request.js' {
  interface RequestState {
    /** What {@link cookiesOf} gives. */
    cookies?: Cookies;
  }
}

/** The cookies of one exchange: read from the request, set on the response. */
export class Cookies {
  readonly #req: Request;
  readonly #res: Response;
  readonly #keys: readonly Uint8Array[] | undefined;
  readonly #attributes: CookieAttributes;

  /** @internal */
  constructor(req: Request, res: Response, keys: readonly Uint8Array[] | undefined, attributes: CookieAttributes) {
    this.#req = req;
    this.#res = res;
    this.#keys = keys;
    this.#attributes = attributes;
  }

  /** The value that the client sent, percent-decoded. Anybody may have chosen it. What is set here does not change it. */
  get(name: string): string | undefined {
    if (!this.#res.hasSent()) this.#res.vary('Cookie');
    return cookiesIn(this.#req)[name];
  }

  /** As {@link get} for what {@link setSigned} has set: `undefined` where no key has signed it. @throws Error without keys. */
  getSigned(name: string): string | undefined {
    const keys = this.#signingKeys('getSigned');
    const signed = this.get(name);
    return signed === undefined ? undefined : unsignValue(keys, name, signed);
  }

  /**
   * Sets a cookie on the response, in place of one of the same name, domain and path. It is `HttpOnly`, `SameSite=Lax`,
   * for the whole host, and `Secure` where the request came over TLS, unless told otherwise. Sent with an error too.
   *
   * @throws TypeError for what browsers drop without a word, {@link CookieTooLarge} over 4096 bytes, Error once the
   * response was sent.
   */
  set(name: string, value: string, attributes?: CookieAttributes): this {
    setCookie(this.#res, this.#req.scheme, name, value, { ...this.#attributes, ...attributes });
    return this;
  }

  /**
   * As {@link set}, with a signature that {@link getSigned} checks. Everybody can read the value, and whoever has it can
   * send it again for as long as its key is in use.
   */
  setSigned(name: string, value: string, attributes?: CookieAttributes): this {
    return this.set(name, signValue(this.#signingKeys('setSigned')[0], name, value), attributes);
  }

  /** Has the browser drop a cookie: `domain`, `path` and `partitioned` must be those it was set with. */
  delete(name: string, attributes?: CookieAttributes): this {
    return this.set(name, '', { ...attributes, maxAge: 0, expires: new Date(0) });
  }

  #signingKeys(member: string): readonly Uint8Array[] {
    if (this.#keys === undefined) throw new Error(`${member}: nothing can be signed, cookies() was given no keys`);
    return this.#keys;
  }
}

/**
 * Lets what comes after it use {@link cookiesOf} and {@link CurrentCookies}. Nothing is parsed for requests that do not
 * ask.
 *
 * @throws TypeError where an option is wrong.
 */
export function cookies(options: CookiesOptions = {}): Middleware {
  const keys = options.keys === undefined ? undefined : deriveKeys('cookies', options.keys, 'signed cookie');
  const attributes = options.attributes ?? {};
  checkAttributes('cookies', attributes);
  return function cookies(req, res, next) {
    req.state.cookies = new Cookies(req, res, keys, attributes);
    return next(req, res);
  };
}

/** The cookies of an exchange. @throws Error where the middleware `cookies` does not stand around it. */
export function cookiesOf(req: Request): Cookies {
  const { cookies } = req.state;
  if (cookies === undefined) throw new Error('cookiesOf: the middleware cookies() is not in use for this request');
  return cookies;
}

/** Gives {@link cookiesOf} to a parameter: `@From(CurrentCookies) cookies: Cookies`. */
export class CurrentCookies {
  /** The cookies of `req`. */
  resolve(req: Request): Cookies {
    return cookiesOf(req);
  }
}
