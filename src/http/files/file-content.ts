/** Answers a request with one file. */

import { once } from 'node:events';
import type { ReadStream, Stats } from 'node:fs';
import { fstat } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { FileSendResult, SendOptions } from '@fastify/send';
import { acceptedCodings, CODINGS, type Coding } from '../accept-encoding.js';
import { HttpError } from '../http-error.js';
import { evaluatePreconditions, preconditionFailed, rangeApplies } from '../preconditions.js';
import type { Request } from '../request.js';
import type { Response } from '../response.js';
import { parseByteRange, UNSATISFIABLE } from './byte-range.js';
import { etagOf, typeOf } from './file-description.js';
import { isBelowRoot, isSameFile, isWithin, type SymbolicLinks } from './file-lookup.js';
import { loadSend } from './send-package.js';

/** How a file is found, and what is said of it. */
export interface FileOptions {
  /**
   * The folder that the path is relative to, and never leads out of: give one wherever a client has a say in the path.
   * Without it the path is trusted, and relative to the working directory.
   */
  readonly root?: string;
  /** Whether names below the root that start with a dot are served. Default false: nothing is there. */
  readonly dotFiles?: boolean;
  /** What becomes of symbolic links below the root. Default `inside`: followed where they stay below it. */
  readonly symbolicLinks?: SymbolicLinks;
  /** How long a cache may use the file without asking again, in ms. Default 0: it asks each time, and gets 304. */
  readonly maxAge?: number;
  /** Whether the file never changes within `maxAge`, so that not even a reload asks. Default false. */
  readonly immutable?: boolean;
  /** The whole Cache-Control field, in place of `maxAge` and `immutable`; false for none. */
  readonly cacheControl?: string | false;
  /**
   * Whether `name.br`, `name.zst` and `name.gz` beside the file are sent to who takes that coding; or which of them, the
   * best first. Default false.
   */
  readonly precompressed?: boolean | readonly Coding[];
  /** The Content-Type. Default: by the ending of the name, `application/octet-stream` where that says nothing. */
  readonly type?: string;
}

/** What was found at a path. */
export type FileAnswer = 'sent' | 'directory' | 'missing';

/** What the siblings of a file end in. */
const ENDINGS: Readonly<Record<Coding, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' };

/**
 * Bytes read at a time. Each read makes a buffer, and V8 lets dead ones add up to 32 MiB before it collects: with 64 KiB a
 * download of 2 GiB held 37 to 47 MiB, with these 20 to 27, at 2.6 s of CPU a GiB in place of 1.3 (Node 20).
 */
const READ_SIZE = 16_384;

/** How many times a file is looked for that is replaced while it is being opened. */
const MAX_ATTEMPTS = 3;

/**
 * Sends the file at `path`, a path of the file system that is not percent-encoded: all of it, the range asked for, or
 * 304 where the client has it. ETag, Last-Modified, Cache-Control and Content-Type that were set before stay. Resolves
 * when it is sent or the client has left; the file is closed by then.
 *
 * @throws HttpError 404 where no such file may be served, 403 where the process may not read it, 412 where a
 * precondition fails, 416 where the range is beyond the end.
 */
export async function sendFile(req: Request, res: Response, path: string, options: FileOptions = {}): Promise<void> {
  if ((await answerWithFile(req, res, path, options)) !== 'sent') throw new HttpError('No such file is here.', 404);
}

/** As {@link sendFile}, but where there is no file it tells so, and leaves the response as it was. */
export async function answerWithFile(
  req: Request,
  res: Response,
  path: string,
  options: FileOptions,
): Promise<FileAnswer> {
  const place = placeOf(path, options);
  if (place === undefined) return 'missing';
  if (place.name === '') return 'directory';
  const offered = offeredCodings(options.precompressed);
  for (const coding of candidates(req, offered)) {
    const answer = await new FileExchange(req, res, place, options, coding).answer(offered.length > 0);
    if (answer !== 'missing') return answer;
  }
  return 'missing';
}

