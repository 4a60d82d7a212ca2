/** Limits how many requests each client may send in a time. */

import { createRequire } from 'node:module';
import type { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Middleware } from '../http/handler.js';
import { HttpError } from '../http/http-error.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import { MAX_TIMER_MS } from '../http/time-limit.js';
import { checkNames, checkWhole, optionError } from './option-error.js';
import { withinStoreTime } from './store-time.js';

/** What a limiter says of one key. */
export interface RateLimiterOutcome {
  readonly remainingPoints: number;
  /** Milliseconds until there are more. */
  readonly msBeforeNext: number;
}

/**
 * Counts requests. Every limiter of rate-limiter-flexible is one, whatever its store: Redis, Valkey, Memcached, PostgreSQL.
 */
export interface RateLimiter {
  /** Points in a window. Without, `quota` is what clients are told. */
  readonly points?: number;
  /** Seconds of a window. Without, `window` is what clients are told. */
  readonly duration?: number;
  /**
   * Resolves with an outcome, or with those of several limiters by name; rejects with such where there are not enough
   * points, with an Error where the store fails.
   */
  consume(key: string, points?: number): Promise<RateLimiterOutcome | Readonly<Record<string, RateLimiterOutcome>>>;
}

/** How much a client may send, and where that is counted. */
export interface RateLimitOptions {
  /** Requests that a client may send in each window, counted in the memory of this process unless there is a `limiter`. */
  readonly quota?: number;
  /** Milliseconds of a window, which begins with a client's first request. Default 60000. */
  readonly window?: number;
  /** Counts instead of the memory of this process: for several processes, or another algorithm. */
  readonly limiter?: RateLimiter;
  /** What the policy is called towards clients. Default `default`. */
  readonly name?: string;
  /**
   * Tells clients apart; `undefined` for one who is not limited. Default: by address, and by the first 64 bits of an IPv6
   * address, as the rest of them is the client's to choose.
   */
  readonly key?: (req: Request) => string | undefined;
  /** How many points a request takes. Default 1. */
  readonly cost?: (req: Request) => number;
  /** What becomes of requests while the store of `limiter` fails: served, or answered 503. Default `allow`. */
  readonly whenStoreFails?: 'allow' | 'refuse';
  /** Milliseconds after which the store of `limiter` counts as failed. Default 1000. */
  readonly storeTimeout?: number;
}

const OPTIONS = ['quota', 'window', 'limiter', 'name', 'key', 'cost', 'whenStoreFails', 'storeTimeout'];

const DEFAULT_WINDOW_MS = 60_000;

