/** Keeps sessions in the memory of one process, for development and tests. */

import type { SessionStore, SessionStoring } from './stored-session.js';

interface Entry {
  readonly content: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Sessions kept where the application does not say. */
const MAX_SESSIONS = 10_000;

/** A {@link SessionStore} that forgets everything when the process ends, and the session that was set longest ago when it is full. */
export class MemorySessionStore implements SessionStore {
  readonly #maxSessions: number;
  /** By the time of the last `set`, oldest first. */
  readonly #entries = new Map<string, Entry>();

  /** Keeps up to `maxSessions`, by default 10,000. @throws RangeError unless it is a whole number from 1. */
  constructor(maxSessions = MAX_SESSIONS) {
    if (!Number.isInteger(maxSessions) || maxSessions < 1) {
      throw new RangeError(`MemorySessionStore: maxSessions must be a whole number from 1, got ${maxSessions}`);
    }
    this.#maxSessions = maxSessions;
  }

  /** Sessions kept now, those that have expired among them. */
  get size(): number {
    return this.#entries.size;
  }

  async get(id: string): Promise<string | undefined> {
    return this.#live(id)?.content;
  }

  async set(id: string, content: string, { maxAge, isNew }: SessionStoring): Promise<boolean> {
    if (!isNew && this.#live(id) === undefined) return false;
    this.#entries.delete(id);
    this.#entries.set(id, { content, expiresAt: Date.now() + maxAge * 1000 });
    if (this.#entries.size > this.#maxSessions) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest);
    }
    return true;
  }

  async destroy(id: string): Promise<void> {
    this.#entries.delete(id);
  }

  #live(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.expiresAt > Date.now()) return entry;
    this.#entries.delete(id);
    return undefined;
  }
}
