import { Controller, Copy, Doc, From, HttpError, Move, Reply, Req, type Request } from 'luminaire';
import type { User } from '../auth/accounts.js';
import { CHANGE_REFUSED, inXml } from './answers.js';
import { readDepth } from './depth.js';
import { Gate } from './gate.js';
import { Locks } from './locks.js';
import { multistatus } from './multistatus.js';
import { MOUNT, type ParsedPath, type ResourcePath } from './path.js';
import { readDestination } from './resource-url.js';
import { SignedIn } from './signed-in.js';
import { type Resource, Store } from './store.js';
import { Target } from './target.js';
import { Turns } from './turns.js';

/** Copies and moves resources within this server. */
@Controller(MOUNT)
@Doc({
  responses: {
    ...CHANGE_REFUSED,
    201: 'Nothing was at the Destination.',
    204: 'What was at the Destination is replaced.',
    502: 'The Destination is on another host.',
  },
})
export class CopyMoveController {
  constructor(
    private readonly store: Store,
    private readonly locks: Locks,
    private readonly gate: Gate,
    private readonly turns: Turns,
  ) {}

  /** The copy appears at its destination as a whole, in one step. Locks are not copied (RFC 4918 §7.6). */
  @Copy()
  @Copy('/*path')
  @Doc({ responses: { 207: inXml('What could not be copied.') } })
  async copy(@From(SignedIn) user: User, @From(Target) target: ParsedPath, @Req() req: Request): Promise<Reply> {
    const depth = readDepth(req, '0', 'infinity');
    const to = destinationOf(req, target.path);
    await this.#admit(req, user, target, to);
    const { staged, failures } = await this.store.stageCopy(target.path, depth === 'infinity');
    try {
      return await this.turns.run(async () => {
        const replaced = await this.#admit(req, user, target, to);
        await this.store.place(staged, to);
        for (const { path } of this.locks.below(to)) this.locks.releaseTree(path);
        if (failures.length === 0) return new Reply(replaced === undefined ? 201 : 204);
        return multistatus(
          failures.map(({ path, status }) => ({ href: path.rebase(target.path, to).href(false), status })),
        );
      });
    } finally {
      await this.store.discard(staged);
    }
  }

  /** Locks stay behind, and end: a lock is on a URL, and nothing is there any more (RFC 4918 §7.7). */
  @Move()
  @Move('/*path')
  move(@From(SignedIn) user: User, @From(Target) target: ParsedPath, @Req() req: Request): Promise<Reply> {
    const to = destinationOf(req, target.path);
    return this.turns.run(async () => {
      const replaced = await this.#admit(req, user, target, to);
      await this.store.move(target.path, to);
      this.locks.releaseTree(target.path);
      this.locks.releaseTree(to);
      return new Reply(replaced === undefined ? 201 : 204);
    });
  }

  /** Gives what would be replaced. */
  async #admit(
    req: Request,
    user: User,
    { path, namesCollection }: ParsedPath,
    to: ResourcePath,
  ): Promise<Resource | undefined> {
    const resource = await this.store.find(path);
    HttpError.assert(resource && (resource.isCollection || !namesCollection), 'Nothing is there.', 404);
    if (resource.isCollection && req.method === 'MOVE') readDepth(req, 'infinity');
    const keys = await this.gate.check(req, user.name, path, resource);
    const [replaced, parent] = await Promise.all([this.store.find(to), this.store.find(to.parent)]);
    HttpError.assert(parent?.isCollection, 'There is no collection at the Destination to take it.', 409);
    if (replaced !== undefined) HttpError.assert(overwrites(req), 'Something is at the Destination.', 412);
    if (req.method === 'MOVE') this.gate.refuseLockedTree(keys, path);
    this.gate.refuseLockedTree(keys, to);
    return replaced;
  }
}

/** @throws HttpError 403 where it is the source, in it or around it. */
function destinationOf(req: Request, path: ResourcePath): ResourcePath {
  const { path: to } = readDestination(req);
  HttpError.assert(!to.equals(path), 'The Destination is the source.', 403);
  HttpError.assert(!path.contains(to), 'The Destination is in the source.', 403);
  HttpError.assert(!to.contains(path), 'The Destination holds the source.', 403);
  return to;
}

/** RFC 4918 §10.6: it does, unless the client says otherwise. */
function overwrites(req: Request): boolean {
  const text = req.headers.get('overwrite')?.trim().toUpperCase() ?? 'T';
  HttpError.assert(text === 'T' || text === 'F', `Overwrite is T or F, got ${text}.`, 400);
  return text === 'T';
}