/** The problem type of draft-ietf-httpapi-ratelimit-headers. */
const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/**
 * Answers 429 with Retry-After to a client that has used its quota up, and tells every client how much of it is left, in
 * the fields RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10). Around everything it is one quota
 * for all routes, around a controller or a method one for those. Stands behind `trustProxy`: the address of a gateway is
 * everybody's. A store that fails is logged, when it begins to and when it answers again.
 *
 * @throws TypeError for an option that is malformed.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  checkNames('rateLimit', options, OPTIONS);
  const { name = 'default', key = clientOf, cost = () => 1, whenStoreFails = 'allow' } = options;
  if (typeof name !== 'string' || !/^[ !#-[\]-~]+$/.test(name)) {
    throw optionError('rateLimit: name', 'printable ASCII without quotes', name);
  }
  if (typeof key !== 'function') throw optionError('rateLimit: key', 'a function', key);
  if (typeof cost !== 'function') throw optionError('rateLimit: cost', 'a function', cost);
  if (whenStoreFails !== 'allow' && whenStoreFails !== 'refuse') {
    throw optionError('rateLimit: whenStoreFails', '"allow" or "refuse"', whenStoreFails);
  }
  const limiter = limiterOf(options);
  const timeout = checkWhole('rateLimit: storeTimeout', options.storeTimeout ?? 1000, 1, MAX_TIMER_MS);
  const policy = policyOf(name, limiter, options);
  let hasFailed = false;

  function tell(res: Response, remaining: number, msBeforeNext: number): void {
    // A client of several policies gets a line of each: both fields are lists.
    const reset = msBeforeNext > 0 ? `;t=${Math.ceil(msBeforeNext / 1000)}` : '';
    res.addHeader('RateLimit-Policy', policy).addHeader('RateLimit', `"${name}";r=${Math.floor(remaining)}${reset}`);
  }

  function refuse(res: Response, msBeforeNext: number): never {
    tell(res, 0, msBeforeNext);
    const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    throw new HttpError(`Too many requests: there may be more in ${seconds} s.`, 429, {
      headers: { 'Retry-After': String(seconds) },
      extensions: { type: QUOTA_EXCEEDED, 'violated-policies': [name] },
    });
  }

  // Named for the route table and for errors.
  return function rateLimit(req, res, next) {
    const client = key(req);
    if (client === undefined) return next(req, res);
    return consumeWithin(timeout, limiter, client, cost(req)).then(
      (outcome) => {
        if (hasFailed) req.logger.info({ policy: name }, 'The store of a rate limit answers again');
        hasFailed = false;
        tell(res, outcome.remainingPoints, outcome.msBeforeNext);
        return next(req, res);
      },
      (thrown: unknown) => {
        const outcome = outcomeOf(thrown);
        if (outcome !== undefined) refuse(res, outcome.msBeforeNext);
        // Once: whoever makes the store fail must not fill the log.
        if (!hasFailed) req.logger.error({ err: thrown, policy: name }, 'The store of a rate limit fails');
        hasFailed = true;
        if (whenStoreFails === 'allow') return next(req, res);
        res.setHeader('Retry-After', '1');
        throw new HttpError('Requests cannot be counted at the moment.', 503, { cause: thrown });
      },
    );
  };
}

/** Rejects also where the limiter throws, or its store never answers. */
async function consumeWithin(
  ms: number,
  limiter: RateLimiter,
  key: string,
  points: number,
): Promise<RateLimiterOutcome> {
  const outcome = outcomeOf(await withinStoreTime(ms, async () => limiter.consume(key, points)));
  if (outcome === undefined) throw new Error('The limiter gave no outcome');
  return outcome;
}

/** What a limiter says, or of several the one that says the worst; `undefined` where it says nothing, as an error does. */
function outcomeOf(said: unknown): RateLimiterOutcome | undefined {
  if (isOutcome(said)) return said;
  const each = Object.values(Object(said)).filter(isOutcome);
  return each.sort((a, b) => a.remainingPoints - b.remainingPoints || b.msBeforeNext - a.msBeforeNext)[0];
}

function isOutcome(said: unknown): said is RateLimiterOutcome {
  return typeof said === 'object' && typeof (said as RateLimiterOutcome | null)?.msBeforeNext === 'number';
}

function limiterOf({ limiter, quota, window }: RateLimitOptions): RateLimiter {
  if (limiter !== undefined) {
    if (typeof limiter?.consume === 'function') return limiter;
    throw optionError('rateLimit: limiter', 'a limiter of rate-limiter-flexible', limiter);
  }
  const points = checkWhole('rateLimit: quota', quota, 1);
  const duration = checkWhole('rateLimit: window', window ?? DEFAULT_WINDOW_MS, 1) / 1000;
  // Loaded by those who need it, and without the limiters of a dozen stores: all of them take some 40 ms.
  const Memory = createRequire(import.meta.url)(
    'rate-limiter-flexible/lib/RateLimiterMemory.js',
  ) as typeof RateLimiterMemory;
  return new Memory({ points, duration });
}

/** An item of RateLimit-Policy. The window is told in whole seconds, or not at all. */
function policyOf(name: string, { points, duration }: RateLimiter, { quota, window }: RateLimitOptions): string {
  const seconds = duration ?? (window === undefined ? 0 : window / 1000);
  const told = Number.isSafeInteger(seconds) && seconds > 0 ? `;w=${seconds}` : '';
  return `"${name}";q=${points ?? checkWhole('rateLimit: quota', quota, 1)}${told}`;
}

/** The address of the client, or the network of an IPv6 address. */
function clientOf({ remoteAddress }: Request): string {
  if (!remoteAddress.includes(':')) return remoteAddress;
  const mapped = /^::ffff:([\d.]+)$/i.exec(remoteAddress)?.[1];
  if (mapped !== undefined) return mapped;
  const [left, right] = remoteAddress.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const zeros = right === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...(right ?? [])];
  // One address can be written in several ways.
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
