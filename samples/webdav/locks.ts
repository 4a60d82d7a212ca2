/** Keeps the write locks of all resources (RFC 4918 §6, §7). */

import { randomUUID } from 'node:crypto';
import { HttpError, injectable } from 'luminaire';
import { News } from './news.js';
import type { ResourcePath } from './path.js';

export interface LockRequest {
  /** The lock root. */
  readonly path: ResourcePath;
  /** The URL of the lock root. */
  readonly href: string;
  readonly depth: '0' | 'infinity';
  readonly scope: 'exclusive' | 'shared';
  /** The `owner` element that the client sent, or ''. */
  readonly owner: string;
  /** Who may submit the token. */
  readonly user: string;
  readonly timeoutSeconds: number;
}

export interface Lock extends LockRequest {
  readonly token: string;
  /** In ms since 1970. */
  readonly expires: number;
}

/** Most locks at a time: each costs memory for up to an hour. */
const MAX_LOCKS = 10_000;

/**
 * Locks end by UNLOCK, with their resource, and by themselves; a restart ends all. An expired one is never seen, and
 * dropped when a lock is next asked for.
 */
@injectable()
export class Locks {
  readonly #byToken = new Map<string, Lock>();
  /** By the key of the lock root. */
  readonly #byRoot = new Map<string, Set<Lock>>();

  constructor(private readonly news: News) {}

  /** Those that protect `path`: on itself, or of infinite depth on a collection above. */
  covering(path: ResourcePath): Lock[] {
    const found = this.#rootedAt(path);
    for (let above = path; !above.isRoot; ) {
      above = above.parent;
      found.push(...this.#rootedAt(above).filter(({ depth }) => depth === 'infinity'));
    }
    return found;
  }

  /** Those on resources below `path`. */
  below(path: ResourcePath): Lock[] {
    return this.all().filter((lock) => path.contains(lock.path));
  }

  all(): Lock[] {
    const now = Date.now();
    return [...this.#byToken.values()].filter(({ expires }) => expires > now);
  }

  /** Those that a new lock could not stand beside. */
  conflicting({ path, depth, scope }: Pick<LockRequest, 'path' | 'depth' | 'scope'>): Lock[] {
    const met = [...this.covering(path), ...(depth === 'infinity' ? this.below(path) : [])];
    return met.filter((lock) => scope === 'exclusive' || lock.scope === 'exclusive');
  }

  /** Makes a lock; that nothing conflicts has been seen to. @throws HttpError 507 where there are too many. */
  add(request: LockRequest): Lock {
    this.#dropExpired();
    HttpError.assert(this.#byToken.size < MAX_LOCKS, 'There are too many locks.', 507);
    const lock = this.#starting({ ...request, token: `urn:uuid:${randomUUID()}` });
    this.#keep(lock);
    return lock;
  }

  /** Starts the time of a lock anew (RFC 4918 §9.10.2). */
  refresh(lock: Lock, timeoutSeconds: number): Lock {
    this.#drop(lock);
    const refreshed = this.#starting({ ...lock, timeoutSeconds });
    this.#keep(refreshed);
    return refreshed;
  }

  release(lock: Lock): void {
    this.#drop(lock);
    this.#publish();
  }

  /** Ends all locks on `path` and below: what was locked is no longer there. */
  releaseTree(path: ResourcePath): void {
    const ended = [...this.#rootedAt(path), ...this.below(path)];
    for (const lock of ended) this.#drop(lock);
    if (ended.length > 0) this.#publish();
  }

  #rootedAt(path: ResourcePath): Lock[] {
    const now = Date.now();
    return [...(this.#byRoot.get(path.key) ?? [])].filter(({ expires }) => expires > now);
  }

  #starting(lock: Omit<Lock, 'expires'>): Lock {
    return { ...lock, expires: Date.now() + lock.timeoutSeconds * 1000 };
  }

  #keep(lock: Lock): void {
    this.#byToken.set(lock.token, lock);
    const there = this.#byRoot.get(lock.path.key);
    if (there === undefined) this.#byRoot.set(lock.path.key, new Set([lock]));
    else there.add(lock);
    this.#publish();
  }

  #drop(lock: Lock): void {
    this.#byToken.delete(lock.token);
    const there = this.#byRoot.get(lock.path.key);
    for (const each of there ?? []) if (each.token === lock.token) there?.delete(each);
    if (there?.size === 0) this.#byRoot.delete(lock.path.key);
  }

  #dropExpired(): void {
    const now = Date.now();
    for (const lock of this.#byToken.values()) if (lock.expires <= now) this.#drop(lock);
  }

  #publish(): void {
    this.news.publish({ event: 'locks', data: describeLocks(this.all()) });
  }
}

/** What the page shows of locks. */
export function describeLocks(locks: readonly Lock[]): unknown[] {
  return locks.map(({ path, depth, scope, user, token, expires }) => {
    return { path: `/${path.key}`, depth, scope, user, token, expires };
  });
}
