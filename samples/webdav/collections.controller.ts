import { Controller, Delete, Doc, From, HttpError, Mkcol, Reply, Req, type Request } from 'luminaire';
import type { User } from '../auth/accounts.js';
import { CHANGE_REFUSED, inXml } from './answers.js';
import { readDepth } from './depth.js';
import { Gate } from './gate.js';
import { multistatus } from './multistatus.js';
import { MOUNT, type ParsedPath } from './path.js';
import { Removal } from './removal.js';
import { SignedIn } from './signed-in.js';
import { Store } from './store.js';
import { Target } from './target.js';
import { Turns } from './turns.js';

/** Makes collections, and removes resources of both kinds. */
@Controller(MOUNT)
@Doc({ responses: CHANGE_REFUSED })
export class CollectionsController {
  constructor(
    private readonly store: Store,
    private readonly gate: Gate,
    private readonly turns: Turns,
    private readonly removal: Removal,
  ) {}

  @Mkcol()
  @Mkcol('/*path')
  @Doc({ responses: { 201: 'It is made.', 405: 'Something is there already.', 415: 'It has content.' } })
  makeCollection(@From(SignedIn) user: User, @From(Target) { path }: ParsedPath, @Req() req: Request): Promise<Reply> {
    // RFC 4918 §9.3: what the content would mean is not defined.
    HttpError.assert(!req.hasContent, 'MKCOL has no content.', 415);
    return this.turns.run(async () => {
      const resource = await this.store.find(path);
      HttpError.assert(resource === undefined, 'Something is there already.', 405);
      const keys = await this.gate.check(req, user.name, path, resource);
      const parent = await this.store.find(path.parent);
      HttpError.assert(parent?.isCollection, 'There is no collection that it could be a member of.', 409);
      this.gate.refuseLockedMember(keys, path);
      await this.store.makeCollection(path);
      return new Reply(201);
    });
  }

  /** 207 where something could not be removed: it is still there, and so are the collections that it is in. */
  @Delete()
  @Delete('/*path')
  @Doc({ responses: { 204: 'It is removed.', 207: inXml('What could not be removed.') } })
  delete(
    @From(SignedIn) user: User,
    @From(Target) { path, namesCollection }: ParsedPath,
    @Req() req: Request,
  ): Promise<Reply> {
    return this.turns.run(async () => {
      const resource = await this.store.find(path);
      HttpError.assert(resource && (resource.isCollection || !namesCollection), 'Nothing is there.', 404);
      HttpError.assert(!path.isRoot, 'What all is in cannot be removed.', 403);
      if (resource.isCollection) readDepth(req, 'infinity');
      const keys = await this.gate.check(req, user.name, path, resource);
      this.gate.refuseLockedMember(keys, path);
      const failures = await this.removal.remove(resource, keys);
      if (failures.length === 0) return new Reply(204);
      return multistatus(failures.map(({ path, status }) => ({ href: path.href(false), status })));
    });
  }
}
