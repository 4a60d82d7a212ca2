import { Controller, Doc, From, Options, Reply } from 'luminaire';
import { MOUNT, type ParsedPath } from './path.js';
import { Target } from './target.js';

/** What can be asked of a resource. */
const ALLOW = 'COPY, DELETE, GET, HEAD, LOCK, MKCOL, MOVE, OPTIONS, PROPFIND, PROPPATCH, PUT, UNLOCK';

const WEBDAV = {
  // RFC 4918 §18: locks, and all of this RFC rather than the one before.
  DAV: '1, 2, 3',
  // Without it Windows looks for FrontPage instead.
  'MS-Author-Via': 'DAV',
} as const;

/** Tells clients that WebDAV is spoken. They ask before they sign in, and Windows asks the root first. */
@Controller()
@Doc({
  responses: {
    200: {
      description: 'What can be done here.',
      headers: { Allow: 'The methods.', DAV: 'The parts of WebDAV (RFC 4918 §18).' },
    },
  },
})
export class OptionsController {
  @Options(MOUNT)
  @Options(`${MOUNT}/*path`)
  resource(@From(Target) _target: ParsedPath): Reply {
    return new Reply(200, undefined, { Allow: ALLOW, ...WEBDAV });
  }

  @Options('*')
  @Options('/')
  root(): Reply {
    return new Reply(200, undefined, { Allow: 'GET, HEAD, OPTIONS, PROPFIND', ...WEBDAV });
  }
}
