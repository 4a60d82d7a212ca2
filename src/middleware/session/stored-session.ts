/** Keeps a session in a store, under an id that only its client knows. */

import { createHash, randomBytes } from 'node:crypto';
import { HttpError } from '../../http/http-error.js';
import type { KeptSession, SessionKeeper } from './session-keeper.js';
import { readRecord, type SessionRecord, writeRecord } from './session-record.js';

/** How {@link SessionStore.set} is to keep a session. */
export interface SessionStoring {
  /** Time in seconds after which it may be forgotten. */
  readonly maxAge: number;
  /** Whether it was never kept before. */
  readonly isNew: boolean;
}

/**
 * Where sessions are kept: a database, a cache. What a method rejects with becomes the error of the request. The ids it
 * is given are hashes: whoever reads the store cannot be any of its visitors.
 */
export interface SessionStore {
  /** The content last set under `id`, unless it has expired. */
  get(id: string): Promise<string | null | undefined>;
  /**
   * Keeps `content`. Gives false, and keeps nothing, where a session that is not new is there no more: a request that is
   * still running must not bring back a session that another one has ended. In Redis: `SET id content EX maxAge`, with
   * `XX` unless it is new.
   */
  set(id: string, content: string, storing: SessionStoring): Promise<boolean>;
  /** Forgets the session, if it is there. */
  destroy(id: string): Promise<unknown>;
}

/** Bytes of an id: nobody guesses one of 2^256. */
const ID_BYTES = 32;
const ID = /^[\w-]{43}$/;

export class StoredSession implements SessionKeeper {
  readonly isInCookie = false;
  readonly #store: SessionStore;
  readonly #cookieName: string;

  constructor(store: SessionStore, cookieName: string) {
    this.#store = store;
    this.#cookieName = cookieName;
  }

  async open(token: string): Promise<KeptSession | undefined> {
    if (!ID.test(token)) return undefined;
    const content = await this.#store.get(this.#idOf(token));
    return typeof content === 'string' ? { record: readRecord(content), isStale: false } : undefined;
  }

  async keep(record: SessionRecord, token: string | undefined): Promise<string> {
    const known = token ?? randomBytes(ID_BYTES).toString('base64url');
    const maxAge = Math.ceil((record.expiresAt - Date.now()) / 1000);
    const isNew = token === undefined;
    const isKept = await this.#store.set(this.#idOf(known), writeRecord(record), { maxAge, isNew });
    if (!isKept) throw new HttpError('The session has ended meanwhile.', 409);
    return known;
  }

  async end(token: string): Promise<void> {
    await this.#store.destroy(this.#idOf(token));
  }

  /** With the name of the cookie: what one application keeps for visitors is good for nothing as that of its editors. */
  #idOf(token: string): string {
    return createHash('sha256').update(`${this.#cookieName}=${token}`).digest('base64url');
  }
}
