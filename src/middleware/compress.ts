/** Compresses the content of answers. */

import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import type compressiblePackage from 'compressible';
import { acceptedCodings, CODINGS, type Coding } from '../http/accept-encoding.js';
import type { Middleware } from '../http/handler.js';
import { parseEntityTags } from '../http/preconditions.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import { type CoderMaker, type Coders, DEFAULT_LEVELS, loadCoders, MAX_LEVELS } from './content-coders.js';
import { checkNames, checkWhole, optionError } from './option-error.js';

/** What is compressed, and how hard. */
export interface CompressOptions {
  /** Content that is known to be smaller is sent as it is, in bytes. Default 1024: less saves no packet. */
  readonly threshold?: number;
  /** The codings to choose from, the preferred first. Default `br`, `zstd` where Node has it (22.15), `gzip`. */
  readonly codings?: readonly Coding[];
  /** How hard each coding tries. Default br 4, zstd 3, gzip 6. */
  readonly levels?: Readonly<Partial<Record<Coding, number>>>;
  /** Which types are worth it, by their Content-Type. Default: those that the package `compressible` knows. */
  readonly types?: (type: string) => boolean;
}

interface Settings {
  readonly coders: Coders;
  readonly threshold: number;
  readonly codings: readonly Coding[];
  readonly levels: Readonly<Record<Coding, number>>;
  readonly isWorthIt: (type: string) => boolean;
}

/** What says that the content is a part, encoded already, or known byte by byte: it must stay as it is. */
const FIXED_BY = ['content-encoding', 'content-range', 'content-digest', 'repr-digest'] as const;
/** A digest that follows the content says as much, where the head announces it. */
const DIGEST_FOLLOWS = /(?:^|[\s,])(?:content|repr)-digest(?:[\s,]|$)/i;
const NO_TRANSFORM = /(?:^|[\s,])no-transform(?:[\s,]|$)/i;
/** Each event is for now, and small: what the client waits for would wait for the next. */
const EVENT_STREAM = /^text\/event-stream\b/i;

/**
 * Compresses content where the client takes it (RFC 9110 §12.5.3), the type is worth it and it is not small. What
 * is streamed is handed on as it comes. Put it outside of {@link conditional}, and of whatever else makes content.
 *
 * @throws TypeError for an option that is malformed.
 */
export function compress(options: CompressOptions = {}): Middleware {
  const settings = readOptions(options);
  // Named for the route table and for errors.
  return function compress(req, res, next) {
    res.onHead((one, content) => decide(settings, req, one, content));
    return next(req, res);
  };
}

/** Decides just before the head leaves, when all else is settled. */
function decide(settings: Settings, req: Request, res: Response, content: string | Uint8Array | undefined): void {
  if (res.status === 304) {
    res.vary('Accept-Encoding');
    nameWhatIsHeld(req, res);
    return;
  }
  const type = res.getHeader('content-type') ?? '';
  if (!mayBeEncoded(req, res) || EVENT_STREAM.test(type)) return;
  const isWorthIt = settings.isWorthIt(type);
  const isFixed =
    FIXED_BY.some((name) => res.getHeader(name) !== undefined) || DIGEST_FOLLOWS.test(res.getHeader('trailer') ?? '');
  if (isFixed) {
    // Without its range it might have been encoded.
    if (res.status === 206 && isWorthIt) res.vary('Accept-Encoding');
    return;
  }
  const size = sizeOf(res, content);
  if (size === 0) return;
  const isLarge = size === undefined || size >= settings.threshold;
  const accepted = acceptedCodings(req.headers.get('accept-encoding'), settings.codings);
  const isForced = !accepted.includes('identity');
  if (!(isWorthIt && isLarge) && !isForced) return;
  res.vary('Accept-Encoding');
  const [coding = 'identity'] = accepted;
  if (coding !== 'identity') encode(settings, coding, size, req, res);
}

/** Tunnels and switched protocols carry no content; nor may any be changed where it says so (RFC 9111 §5.2.2.6). */
function mayBeEncoded(req: Request, res: Response): boolean {
  const { status } = res;
  if (req.method === 'CONNECT' || status < 200 || status === 204 || status === 205) return false;
  return !NO_TRANSFORM.test(res.getHeader('cache-control') ?? '');
}

/** In bytes, where it is known. */
function sizeOf(res: Response, content: string | Uint8Array | undefined): number | undefined {
  const declared = res.getHeader('content-length');
  if (declared !== undefined) return Number(declared);
  return typeof content === 'string' ? Buffer.byteLength(content) : content?.length;
}

function encode(settings: Settings, coding: Coding, size: number | undefined, req: Request, res: Response): void {
  const { coders, levels } = settings;
  res.setHeader('Content-Encoding', coding);
  // A range would be one of other bytes.
  res.removeHeader('Accept-Ranges');
  // These bytes are not those that the tag was made for (RFC 9110 §8.8.1).
  const etag = res.getHeader('etag');
  if (etag !== undefined && !etag.startsWith('W/')) res.setHeader('ETag', `W/${etag}`);
  // HEAD needs but the head of what GET would get.
  res.encode(req.method === 'HEAD' ? new PassThrough() : (coders[coding] as CoderMaker)(levels[coding], size));
}

/** A 304 has the tag of what the client holds: the weak one, where that was compressed (RFC 9111 §4.3.4). */
function nameWhatIsHeld(req: Request, res: Response): void {
  const etag = res.getHeader('etag');
  const held = req.headers.get('if-none-match');
  if (etag === undefined || held === undefined || etag.startsWith('W/')) return;
  const tags = parseEntityTags(held) ?? [];
  if (!tags.includes(etag) && tags.includes(`W/${etag}`)) res.setHeader('ETag', `W/${etag}`);
}

function readOptions(options: CompressOptions): Settings {
  checkNames('compress', options, ['threshold', 'codings', 'levels', 'types']);
  const coders = loadCoders();
  const made = CODINGS.filter((coding) => coders[coding] !== undefined);
  const { threshold = 1024, codings = made, levels = {}, types } = options;
  checkWhole('compress: threshold', threshold, 0);
  if (!Array.isArray(codings) || codings.length === 0 || !codings.every((one) => made.includes(one))) {
    throw optionError('compress: codings', `a list of ${made.join(', ')}`, codings);
  }
  checkNames('compress: levels', levels, Object.keys(MAX_LEVELS));
  for (const [coding, level] of Object.entries(levels)) {
    checkWhole(`compress: levels.${coding}`, level, 0, MAX_LEVELS[coding as Coding]);
  }
  if (types !== undefined && typeof types !== 'function') throw optionError('compress: types', 'a function', types);
  return {
    coders,
    threshold,
    codings,
    levels: { ...DEFAULT_LEVELS, ...levels },
    isWorthIt: types ?? compressibleTypes(),
  };
}

/** The list of types takes 8 ms to load, which only an application pays that compresses. */
function compressibleTypes(): (type: string) => boolean {
  const compressible = createRequire(import.meta.url)('compressible') as typeof compressiblePackage;
  return (type) => compressible(type) === true;
}
