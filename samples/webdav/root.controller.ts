import { Controller, Doc, From, MaxBodySize, Propfind, type Reply, Req, type Request } from 'luminaire';
import type { User } from '../auth/accounts.js';
import { inXml, REFUSED, TOO_LONG } from './answers.js';
import { readDepth } from './depth.js';
import { multistatus } from './multistatus.js';
import { MOUNT, ResourcePath } from './path.js';
import { parsePropFind, pick } from './propfind.js';
import { SignedIn } from './signed-in.js';
import { type Resource, Store } from './store.js';
import { MAX_XML_BYTES } from './xml.js';
import { readXmlText } from './xml-request.js';

/**
 * Describes the root of the server as a collection whose one member is where resources are. Windows and GNOME ask for
 * it on the way to the path they were given, and give up without it.
 */
@Controller()
@MaxBodySize(MAX_XML_BYTES)
export class RootController {
  constructor(private readonly store: Store) {}

  @Propfind('/')
  @Doc({ responses: { 207: inXml('The properties, by resource.'), 400: REFUSED[400], 413: TOO_LONG } })
  async propfind(@From(SignedIn) _user: User, @Req() req: Request): Promise<Reply> {
    const depth = readDepth(req, '0', '1', 'infinity');
    const asked = parsePropFind(await readXmlText(req));
    const files = (await this.store.find(ResourcePath.root)) as Resource;
    const propstats = pick(asked, { resource: files, locks: [], space: undefined }, []);
    // As deep as this goes, there is nothing else.
    const hrefs = depth === '0' ? ['/'] : ['/', `${MOUNT}/`];
    return multistatus(hrefs.map((href) => ({ href, propstats })));
  }
}