/** Where a file is looked for. */
interface Place {
  readonly root: string;
  /** Relative to the root. */
  readonly name: string;
  readonly links: SymbolicLinks;
}

function placeOf(path: string, { root, dotFiles = false, symbolicLinks = 'inside' }: FileOptions): Place | undefined {
  if (root === undefined) {
    const absolute = resolve(path);
    return { root: dirname(absolute), name: basename(absolute), links: 'follow' };
  }
  return isBelowRoot(path, dotFiles) ? { root: resolve(root), name: path, links: symbolicLinks } : undefined;
}

function offeredCodings(precompressed: FileOptions['precompressed'] = false): readonly Coding[] {
  return precompressed === true ? CODINGS : precompressed || [];
}

/** The codings to look for, the best first. The file itself is always the last: it is better than nothing. */
function candidates(req: Request, offered: readonly Coding[]): readonly (Coding | undefined)[] {
  if (offered.length === 0) return [undefined];
  const accepted = acceptedCodings(req.headers.get('accept-encoding'), offered);
  const before = accepted.indexOf('identity');
  const codings = (before === -1 ? accepted : accepted.slice(0, before)) as Coding[];
  return [...codings, undefined];
}

/** One look at one file, for one answer. */
class FileExchange {
  readonly #req: Request;
  readonly #res: Response;
  readonly #place: Place;
  readonly #options: FileOptions;
  readonly #coding: Coding | undefined;
  /** Whether the file is what was asked for. With a status of its own it is the content of an error, say. */
  readonly #isPlain: boolean;
  #etag = '';
  #isFresh = false;

  constructor(req: Request, res: Response, place: Place, options: FileOptions, coding: Coding | undefined) {
    this.#req = req;
    this.#res = res;
    this.#place = place;
    this.#options = options;
    this.#coding = coding;
    this.#isPlain = res.status === 200 && (req.method === 'GET' || req.method === 'HEAD');
  }

