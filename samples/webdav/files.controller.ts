import { Controller, Doc, From, Get, HttpError, MaxBodySize, Put, Reply, Req, type Request } from 'luminaire';
import type { User } from '../auth/accounts.js';
import { CHANGE_REFUSED, REFUSED } from './answers.js';
import { contentTypeOf, runsScripts } from './content-type.js';
import { isNotModified, isSameRange } from './entity-tag.js';
import { Gate } from './gate.js';
import { listingPage } from './listing.js';
import { MOUNT, type ParsedPath } from './path.js';
import { readRange } from './range.js';
import { SignedIn } from './signed-in.js';
import { type OpenContent, type Resource, Store } from './store.js';
import { Target } from './target.js';
import { Turns } from './turns.js';

/** Reads and writes the content of resources. */
@Controller(MOUNT)
export class FilesController {
  constructor(
    private readonly store: Store,
    private readonly gate: Gate,
    private readonly turns: Turns,
  ) {}

  @Get()
  @Get('/*path')
  @Doc({
    responses: {
      ...REFUSED,
      200: 'The content of a file, or a page that lists a collection.',
      206: 'The range that was asked for.',
      304: 'It is what the client has.',
      416: 'The range is beyond its end.',
    },
  })
  async get(@From(SignedIn) user: User, @From(Target) target: ParsedPath, @Req() req: Request): Promise<Reply> {
    const resource = await this.store.find(target.path);
    HttpError.assert(resource, 'Nothing is there.', 404);
    await this.gate.check(req, user.name, target.path, resource);
    if (resource.isCollection) return listingPage(target.path, this.store.members(target.path));
    const opened = target.namesCollection ? undefined : await this.store.open(target.path);
    HttpError.assert(opened, 'No collection is there.', 404);
    try {
      return await answerContent(req, opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  /** 201 where there was nothing, 204 where content was replaced, both once the new content is on disk under its name. */
  @Put()
  @Put('/*path')
  @Doc({
    responses: {
      ...CHANGE_REFUSED,
      201: 'Nothing was there.',
      204: 'What was there is replaced.',
      405: 'It is a collection.',
      415: 'The content is encoded.',
    },
  })
  @MaxBodySize(Number.POSITIVE_INFINITY)
  async put(@From(SignedIn) user: User, @From(Target) target: ParsedPath, @Req() req: Request): Promise<Reply> {
    refusePartial(req);
    await this.#admit(req, user, target);
    const staged = await this.store.stageContent(req.stream);
    try {
      return await this.turns.run(async () => {
        // Again: what took long to arrive arrives in another world.
        const replaced = await this.#admit(req, user, target);
        await this.store.place(staged, target.path);
        const { etag = '' } = (await this.store.find(target.path)) ?? {};
        return new Reply(replaced === undefined ? 201 : 204, undefined, { ETag: etag });
      });
    } finally {
      await this.store.discard(staged);
    }
  }

  async #admit(req: Request, user: User, { path, namesCollection }: ParsedPath): Promise<Resource | undefined> {
    const resource = await this.store.find(path);
    if (resource?.isCollection) throw new HttpError('It is a collection, which has no content to replace.', 405);
    HttpError.assert(!namesCollection, 'Only a collection has a URL that ends in a slash.', 409);
    const keys = await this.gate.check(req, user.name, path, resource);
    const parent = await this.store.find(path.parent);
    HttpError.assert(parent?.isCollection, 'There is no collection that it could be a member of.', 409);
    if (resource === undefined) this.gate.refuseLockedMember(keys, path);
    else this.gate.refuseLocked(keys, path);
    return resource;
  }
}

async function answerContent(req: Request, { resource, stream, close }: OpenContent): Promise<Reply> {
  const { size, etag, modified, path } = resource;
  const type = contentTypeOf(path.name);
  const headers = {
    ETag: etag,
    'Last-Modified': modified.toUTCString(),
    'Accept-Ranges': 'bytes',
    // Others may change it in the next moment.
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    // It came from anybody who may write: no script in it may act for who reads it.
    ...(runsScripts(type) ? { 'Content-Security-Policy': 'sandbox' } : {}),
  };
  if (isNotModified(req, resource)) {
    await close();
    return new Reply(304, undefined, headers);
  }
  const range = isSameRange(req, resource) ? readRange(req.headers.get('range'), size) : undefined;
  if (range === 'unsatisfiable') {
    throw new HttpError(`There are ${size} bytes.`, 416, { headers: { 'Content-Range': `bytes */${size}` } });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = end - start + 1;
  const fields = { ...headers, 'Content-Type': type, 'Content-Length': String(length) };
  if (length === 0 || req.method === 'HEAD') {
    await close();
    // To HEAD the length is that of a GET (RFC 9110 §9.3.2).
    return new Reply(200, length === 0 ? '' : undefined, fields);
  }
  if (range === undefined) return new Reply(200, stream(start, end), fields);
  return new Reply(206, stream(start, end), { ...fields, 'Content-Range': `bytes ${start}-${end}/${size}` });
}

/** A part stored as if it were all would destroy what is there (RFC 9110 §14.5); so would a coding that nobody undoes. */
function refusePartial({ headers }: Request): void {
  HttpError.assert(!headers.has('content-range'), 'PUT replaces all content: Content-Range is not accepted.', 400);
  const coding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  HttpError.assert(coding === 'identity', `Content is kept as it comes: ${coding} is not accepted.`, 415);
}
