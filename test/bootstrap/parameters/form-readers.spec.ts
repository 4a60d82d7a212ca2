import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { FormPart, Middleware } from '../../../src/index.js';
import {
  Body,
  Controller,
  createApp,
  explainSteps,
  File,
  Files,
  From,
  HttpError,
  MaxBodySize,
  Multipart,
  Parts,
  Post,
  Put,
  Query,
  type Request,
  type Resolver,
  Timeout,
  UploadedFile,
  Use,
} from '../../../src/index.js';
import { FORM_TYPE, field, file, formOf, type Part } from '../../support/form.js';
import { eventually } from '../../support/served.js';
import { wire, wireTcp } from '../wired.js';

const Album = z.object({
  title: z.string().min(1),
  year: z.coerce.number().optional(),
  tag: z.array(z.string()).optional(),
});

const textOf = async (file: UploadedFile | undefined) => file && `${file.filename}=${await file.text()}`;
const textsOf = (files: readonly UploadedFile[] = []) => Promise.all(files.map(textOf));

@Controller()
class Uploads {
  @Post('/file') one(@File('a') a: UploadedFile) {
    return textOf(a);
  }
  @Post('/optional') async optional(@File('a?') a?: UploadedFile) {
    return (await textOf(a)) ?? 'none';
  }
  @Post('/files') many(@Files('a') a: UploadedFile[]) {
    return textsOf(a);
  }
  @Post('/files-optional') async manyOptional(@Files('a?') a: UploadedFile[] = []) {
    return textsOf(a);
  }
  @Post('/all') all(@Files() all: UploadedFile[]) {
    return textsOf(all);
  }
  @Post('/album') async album(@Body(Album) album: z.infer<typeof Album>, @File('cover') cover: UploadedFile) {
    return { ...album, cover: await textOf(cover) };
  }
  @Post('/cover-first') async coverFirst(@File('cover?') cover: UploadedFile | undefined, @Body() fields: unknown) {
    return { ...(fields as object), cover: await textOf(cover) };
  }
  @Post('/query') async query(@Query('q') q: number, @File('a') a: UploadedFile) {
    return `${q} ${await textOf(a)}`;
  }
  @Post('/parts') async parts(@Parts() parts: AsyncIterable<FormPart>) {
    const found: unknown[] = [];
    for await (const part of parts) found.push(part.kind === 'field' ? part.value : await part.text());
    return found;
  }
  @Post('/parts-unread') partsUnread(@Parts() _parts: AsyncIterable<FormPart>) {
    return 'unread';
  }
  @Post('/small') @MaxBodySize(200) small(@Files() all: UploadedFile[]) {
    return all.length;
  }
}

const post = (url: string, ...parts: readonly Part[]) => {
  const [name, value] = FORM_TYPE.split(': ') as [string, string];
  return { method: 'POST', url, headers: { [name]: value }, body: Buffer.from(formOf(...parts), 'latin1') };
};

/** Status and content of the answer to a form. */
async function answer(url: string, ...parts: readonly Part[]): Promise<[number, unknown]> {
  const { send, log } = wire([Uploads]);
  const res = await send(post(url, ...parts));
  const text = await res.text();
  expect(log).toEqual([]);
  return [res.status, res.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text];
}

const A = file('a', 'a.txt', 'one');
const B = file('a', 'b.txt', 'two');
const COVER = file('cover', 'c.png', 'png');