  async answer(varies: boolean): Promise<FileAnswer> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await this.#find();
      if (typeof found === 'string') return found;
      const content = await openedContent(found, this.#req.method !== 'HEAD' && !this.#isFresh);
      if (content === 'replaced') continue;
      this.#writeFields(found, varies);
      if (content !== undefined) await this.#res.stream(content);
      else this.#res.send();
      return 'sent';
    }
    throw new Error(`${this.#place.name} was replaced ${MAX_ATTEMPTS} times while it was being opened`);
  }

  async #find(): Promise<FileSendResult | 'directory' | 'missing'> {
    const { root, name } = this.#place;
    const { maxAge = 0, immutable = false, cacheControl } = this.#options;
    const options: SendOptions = {
      root,
      // Decided already, for the whole path.
      dotfiles: 'allow',
      index: false,
      cacheControl: cacheControl === undefined,
      maxAge,
      immutable,
      contentType: false,
      etag: false,
      highWaterMark: READ_SIZE,
    };
    // What @fastify/send is to know of the request: conditions and ranges are decided here.
    const asked = { method: this.#req.method, headers: {} as { range?: string } };
    const onFile = async (path: string, found: Stats) => {
      if (!found.isFile() || !(await isWithin(root, path, found, this.#place.links))) throw new NotServed();
      this.#look(found, asked);
    };
    try {
      // It decodes what it is given.
      const encoded = encodeURI(`/${name}${this.#coding === undefined ? '' : ENDINGS[this.#coding]}`);
      const result = await loadSend()(asked as unknown as ReadStream, encoded, { ...options, onFile });
      if (result.type === 'file') return result;
      result.stream.destroy();
      if (result.type === 'directory') return this.#coding === undefined ? 'directory' : 'missing';
      return missingOr(result.metadata.error);
    } catch (error) {
      // No name has half a surrogate pair in it.
      if (error instanceof NotServed || error instanceof URIError) return 'missing';
      return missingOr(error);
    }
  }

  /** Decides by the state of the file what is asked of it. */
  #look(found: Stats, asked: { method: string; headers: { range?: string } }): void {
    this.#etag = this.#res.getHeader('etag') ?? etagOf(found, this.#coding);
    this.#isFresh = false;
    if (!this.#isPlain) return;
    const req = this.#req;
    const current = { etag: this.#etag, lastModified: this.#res.getHeader('last-modified') ?? found.mtime };
    const outcome = evaluatePreconditions(req, current);
    if (outcome === 'failed') throw preconditionFailed();
    this.#isFresh = outcome === 'not-modified';
    // Then no stream is opened.
    if (this.#isFresh) asked.method = 'HEAD';
    else if (rangeApplies(req, current)) {
      const range = parseByteRange(req.headers.get('range') ?? '', found.size);
      if (range === UNSATISFIABLE) throw rangeNotSatisfiable(found.size);
      if (range !== undefined) asked.headers.range = `bytes=${range.start}-${range.end}`;
    }
  }

  #writeFields({ statusCode, headers }: FileSendResult, varies: boolean): void {
    const res = this.#res;
    const { cacheControl, type } = this.#options;
    const setDefault = (name: string, value: string) => {
      if (res.getHeader(name) === undefined) res.setHeader(name, value);
    };
    if (varies) res.vary('Accept-Encoding');
    setDefault('ETag', this.#etag);
    const caching = cacheControl ?? headers['Cache-Control'];
    if (caching !== undefined && caching !== false) setDefault('Cache-Control', caching);
    if (this.#isFresh) {
      res.setStatus(304);
      return;
    }
    if (statusCode === 206) res.setStatus(206);
    if (this.#isPlain) setDefault('Accept-Ranges', 'bytes');
    if (headers['Content-Range'] !== undefined) res.setHeader('Content-Range', headers['Content-Range']);
    setDefault('Last-Modified', headers['Last-Modified'] as string);
    setDefault('Content-Type', type ?? typeOf(this.#place.name));
    if (this.#coding !== undefined) res.setHeader('Content-Encoding', this.#coding);
    res.setContentLength(Number(headers['Content-Length']));
  }
}

/** Thrown where what a path leads to is not to be served. */
class NotServed extends Error {}

/**
 * The stream of a file that was found, once it is open: what is told of it in the head is told of the file that is read.
 * Undefined where it `isNeeded` for nothing.
 */
async function openedContent(
  { stream, metadata }: FileSendResult,
  isNeeded: boolean,
): Promise<ReadStream | 'replaced' | undefined> {
  if (!isNeeded) {
    stream.destroy();
    return undefined;
  }
  try {
    const [descriptor] = (await once(stream, 'open')) as [number];
    if (isSameFile(metadata.stat, await promisify(fstat)(descriptor))) return stream as ReadStream;
  } catch (error) {
    stream.destroy();
    if (codeOf(error) === 'ENOENT') return 'replaced';
    throw forbiddenOr(error);
  }
  stream.destroy();
  return 'replaced';
}

function rangeNotSatisfiable(size: number): HttpError {
  return new HttpError(`There are ${size} bytes of this.`, 416, { headers: { 'Content-Range': `bytes */${size}` } });
}

/** Nothing is there, or it cannot be told; then it is thrown why. */
function missingOr(error: unknown): 'missing' {
  const { status } = error as { status?: unknown };
  if (status === 404 || status === 403 || status === 400) return 'missing';
  if (MISSING.includes(codeOf(error))) return 'missing';
  throw forbiddenOr(error);
}

const MISSING: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'];

function forbiddenOr(error: unknown): unknown {
  const code = codeOf(error);
  if (code !== 'EACCES' && code !== 'EPERM') return error;
  return new HttpError('The server may not read this.', 403, { cause: error });
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
