import { Controller, Doc, From, HttpError, Lock, MaxBodySize, Reply, Req, type Request, Unlock } from 'luminaire';
import type { User } from '../auth/accounts.js';
import { CHANGE_REFUSED, inXml, inXmlOrNot, REFUSED, TOO_LONG } from './answers.js';
import { DavError } from './dav-error.js';
import { readDepth } from './depth.js';
import { Gate, type Keys } from './gate.js';
import { activeLocks, parseLockInfo } from './lock-xml.js';
import { type Lock as HeldLock, type LockRequest, Locks } from './locks.js';
import { multistatus, XML_HEAD, XML_TYPE } from './multistatus.js';
import { MOUNT, type ParsedPath } from './path.js';
import { SignedIn } from './signed-in.js';
import { type Resource, Store } from './store.js';
import { Target } from './target.js';
import { readTimeout } from './timeout.js';
import { Turns } from './turns.js';
import { MAX_XML_BYTES } from './xml.js';
import { readXmlText } from './xml-request.js';

/** Locks resources for writing, refreshes locks and ends them. */
@Controller(MOUNT)
@MaxBodySize(MAX_XML_BYTES)
export class LocksController {
  constructor(
    private readonly store: Store,
    private readonly locks: Locks,
    private readonly gate: Gate,
    private readonly turns: Turns,
  ) {}

  /** With content a new lock, without it the lock that If names is refreshed (RFC 4918 §9.10). */
  @Lock()
  @Lock('/*path')
  @Doc({
    responses: {
      ...CHANGE_REFUSED,
      200: inXml('The lock.'),
      201: inXml('The lock, on a file without content that was not there.'),
      207: inXml('The locks below that are in the way.'),
      412: inXmlOrNot('A condition does not hold, or the lock to refresh is not there.'),
      413: TOO_LONG,
      422: 'It is not a lock for writing.',
      423: inXml('Another lock is in the way.'),
    },
  })
  async lock(@From(SignedIn) user: User, @From(Target) target: ParsedPath, @Req() req: Request): Promise<Reply> {
    const content = await readXmlText(req);
    return this.turns.run(async () => {
      const resource = await this.store.find(target.path);
      const keys = await this.gate.check(req, user.name, target.path, resource);
      if (content.trim() === '') return this.#refresh(req, keys, target);
      return this.#grant(readLockRequest(req, user, target, resource, content), keys, resource);
    });
  }

  @Unlock()
  @Unlock('/*path')
  @Doc({ responses: { ...REFUSED, 204: 'It is no longer locked.', 409: inXml('There is no such lock on it.') } })
  async unlock(@From(SignedIn) user: User, @From(Target) { path }: ParsedPath, @Req() req: Request): Promise<Reply> {
    const [, token] = /^\s*<([^<>]+)>\s*$/.exec(req.headers.get('lock-token') ?? '') ?? [];
    HttpError.assert(token, 'UNLOCK needs a Lock-Token in angle brackets.', 400);
    return this.turns.run(async () => {
      await this.gate.check(req, user.name, path, await this.store.find(path));
      const lock = this.locks.covering(path).find((each) => each.token === token);
      if (lock === undefined) {
        throw new DavError('There is no such lock on it.', 409, 'lock-token-matches-request-uri');
      }
      HttpError.assert(lock.user === user.name, 'The lock is of another user.', 403);
      this.locks.release(lock);
      return new Reply(204);
    });
  }

  async #grant(request: LockRequest, keys: Keys, resource: Resource | undefined): Promise<Reply> {
    const conflicts = this.locks.conflicting(request);
    if (conflicts.length > 0) return refuse(request, conflicts);
    if (resource === undefined) await this.#makeEmpty(request, keys);
    const lock = this.locks.add(request);
    return describe(lock, resource === undefined ? 201 : 200, { 'Lock-Token': `<${lock.token}>` });
  }

  /** RFC 4918 §7.3: the name is taken by a resource without content. */
  async #makeEmpty({ path }: LockRequest, keys: Keys): Promise<void> {
    const parent = await this.store.find(path.parent);
    HttpError.assert(parent?.isCollection, 'There is no collection that it could be a member of.', 409);
    this.gate.refuseLocked(keys, path.parent);
    const staged = await this.store.stageContent(nothing());
    try {
      await this.store.place(staged, path);
    } finally {
      await this.store.discard(staged);
    }
  }

  #refresh(req: Request, { tokens, user }: Keys, { path }: ParsedPath): Reply {
    HttpError.assert(tokens.size > 0, 'A LOCK without content refreshes the lock that If names.', 400);
    const lock = this.locks.covering(path).find((each) => tokens.has(each.token));
    if (lock === undefined) throw new DavError('There is no such lock on it.', 412, 'lock-token-matches-request-uri');
    HttpError.assert(lock.user === user, 'The lock is of another user.', 403);
    return describe(this.locks.refresh(lock, readTimeout(req.headers.get('timeout'))), 200, {});
  }
}

function readLockRequest(
  req: Request,
  user: User,
  { path, namesCollection }: ParsedPath,
  resource: Resource | undefined,
  content: string,
): LockRequest {
  const timeoutSeconds = readTimeout(req.headers.get('timeout'));
  const depth = readDepth(req, '0', 'infinity');
  HttpError.assert(resource?.isCollection || !namesCollection, 'No collection is there.', 409);
  const href = path.href(resource?.isCollection ?? false);
  return { path, href, depth, timeoutSeconds, user: user.name, ...parseLockInfo(content) };
}

function describe(lock: HeldLock, status: number, headers: Readonly<Record<string, string>>): Reply {
  const discovery = `<D:lockdiscovery>${activeLocks([lock])}</D:lockdiscovery>`;
  const content = `${XML_HEAD}<D:prop xmlns:D="DAV:">${discovery}</D:prop>\n`;
  return new Reply(status, content, { ...headers, 'Content-Type': XML_TYPE });
}

/** 423, or 207 where what stands in the way is below (RFC 4918 §9.10.3). */
function refuse({ path, href }: LockRequest, conflicts: readonly HeldLock[]): Reply {
  const isBelow = conflicts.every((lock) => path.contains(lock.path));
  const hrefs = [...new Set(conflicts.map((lock) => lock.href))];
  if (!isBelow) throw new DavError('Another lock is on it.', 423, 'no-conflicting-lock', hrefs);
  return multistatus([...hrefs.map((each) => ({ href: each, status: 423 })), { href, status: 424 }]);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