describe('a form with files', () => {
  it.each<[string, Part[], unknown]>([
    ['/file', [A], 'a.txt=one'],
    ['/file', [COVER, A], 'a.txt=one'],
    ['/optional', [A], 'a.txt=one'],
    ['/optional', [COVER], 'none'],
    ['/optional', [file('a', '', '')], 'none'],
    ['/files', [A, COVER, B], ['a.txt=one', 'b.txt=two']],
    ['/files-optional', [A], ['a.txt=one']],
    ['/files-optional', [], []],
    ['/all', [A, COVER, B], ['a.txt=one', 'c.png=png', 'b.txt=two']],
    ['/all', [], []],
    ['/album', [field('title', 't'), COVER], { title: 't', cover: 'c.png=png' }],
    [
      '/album',
      [COVER, field('title', 't'), field('year', '1984'), field('tag', 'x'), field('tag', 'y')],
      { title: 't', year: 1984, tag: ['x', 'y'], cover: 'c.png=png' },
    ],
    ['/cover-first', [field('a', '1'), COVER], { a: '1', cover: 'c.png=png' }],
    ['/cover-first', [], {}],
    ['/query?q=1', [A], '1 a.txt=one'],
    ['/parts', [A, field('x', 'y')], ['one', 'y']],
    ['/parts-unread', [A], 'unread'],
  ])('is what the parameters of %s are given: %#', async (url, parts, expected) => {
    expect(await answer(url, ...parts)).toEqual([200, expected]);
  });

  const issue = (name: string, detail: string) => ({
    errors: [{ in: 'body', name, detail }],
    detail: `body "${name}": ${detail}`,
  });

  it.each<[string, Part[], number, object]>([
    ['/file', [], 400, issue('a', 'is missing')],
    ['/file', [field('a', 'text')], 400, issue('a', 'is missing')],
    ['/file', [file('a', '', '')], 400, issue('a', 'is missing')],
    ['/file', [A, B], 400, issue('a', 'is given more than once')],
    ['/optional', [A, B], 400, issue('a', 'is given more than once')],
    ['/files', [COVER], 400, issue('a', 'is missing')],
    ['/album', [field('title', 't')], 400, issue('cover', 'is missing')],
    [
      '/album',
      [field('title', ''), COVER],
      422,
      { errors: [{ in: 'body', pointer: '/title', detail: expect.any(String) }] },
    ],
    [
      '/album',
      [field('title', 't'), field('year', 'x'), COVER],
      422,
      { errors: [{ in: 'body', pointer: '/year', detail: expect.any(String) }] },
    ],
    ['/query?q=x', [], 400, { errors: [{ in: 'query', name: 'q', detail: 'must be a finite decimal number' }] }],
    [
      '/small',
      [file('a', 'a', 'x'.repeat(200))],
      413,
      { detail: 'The content is larger than the 200 bytes accepted here.' },
    ],
    ['/parts', [['', 'x']], 400, { detail: 'A part of the form has no name.' }],
  ])('is refused by the parameters of %s: %#', async (url, parts, status, members) => {
    expect(await answer(url, ...parts)).toEqual([status, expect.objectContaining(members)]);
  });

  it('has fields of any name', async () => {
    const [status, fields] = await answer('/cover-first', field('__proto__', '1'), field('constructor', '2'));
    expect(status).toBe(200);
    expect(JSON.stringify(fields)).toBe('{"__proto__":"1","constructor":"2"}');
  });

  it.each(['/file', '/optional', '/album', '/parts'])('of another type is 415 at %s', async (url) => {
    const { send } = wire([Uploads]);
    const res = await send({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body: '{}' });
    expect([res.status, res.headers.get('accept-post')]).toEqual([415, 'multipart/form-data']);
  });

  it('is empty where there is no content', async () => {
    const { send } = wire([Uploads]);
    expect(await (await send({ method: 'POST', url: '/optional' })).text()).toBe('none');
    expect(await (await send({ method: 'POST', url: '/all' })).json()).toEqual([]);
    expect((await send({ method: 'POST', url: '/file' })).status).toBe(400);
  });

  it('is read after middleware and after the resolvers that come before', async () => {
    const order: string[] = [];
    const guard: Middleware = async (req, res, next) => {
      order.push(`middleware ${req.hasContent}`);
      await next(req, res);
    };
    class Forbids implements Resolver<never> {
      resolve(): never {
        order.push('resolver');
        throw new HttpError('No.', 403);
      }
    }
    @Controller()
    class Guarded {
      @Post() @Use(guard) upload(@From(Forbids) _user: never, @File('a') _a: UploadedFile) {
        order.push('handler');
      }
    }
    const { connect } = await wireTcp([Guarded]);
    // The content never comes: whoever read it would wait.
    const client = (await connect()).send(`POST / HTTP/1.1\r\nHost: h\r\n${FORM_TYPE}\r\nContent-Length: 1000\r\n\r\n`);
    expect(await client.response()).toMatch(/^HTTP\/1.1 403 /);
    expect(order).toEqual(['middleware true', 'resolver']);
  });

  it('is the same for a resolver and for a parameter', async () => {
    class FirstFile implements Resolver<string> {
      async resolve(req: Request) {
        return (await req.multipart()).files[0]?.filename ?? '';
      }
    }
    @Controller()
    class Both {
      @Post() upload(@From(FirstFile) first: string, @File('a') a: UploadedFile) {
        return `${first} ${a.filename}`;
      }
    }
    expect(await (await wire([Both]).send(post('/', A))).text()).toBe('a.txt a.txt');
  });
});

