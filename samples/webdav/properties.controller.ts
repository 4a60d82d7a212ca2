import {
  Controller,
  Doc,
  From,
  HttpError,
  MaxBodySize,
  Propfind,
  Proppatch,
  type Reply,
  Req,
  type Request,
} from 'luminaire';
import type { User } from '../auth/accounts.js';
import { CHANGE_REFUSED, inXml, inXmlOrNot, REFUSED, TOO_LONG } from './answers.js';
import { DavError } from './dav-error.js';
import { readDepth } from './depth.js';
import { Gate } from './gate.js';
import { needsSpace } from './live-properties.js';
import { Locks } from './locks.js';
import { multistatus, type ResourceStatus } from './multistatus.js';
import { MOUNT, type ParsedPath } from './path.js';
import { type PropFind, parsePropFind, pick } from './propfind.js';
import { applyChanges, parsePropertyUpdate } from './proppatch.js';
import { SignedIn } from './signed-in.js';
import { type Resource, type Space, Store } from './store.js';
import { Target } from './target.js';
import { Turns } from './turns.js';
import { MAX_XML_BYTES } from './xml.js';
import { readXmlText } from './xml-request.js';

/** Reads and changes the properties of resources. */
@Controller(MOUNT)
@Doc({ responses: { ...REFUSED, 207: inXml('The properties, by resource.'), 413: TOO_LONG } })
@MaxBodySize(MAX_XML_BYTES)
export class PropertiesController {
  constructor(
    private readonly store: Store,
    private readonly locks: Locks,
    private readonly gate: Gate,
    private readonly turns: Turns,
  ) {}

  /** Infinite depth is refused: one such request would read all there is (RFC 4918 §9.1, §20.1). */
  @Propfind()
  @Propfind('/*path')
  @Doc({ responses: { 403: inXmlOrNot('The server does not do this here, at an infinite Depth above all.') } })
  async propfind(@From(SignedIn) user: User, @From(Target) target: ParsedPath, @Req() req: Request): Promise<Reply> {
    const { path, namesCollection } = target;
    const depth = readDepth(req, '0', '1', 'infinity');
    const asked = parsePropFind(await readXmlText(req));
    const resource = await this.store.find(path);
    HttpError.assert(resource && (resource.isCollection || !namesCollection), 'Nothing is there.', 404);
    if (depth === 'infinity' && resource.isCollection) {
      throw new DavError('The Depth of a PROPFIND is 0 or 1 here.', 403, 'propfind-finite-depth');
    }
    await this.gate.check(req, user.name, path, resource);
    // RFC 4918 §5.2: hrefs may be relative to the URL with the slash, which the client did not use.
    const headers = resource.isCollection && !namesCollection ? { 'Content-Location': path.href(true) } : {};
    return multistatus(this.#describe(resource, depth === '1', asked), headers);
  }

  @Proppatch()
  @Proppatch('/*path')
  @Doc({ responses: CHANGE_REFUSED })
  async proppatch(@From(SignedIn) user: User, @From(Target) target: ParsedPath, @Req() req: Request): Promise<Reply> {
    const { path, namesCollection } = target;
    const changes = parsePropertyUpdate(await readXmlText(req));
    return this.turns.run(async () => {
      const resource = await this.store.find(path);
      HttpError.assert(resource && (resource.isCollection || !namesCollection), 'Nothing is there.', 404);
      const keys = await this.gate.check(req, user.name, path, resource);
      this.gate.refuseLocked(keys, path);
      const { properties, propstats } = applyChanges(changes, await this.store.deadProperties(path));
      if (properties !== undefined) await this.store.setDeadProperties(path, properties);
      return multistatus([{ href: path.href(resource.isCollection), propstats }]);
    });
  }

  async *#describe(resource: Resource, isDeep: boolean, asked: PropFind): AsyncGenerator<ResourceStatus> {
    const asksSpace = asked.kind === 'propname' || asked.names.some(({ name }) => needsSpace(name));
    const space = asksSpace ? await this.store.space() : undefined;
    yield this.#describeOne(resource, asked, space);
    if (!isDeep || !resource.isCollection) return;
    for await (const member of this.store.members(resource.path)) yield await this.#describeOne(member, asked, space);
  }

  async #describeOne(resource: Resource, asked: PropFind, space: Space | undefined): Promise<ResourceStatus> {
    const { path, isCollection } = resource;
    const dead = await this.store.deadProperties(path);
    const propstats = pick(asked, { resource, locks: this.locks.covering(path), space }, dead);
    return { href: path.href(isCollection), propstats };
  }
}
