/** Lets pages of other origins read what is answered (WHATWG Fetch §3.3). */

import type { Middleware, Next } from '../http/handler.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import { isThenable } from '../http/thenable.js';
import { isToken } from '../protocol/chars.js';
import { checkNames, checkWhole, optionError } from './option-error.js';
import { checkOrigin } from './origin.js';

/** Decides for one origin: a page's `https://shop.example`, or `null` for what has none. */
export type AllowsOrigin = (origin: string, req: Request) => boolean | Promise<boolean>;

/** Which pages may send what, and read what is answered. */
export interface CorsOptions {
  /**
   * Whose pages may read: `*` for everybody's; an origin, an expression that all of it must match, or a list of them; or a
   * function. Default `*`.
   */
  readonly origins?: string | RegExp | readonly (string | RegExp)[] | AllowsOrigin;
  /** The methods that a page may use beside GET, HEAD and POST. Default PUT, PATCH and DELETE. */
  readonly methods?: readonly string[];
  /**
   * The fields that a page may set beside the few that it always may; `reflect` for all that it asks for. Default
   * `Content-Type`.
   */
  readonly allowedHeaders?: readonly string[] | 'reflect';
  /** The fields of an answer that a page may read beside the few that it always may. Default: none. */
  readonly exposedHeaders?: readonly string[];
  /** Whether a page may have cookies and credentials sent along, and read the answer. Not with `*`. Default false. */
  readonly credentials?: boolean;
  /** Milliseconds for which a browser may keep the answer to a preflight. Default: the browser's own, some 5000. */
  readonly maxAge?: number;
}

/** What is sent to every page that may read. */
interface Fields {
  readonly credentials: boolean;
  readonly methods: string;
  /** `undefined` for what the preflight asks for. */
  readonly allowedHeaders: string | undefined;
  readonly exposedHeaders: string;
  readonly maxAge: string | undefined;
}

/**
 * Answers preflights with 204, and says in every other answer, those to errors included, whether the page may read it. An
 * OPTIONS that is no preflight passes, and is answered from the route table. Give it to the server or the application, not
 * to a controller: a preflight is for no route.
 *
 * @throws TypeError for an option that is malformed, and for credentials with `*`, which browsers refuse.
 */
export function cors(options: CorsOptions = {}): Middleware {
  const known = ['origins', 'methods', 'allowedHeaders', 'exposedHeaders', 'credentials', 'maxAge'];
  checkNames('cors', options, known);
  const { origins = '*', credentials = false } = options;
  if (typeof credentials !== 'boolean') throw optionError('cors: credentials', 'a boolean', credentials);
  if (origins === '*' && credentials) {
    throw new TypeError(
      'cors: credentials need the origins that may send them, not "*": any page could read what is for its visitor',
    );
  }
  const fields = readFields(options, credentials);
  const allows = origins === '*' ? undefined : compileOrigins(origins);
  // Named for the route table and for errors.
  return function cors(req, res, next) {
    if (allows === undefined) return proceed(req, res, next, '*', fields);
    // Also where no origin is sent: a cache must not keep that answer for a page.
    res.onHead(varyByOrigin);
    const origin = req.headers.get('origin');
    if (origin === undefined) return next(req, res);
    const isAllowed = allows(origin, req);
    if (!isThenable(isAllowed)) return proceed(req, res, next, isAllowed ? origin : undefined, fields);
    return isAllowed.then((allowed) => proceed(req, res, next, allowed ? origin : undefined, fields));
  };
}

/** Called just before the head leaves: whatever a handler has set in place of Vary stays. */
function varyByOrigin(res: Response): void {
  res.vary('Origin');
}

function proceed(
  req: Request,
  res: Response,
  next: Next,
  origin: string | undefined,
  fields: Fields,
): void | Promise<void> {
  if (origin !== undefined) {
    res.setHeader('Access-Control-Allow-Origin', origin);
    if (fields.credentials) res.setHeader('Access-Control-Allow-Credentials', 'true');
  }
  if (isPreflight(req)) {
    if (origin !== undefined) allow(req, res, fields);
    res.setStatus(204).send();
    return;
  }
  if (origin !== undefined && fields.exposedHeaders !== '') {
    res.setHeader('Access-Control-Expose-Headers', fields.exposedHeaders);
  }
  return next(req, res);
}

/** The question that a browser asks before a request that no form could send (WHATWG Fetch §3.3.2). */
function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');
}

function allow(req: Request, res: Response, fields: Fields): void {
  if (fields.methods !== '') res.setHeader('Access-Control-Allow-Methods', fields.methods);
  const headers = fields.allowedHeaders ?? req.headers.get('access-control-request-headers') ?? '';
  if (fields.allowedHeaders === undefined) res.vary('Access-Control-Request-Headers');
  if (headers !== '') res.setHeader('Access-Control-Allow-Headers', headers);
  if (fields.maxAge !== undefined) res.setHeader('Access-Control-Max-Age', fields.maxAge);
}

function readFields(options: CorsOptions, credentials: boolean): Fields {
  const {
    methods = ['PUT', 'PATCH', 'DELETE'],
    allowedHeaders = ['Content-Type'],
    exposedHeaders = [],
    maxAge,
  } = options;
  return {
    credentials,
    methods: listOf('methods', methods, credentials),
    allowedHeaders: allowedHeaders === 'reflect' ? undefined : listOf('allowedHeaders', allowedHeaders, credentials),
    exposedHeaders: listOf('exposedHeaders', exposedHeaders, credentials),
    maxAge: maxAge === undefined ? undefined : String(Math.floor(checkWhole('cors: maxAge', maxAge, 0) / 1000)),
  };
}

function listOf(name: string, names: readonly string[], credentials: boolean): string {
  const isList = Array.isArray(names) && names.every((each) => typeof each === 'string' && isToken(each));
  if (!isList) throw optionError(`cors: ${name}`, 'a list of names', names);
  // With credentials browsers take "*" for a name, so that nothing would be allowed.
  if (credentials && names.includes('*')) throw optionError(`cors: ${name}`, 'names, not "*", with credentials', names);
  return names.join(', ');
}

function compileOrigins(origins: NonNullable<CorsOptions['origins']>): AllowsOrigin {
  if (typeof origins === 'function') return origins;
  const each = Array.isArray(origins) ? origins : [origins];
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const origin of each) {
    // Anchored: an expression without "$" would let pages of https://shop.example.evil.example read. Without the flags
    // that make a test remember where it stopped.
    if (origin instanceof RegExp)
      patterns.push(new RegExp(`^(?:${origin.source})$`, origin.flags.replace(/[gy]/g, '')));
    else exact.add(checkOrigin('cors: origins', origin));
  }
  // Any page can have the origin "null", in a sandbox: no pattern means it.
  return (origin) => exact.has(origin) || (origin !== 'null' && patterns.some((pattern) => pattern.test(origin)));
}
