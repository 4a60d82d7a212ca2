/** Gives each visitor a session that lasts from request to request. */

import type { Middleware } from '../../http/handler.js';
import type { Request } from '../../http/request.js';
import { cookiesIn } from '../../http/request-cookies.js';
import type { Response } from '../../http/response.js';
import type { Secret } from '../secrets.js';
import { type CookieAttributes, completeAttributes, setCookie } from '../set-cookie.js';
import { SealedSession } from './sealed-session.js';
import type { SessionKeeper } from './session-keeper.js';
import {
  readRecord,
  type SessionFields,
  type SessionRecord,
  type SessionValues,
  writeRecord,
} from './session-record.js';
import { type SessionStore, StoredSession } from './stored-session.js';

/** How long a session lasts, and what carries it. */
interface SessionLife {
  /** Name of the cookie. Default `session`, over TLS `__Host-session`, or `__Secure-session` where it has a domain or path. */
  readonly name?: string;
  /** Time in seconds after which a session ends that nobody asks for. Default 86400, a day. */
  readonly maxAge?: number;
  /** Time in seconds after which it ends although it is asked for; regenerated, it starts again. Default 2592000, 30 days. */
  readonly lifetime?: number;
  readonly cookie?: Pick<CookieAttributes, 'domain' | 'path' | 'sameSite' | 'secure' | 'partitioned'>;
}

interface SealedSessionOptions extends SessionLife {
  /** Secrets of at least 32 bytes that encrypt the cookie: the first seals, each opens. Put a new one in front to rotate. */
  readonly keys: readonly Secret[];
  readonly store?: never;
}

interface StoredSessionOptions extends SessionLife {
  /** Where sessions are kept; the cookie carries a random id. */
  readonly store: SessionStore;
  readonly keys?: never;
}

/** Where sessions are kept: sealed in the cookie itself, or in a store. */
export type SessionOptions = SealedSessionOptions | StoredSessionOptions;

/** Changes to a session: a field that is `undefined` is removed. */
export type SessionChanges = { readonly [Name in keyof SessionFields]?: SessionFields[Name] | undefined };

declare module '../../http/request.js' {
  interface RequestState {
    /** What {@link sessionOf} calls. */
    openSession?: () => Promise<Session>;
  }
}

/** What all sessions of one application have in common. */
interface SessionPlan {
  readonly keeper: SessionKeeper;
  readonly name: string | undefined;
  readonly maxAgeMs: number;
  readonly lifetimeMs: number;
  readonly attributes: CookieAttributes;
}

const DAY = 24 * 60 * 60;

/**
 * The session of whoever sent a request. Nothing is kept, and no cookie set, before the first change. Changes are
 * promises, made one after the other: what has been awaited is kept, whatever becomes of the request.
 */
export class Session {
  readonly #plan: SessionPlan;
  readonly #req: Request;
  readonly #res: Response;
  #token: string | undefined;
  #record: SessionRecord;
  #last: Promise<void> = Promise.resolve();
  #isPrivate = false;

  /** @internal */
  constructor(plan: SessionPlan, req: Request, res: Response, token: string | undefined, record: SessionRecord) {
    this.#plan = plan;
    this.#req = req;
    this.#res = res;
    this.#token = token;
    this.#record = record;
  }

  /** What it holds, as of the last change that has been made. Frozen, with all that is in it. */
  get values(): SessionValues {
    return this.#record.values;
  }

  /** Whether nothing is kept of it: the client sent no session, or one that is not good any more. */
  get isNew(): boolean {
    return this.#token === undefined;
  }

  /**
   * Changes fields, and keeps the session. Values are JSON; two requests that change it at once overwrite each other.
   *
   * @throws CookieTooLarge where the cookie has to hold it all and cannot, HttpError 409 where it was ended meanwhile,
   * TypeError for what has no JSON, Error where a cookie is needed once the response was sent.
   */
  update(changes: SessionChanges): Promise<void> {
    return this.#inTurn(() => this.#keep(changes, this.#token, this.#record.createdAt));
  }