describe('@Multipart', () => {
  const directory = () => {
    const path = mkdtempSync(join(tmpdir(), 'test-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  };

  it('has the files of a method on disk, until it has answered', async () => {
    const kept = directory();
    @Controller()
    class Disk {
      @Post() @Multipart({ store: 'disk', directory: kept }) upload(@Files() all: UploadedFile[]) {
        return all.map(({ path = '' }) => path.startsWith(kept));
      }
      @Put() @Multipart({ store: 'disk', directory: kept }) fails(@Files() _all: UploadedFile[]) {
        throw new HttpError('No.', 409);
      }
    }
    const { send } = wire([Disk]);
    expect(await (await send(post('/', A, B))).json()).toEqual([true, true]);
    await eventually(() => readdirSync(kept).length === 0, 'the files are gone');
    expect((await send({ ...post('/', A, B), method: 'PUT' })).status).toBe(409);
    await eventually(() => readdirSync(kept).length === 0, 'the files are gone');
  });

  it('leaves nothing behind where the time of a method is up while its form arrives', async () => {
    const kept = directory();
    @Controller()
    class Late {
      @Post() @Timeout(50) @Multipart({ store: 'disk', directory: kept }) upload(@Files() _all: UploadedFile[]) {}
    }
    const { connect } = await wireTcp([Late]);
    const form = formOf(A, file('b', 'b', 'x'.repeat(500_000)));
    const head = `POST / HTTP/1.1\r\nHost: h\r\n${FORM_TYPE}\r\nContent-Length: ${form.length}\r\n\r\n`;
    const client = (await connect()).send(head + form.slice(0, 400_000));
    expect(await client.response()).toMatch(/^HTTP\/1.1 503 /);
    await eventually(() => readdirSync(kept).length === 0, 'the files are gone');
  });

  it('never writes a file that no parameter asks for', async () => {
    const kept = directory();
    @Controller()
    class Disk {
      @Post() @Multipart({ store: 'disk', directory: kept }) upload(@File('cover?') _cover?: UploadedFile) {
        return readdirSync(kept).length;
      }
    }
    expect(await (await wire([Disk]).send(post('/', A, B))).text()).toBe('0');
  });

  it('limits methods and classes, the closest option by option', async () => {
    @Controller()
    @Multipart({ maxFiles: 1, maxFieldSize: 2 })
    class Limited {
      @Post('/class') byClass(@Files() all: UploadedFile[]) {
        return all.length;
      }
      @Post('/method') @Multipart({ maxFiles: 2 }) byMethod(@Files() all: UploadedFile[]) {
        return all.length;
      }
      @Post('/parts') @Multipart({ maxFiles: 0 }) async byPart(@Parts() parts: AsyncIterable<FormPart>) {
        for await (const part of parts) expect(part.kind).toBe('field');
      }
    }
    const limitAt = async (url: string, ...parts: Part[]) => {
      const res = await wire([Limited]).send(post(url, ...parts));
      return res.status === 413 ? ((await res.json()) as { limit: string }).limit : res.status;
    };
    expect(await limitAt('/class', A)).toBe(200);
    expect(await limitAt('/class', A, B)).toBe('maxFiles');
    expect(await limitAt('/method', A, B)).toBe(200);
    expect(await limitAt('/method', A, B, COVER)).toBe('maxFiles');
    expect(await limitAt('/method', field('a', 'abc'))).toBe('maxFieldSize');
    expect(await limitAt('/parts', field('a', 'ab'))).toBe(204);
    expect(await limitAt('/parts', A)).toBe('maxFiles');
  });

  it('is told by what explains a request', async () => {
    @Controller()
    class Explained {
      @Post('/a') @Multipart({ store: 'disk', maxFileSize: 1000 }) a(@File('a?') _a?: UploadedFile) {}
      @Post('/b') b(@Parts() _parts: AsyncIterable<FormPart>) {}
    }
    const app = await createApp({ controllers: [Explained] });
    const told = (request: string) =>
      explainSteps(app, request).flatMap(({ kind, what }) => (/form|@/.test(what) && kind !== 'route' ? [what] : []));
    expect(told('POST /a')).toEqual([
      'form to temporary files: maxFiles 10, maxFields 100, maxParts 100, maxFileSize 1000 bytes, maxFieldSize 65536 bytes, maxNameSize 255 bytes, maxPartHeadSize 4096 bytes',
      '@File("a?"), or nothing',
    ]);
    expect(told('POST /b')).toEqual([
      'form as it arrives: maxFiles 10, maxFields 100, maxParts 100, maxFileSize none, maxFieldSize 65536 bytes, maxNameSize 255 bytes, maxPartHeadSize 4096 bytes',
      '@Parts()',
    ]);
  });
});
