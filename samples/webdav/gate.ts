import { HttpError, injectable, type Request } from 'luminaire';
import { DavError } from './dav-error.js';
import { isNotModified } from './entity-tag.js';
import { type Condition, type ConditionList, parseIf, submittedTokens } from './if-header.js';
import { type Lock, Locks } from './locks.js';
import type { ResourcePath } from './path.js';
import { readResourceUrl } from './resource-url.js';
import { type Resource, Store } from './store.js';

/** The locks that a request may pass: it mentions their tokens, and they are its user's. */
export interface Keys {
  readonly tokens: ReadonlySet<string>;
  readonly user: string;
}

/** Decides whether a request may do what it asks for. */
@injectable()
export class Gate {
  constructor(
    private readonly store: Store,
    private readonly locks: Locks,
  ) {}

  /**
   * Evaluates the conditions of HTTP and of WebDAV, about `path`, where `resource` is. Gives the keys that the request
   * brings.
   *
   * @throws HttpError 412 where a condition does not hold, 400 where one is malformed.
   */
  async check(req: Request, user: string, path: ResourcePath, resource: Resource | undefined): Promise<Keys> {
    isNotModified(req, resource);
    const field = req.headers.get('if');
    if (field === undefined) return { tokens: new Set(), user };
    const lists = parseIf(field);
    for (const list of lists) if (await this.#holds(req, list, path)) return { tokens: submittedTokens(lists), user };
    throw new HttpError('If does not hold.', 412);
  }

  /** @throws DavError 423 where `path` is locked, and `keys` has none of its locks. */
  refuseLocked(keys: Keys, path: ResourcePath): void {
    refuseWithoutKey(this.locks.covering(path), keys);
  }

  /** As {@link refuseLocked}, for making or removing what is at `path`: its collection changes as well. */
  refuseLockedMember(keys: Keys, path: ResourcePath): void {
    this.refuseLocked(keys, path);
    this.refuseLocked(keys, path.parent);
  }

  /** As {@link refuseLockedMember}, for all that is at `path` and below. */
  refuseLockedTree(keys: Keys, path: ResourcePath): void {
    this.refuseLockedMember(keys, path);
    const roots = new Map(this.locks.below(path).map((lock) => [lock.path.key, lock.path]));
    for (const root of roots.values()) this.refuseLocked(keys, root);
  }

  /** The conditions of a list are about what its tag names (RFC 4918 §10.4.2). */
  async #holds(req: Request, { tag, conditions }: ConditionList, path: ResourcePath): Promise<boolean> {
    const named = tag === undefined ? { path } : readResourceUrl(req, tag);
    // Nothing is known here about what is elsewhere: it has no such lock, nor such a tag.
    if (typeof named === 'string') return conditions.every(({ isNegated }) => isNegated);
    const tokens = new Set(this.locks.covering(named.path).map(({ token }) => token));
    const resource = conditions.some((each) => 'etag' in each) ? await this.store.find(named.path) : undefined;
    const etag = resource?.isCollection ? undefined : resource?.etag;
    const isTrue = (each: Condition) => ('token' in each ? tokens.has(each.token) : each.etag === etag);
    return conditions.every((each) => isTrue(each) !== each.isNegated);
  }
}

/** Of several locks, which are shared then, the token of one is enough (RFC 4918 §6.2). */
function refuseWithoutKey(locks: readonly Lock[], { tokens, user }: Keys): void {
  if (locks.length === 0 || locks.some((lock) => lock.user === user && tokens.has(lock.token))) return;
  const hrefs = [...new Set(locks.map(({ href }) => href))];
  throw new DavError('It is locked.', 423, 'lock-token-submitted', hrefs);
}