  /**
   * Goes on as another session with the same fields: to be called when somebody signs in, or what a visitor may do
   * changes, since an attacker may know the id from before (session fixation). Its {@link SessionOptions} `lifetime`
   * starts again. @throws as {@link update}.
   */
  regenerate(changes: SessionChanges = {}): Promise<void> {
    return this.#inTurn(async () => {
      const old = this.#token;
      await this.#keep(changes, undefined, Date.now());
      if (old !== undefined) await this.#plan.keeper.end(old);
    });
  }

  /** Ends the session and deletes its cookie. @throws Error where the cookie is all there is and the response was sent. */
  destroy(): Promise<void> {
    return this.#inTurn(async () => {
      const token = this.#token;
      if (this.#plan.keeper.isInCookie) this.#assertUnsent();
      this.#token = undefined;
      this.#record = emptyRecord();
      if (token !== undefined) await this.#plan.keeper.end(token);
      if (!this.#res.hasSent()) this.#setCookie('', 0);
    });
  }

  /** Keeps it for longer where it is due, or sealed with an old key. @internal */
  async renew(isStale: boolean): Promise<void> {
    const { createdAt, expiresAt } = this.#record;
    const isDue = expiresAt - Date.now() <= this.#plan.maxAgeMs / 2 && this.#expiryFor(createdAt) > expiresAt;
    if ((isStale || isDue) && !this.#res.hasSent()) {
      await this.#keep({}, this.#token, createdAt);
    }
  }

  async #keep(changes: SessionChanges, token: string | undefined, createdAt: number): Promise<void> {
    const { keeper } = this.#plan;
    if (token === undefined || keeper.isInCookie) this.#assertUnsent();
    const expiresAt = this.#expiryFor(createdAt);
    // As the next request will find them: without what is undefined, and with strings for dates.
    const values = { ...this.#record.values, ...changes } as SessionValues;
    const kept = readRecord(writeRecord({ createdAt, expiresAt, values }));
    const newToken = await keeper.keep(kept, token);
    if (newToken !== token && this.#res.hasSent()) {
      // Nobody will ever send its id.
      await keeper.end(newToken);
      this.#assertUnsent();
    }
    if (!this.#res.hasSent()) this.#setCookie(newToken, Math.ceil((expiresAt - Date.now()) / 1000));
    this.#token = newToken;
    this.#record = kept;
  }

  #expiryFor(createdAt: number): number {
    return Math.min(Date.now() + this.#plan.maxAgeMs, createdAt + this.#plan.lifetimeMs);
  }

  #assertUnsent(): void {
    if (this.#res.hasSent()) {
      throw new Error('session: the response was sent before its cookie: await each change before you answer');
    }
  }

  #setCookie(token: string, maxAge: number): void {
    const { scheme } = this.#req;
    const expires = maxAge === 0 ? { expires: new Date(0) } : {};
    const attributes = { ...this.#plan.attributes, maxAge, ...expires };
    setCookie(this.#res, scheme, cookieName(this.#plan, scheme), token, attributes);
    if (this.#isPrivate) return;
    this.#isPrivate = true;
    this.#res.onHead(keepPrivate);
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#last.then(change);
    // A change that nobody awaits must not end the process.
    this.#last = changed.catch((err: unknown) => {
      this.#req.logger.error({ err, ref: this.#req.id }, 'A session could not be changed');
    });
    return changed;
  }
}

/** A shared cache must not hand one visitor's session to the next, where the handler says nothing about caches. */
function keepPrivate(res: Response): void {
  if (res.getHeader('cache-control') === undefined) res.setHeader('Cache-Control', 'private');
}

/**
 * Lets what comes after it use {@link sessionOf} and {@link CurrentSession}. With `keys` the session is in its cookie,
 * encrypted (AES-256-GCM): nothing is kept here, it holds some 2.9 KB, and a copy of it is good until it expires. With
 * `store` the cookie is a random id, and an ended session has ended. Nothing is decrypted or looked up for requests that
 * do not ask. One that is asked for is renewed once half of `maxAge` has passed.
 *
 * @throws TypeError where an option is wrong.
 */
export function session(options: SessionOptions): Middleware {
  const plan = planOf(options);
  return function session(req, res, next) {
    let opened: Promise<Session> | undefined;
    req.state.openSession = () => {
      opened ??= openSession(plan, req, res);
      return opened;
    };
    return next(req, res);
  };
}

/** The session of whoever sent `req`. Rejects with what the store does, or where `session` does not stand around it. */
export async function sessionOf(req: Request): Promise<Session> {
  const { openSession } = req.state;
  if (openSession === undefined) throw new Error('sessionOf: the middleware session() is not in use for this request');
  return openSession();
}

/** Gives {@link sessionOf} to a parameter: `@From(CurrentSession) session: Session`. */
export class CurrentSession {
  /** The session of `req`. */
  resolve(req: Request): Promise<Session> {
    return sessionOf(req);
  }
}

function planOf(options: SessionOptions): SessionPlan {
  const { name, maxAge = DAY, lifetime = 30 * DAY, cookie = {}, keys, store } = options;
  if ((keys === undefined) === (store === undefined)) {
    throw new TypeError('session: expected either keys, for a session in its cookie, or a store');
  }
  completeAttributes('session', name ?? 'session', { ...cookie, maxAge }, 'https');
  for (const [option, seconds] of Object.entries({ maxAge, lifetime })) {
    if (!Number.isInteger(seconds) || seconds < 1)
      throw new TypeError(`session: ${option} must be whole seconds from 1, got ${seconds}`);
  }
  const label = name ?? 'session';
  const keeper = store === undefined ? new SealedSession(keys, label) : new StoredSession(store, label);
  return { keeper, name, maxAgeMs: maxAge * 1000, lifetimeMs: lifetime * 1000, attributes: cookie };
}

/** With the strictest prefix that its attributes allow: no other host of the domain can set it then. */
function cookieName({ name, attributes }: SessionPlan, scheme: Request['scheme']): string {
  if (name !== undefined) return name;
  if (!(attributes.secure ?? scheme === 'https')) return 'session';
  const isWholeHost = attributes.domain === undefined && (attributes.path ?? '/') === '/';
  return isWholeHost ? '__Host-session' : '__Secure-session';
}

async function openSession(plan: SessionPlan, req: Request, res: Response): Promise<Session> {
  if (!res.hasSent()) res.vary('Cookie');
  const token = cookiesIn(req)[cookieName(plan, req.scheme)];
  const kept = token === undefined ? undefined : await plan.keeper.open(token);
  if (kept === undefined || kept.record.expiresAt <= Date.now()) {
    return new Session(plan, req, res, undefined, emptyRecord());
  }
  const session = new Session(plan, req, res, token, kept.record);
  await session.renew(kept.isStale);
  return session;
}

function emptyRecord(): SessionRecord {
  return { createdAt: Date.now(), expiresAt: 0, values: Object.freeze({}) };
}
