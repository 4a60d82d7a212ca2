/** Answers 304 to who holds what would be sent (RFC 9110 §13). */

import { createRequire } from 'node:module';
import type etagPackage from 'etag';
import type { Middleware } from '../http/handler.js';
import { evaluatePreconditions, preconditionFailed } from '../http/preconditions.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import { checkNames, optionError } from './option-error.js';

/** Which validators answers are given. */
export interface ConditionalOptions {
  /**
   * What is made of content that is sent whole and has no ETag: a `weak` one, which stays true where the content is
   * compressed on its way; a `strong` one, of each byte; or none. Default `weak`.
   */
  readonly etag?: 'weak' | 'strong' | false;
}

/** What tells of content, and has no place where none is sent (RFC 9110 §15.4.5). */
const CONTENT_FIELDS = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-range',
  'content-disposition',
  'content-digest',
  'repr-digest',
  'trailer',
] as const;

/**
 * Evaluates the preconditions of GET and HEAD against the ETag and the Last-Modified of the answer, and makes an ETag
 * where content is sent whole: 304 without content where the client has it, 412 where If-Match fails. The handler runs
 * all the same: what this saves is the way. Handlers that change something call `checkPreconditions` themselves,
 * before they do. Put it inside of {@link compress}.
 *
 * @throws TypeError for an option that is malformed.
 */
export function conditional(options: ConditionalOptions = {}): Middleware {
  checkNames('conditional', options, ['etag']);
  const { etag = 'weak' } = options;
  if (etag !== 'weak' && etag !== 'strong' && etag !== false) {
    throw optionError('conditional: etag', '"weak", "strong" or false', etag);
  }
  // Loaded here: 2 ms that only who uses it pays.
  const etagOf = createRequire(import.meta.url)('etag') as typeof etagPackage;
  const settings: Settings = { etagOf, kind: etag };
  // Named for the route table and for errors.
  return function conditional(req, res, next) {
    if (req.method === 'GET' || req.method === 'HEAD') {
      res.onHead((one, content) => {
        // Only what would succeed has conditions (RFC 9110 §13.2.1); a part has been judged by who made it.
        if (one.status === 200) settle(settings, req, one, content);
      });
    }
    return next(req, res);
  };
}

interface Settings {
  readonly etagOf: typeof etagPackage;
  readonly kind: NonNullable<ConditionalOptions['etag']>;
}

function settle(settings: Settings, req: Request, res: Response, content: string | Uint8Array | undefined): void {
  const { etagOf, kind } = settings;
  if (kind !== false && content !== undefined && content.length > 0 && mayBeTagged(res)) {
    // Encoded content has other bytes than these.
    const weak = kind === 'weak' || res.getHeader('content-encoding') !== undefined;
    res.setHeader('ETag', etagOf(typeof content === 'string' ? content : bytesOf(content), { weak }));
  }
  const etag = res.getHeader('etag');
  const outcome = evaluatePreconditions(req, { etag, lastModified: res.getHeader('last-modified') });
  if (outcome === 'failed') throw preconditionFailed();
  if (outcome === 'proceed') return;
  res.setStatus(304);
  for (const name of CONTENT_FIELDS) res.removeHeader(name);
  // It guides a cache only where there is no tag.
  if (etag !== undefined) res.removeHeader('last-modified');
}

/** What nobody stores, nobody asks for again. */
function mayBeTagged(res: Response): boolean {
  return res.getHeader('etag') === undefined && !/\bno-store\b/i.test(res.getHeader('cache-control') ?? '');
}

function bytesOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
