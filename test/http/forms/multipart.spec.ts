import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FilePart, FormPart } from '../../../src/http/forms/form-part.js';
import type { MultipartOptions } from '../../../src/http/forms/multipart-options.js';
import type { UploadedFile } from '../../../src/http/forms/uploaded-file.js';
import { HttpError } from '../../../src/http/http-error.js';
import type { Request } from '../../../src/http/request.js';
import type { ServerOptions } from '../../../src/server/opts.js';
import { FORM_TYPE, field, file, formOf, type Part, postForm } from '../../support/form.js';
import {
  eventually,
  fakeTime,
  pass,
  problem,
  request,
  requestWith,
  type Served,
  seen,
  serve,
  settled,
  TRANSPORTS,
  text,
  undated,
} from '../../support/served.js';

/** A directory of its own for the temporary files of one test. */
function emptyDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'test-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

async function described(file: UploadedFile): Promise<unknown> {
  return [file.name, file.filename, file.type, file.size, await file.text()];
}

/** What is read of a form, as JSON: its fields, then its files. */
async function formText(req: Request, options?: MultipartOptions): Promise<string> {
  const { fields, files } = await req.multipart(options);
  return JSON.stringify([[...fields], await Promise.all(files.map(described))]);
}

/** Answers POST / with what `read` makes of the request, and gives the whole answer to `bytes`. */
async function answerTo(
  bytes: string,
  read: (req: Request) => Promise<string> = formText,
  options: ServerOptions = {},
): Promise<string> {
  const { connect, log } = await serve(
    (server) => server.post('/', async (req, res) => void res.send(await read(req))),
    options,
  );
  const answer = undated(await (await connect()).send(bytes).response());
  expect(log).toEqual([]);
  return answer;
}

const GIVEN = [
  field('a', '1'),
  file('f', 'f.txt', 'one'),
  field('b', ''),
  field('a', '2'),
  file('f', 'g.bin', 'two', 'x/y'),
];
const READ = '[[["a","1"],["b",""],["a","2"]],[["f","f.txt","text/plain",3,"one"],["f","g.bin","x/y",3,"two"]]]';

describe('req.multipart()', () => {
  it.each(['memory', 'disk'] as const)('reads fields and files to %s', async (store) => {
    expect(await answerTo(postForm('/', ...GIVEN), (req) => formText(req, { store }))).toBe(text(READ));
  });

  it.each(TRANSPORTS)('reads a form that comes byte by byte over %s, in chunks', async (transport) => {
    const { connect } = await serve(
      (server) => server.post('/', async (req, res) => void res.send(await formText(req))),
      {},
      transport,
    );
    const client = await connect();
    client.send(request('POST /', FORM_TYPE, 'Transfer-Encoding: chunked'));
    for (const byte of formOf(...GIVEN)) client.send(`1\r\n${byte}\r\n`);
    expect(undated(await client.send('0\r\n\r\n').response())).toBe(text(READ));
  });

  it('gives the same form when it is asked again, and has the connection go on behind it', async () => {
    const { connect } = await serve((server) =>
      server.post('/', async (req, res) => {
        const form = await req.multipart();
        res.send(String(form === (await req.multipart({ store: 'disk' }))));
      }),
    );
    const client = (await connect()).send(postForm('/', ...GIVEN) + postForm('/'));
    expect(undated(await client.response())).toBe(text('true'));
    expect(undated(await client.response())).toBe(text('true'));
  });

  it('reads a form whose bytes somebody has read before', async () => {
    const read = async (req: Request) => {
      await req.bytes();
      return formText(req);
    };
    expect(await answerTo(postForm('/', ...GIVEN), read)).toBe(text(READ));
  });

  it.each([
    ['an input in which nothing was chosen is no file', [file('f', '', '')], '[[],[]]'],
    ['a file without a name is one', [file('f', '', 'x')], '[[],[["f","","text/plain",1,"x"]]]'],
    ['an empty file with a name is one', [file('f', 'a', '')], '[[],[["f","a","text/plain",0,""]]]'],
    [
      'a part of bytes is a file',
      [['; name="f"', 'x', 'Content-Type: application/octet-stream']],
      '[[],[["f","","application/octet-stream",1,"x"]]]',
    ],
    [
      'a file without a type is bytes',
      [['; name="f"; filename="a"', 'x']],
      '[[],[["f","a","application/octet-stream",1,"x"]]]',
    ],
    ['a field may be JSON', [['; name="f"', '{}', 'Content-Type: application/json']], '[[["f","{}"]],[]]'],
    [
      'a field may name its charset',
      [['; name="f"', 'x', 'Content-Type: text/plain; charset=UTF-8']],
      '[[["f","x"]],[]]',
    ],
    ['a path is no name', [file('f', '../../etc/passwd', 'x')], '[[],[["f","passwd","text/plain",1,"x"]]]'],
  ] as [string, Part[], string][])('%s', async (_title, parts, read) => {
    expect(await answerTo(postForm('/', ...parts))).toBe(text(read));
  });

  it('has an empty form of a request without content', async () => {
    expect(await answerTo(request('POST /'))).toBe(text('[[],[]]'));
  });

  it('drops the files that are not wanted', async () => {
    const directory = emptyDirectory();
    const read = (req: Request) => formText(req, { only: ['g'], store: 'disk', directory });
    const answer = text('[[["a","1"]],[["g","g","text/plain",1,"y"]]]');
    expect(await answerTo(postForm('/', file('f', 'f', 'x'), field('a', '1'), file('g', 'g', 'y')), read)).toBe(answer);
  });
});

const MALFORMED = 'The form ends before its closing boundary.';

describe('a form is refused', () => {
  it.each([
    ['POST', 'application/json', 'Accept-Post', 'application/json'],
    ['PATCH', 'application/x-www-form-urlencoded', 'Accept-Patch', 'application/x-www-form-urlencoded'],
    ['PUT', 'multipart/mixed; boundary=b', 'Accept', 'multipart/mixed'],
    ['POST', 'nonsense', 'Accept-Post', 'content without a valid Content-Type'],
  ])('with 415 where it is another type: %s of %s', async (method, type, name, found) => {
    const { connect } = await serve((server) =>
      server
        .on(method, '/', (req) => void req.multipart().catch(() => {}))
        .on(method, '/a', async (req) => {
          await req.multipart();
        }),
    );
    const client = (await connect()).send(requestWith('{}', `${method} /a`, `Content-Type: ${type}`));
    expect(undated(await client.response())).toBe(
      problem(
        '415 Unsupported Media Type',
        { detail: `The content must be multipart/form-data, not ${found}.` },
        { fields: [`${name}: multipart/form-data`] },
      ),
    );
  });

  it('with 415 where it has content without a type', async () => {
    expect(await answerTo(requestWith('x', 'POST /'))).toContain('not content without a valid Content-Type.');
  });

  it('with 415 where a field is in another charset', async () => {
    const part: Part = ['; name="f"', 'x', 'Content-Type: text/plain; charset=latin1'];
    const detail = 'The field "f" must be in UTF-8, not latin1.';
    expect(await answerTo(postForm('/', part))).toBe(problem('415 Unsupported Media Type', { detail }));
  });

  it.each([
    ['no boundary', 'multipart/form-data', '--b--', 'The Content-Type has no valid boundary.'],
    ['an empty boundary', 'multipart/form-data; boundary=""', '--b--', 'The Content-Type has no valid boundary.'],
    [
      'a long boundary',
      `multipart/form-data; boundary=${'b'.repeat(71)}`,
      '--b--',
      'The Content-Type has no valid boundary.',
    ],
    ['no content', 'multipart/form-data; boundary=b', '', MALFORMED],
    ['half of it', 'multipart/form-data; boundary=b', formOf(...GIVEN).slice(0, -8), MALFORMED],
    [
      'a field that is no UTF-8',
      'multipart/form-data; boundary=b',
      formOf(field('a', '\xff')),
      'The content is not valid UTF-8.',
    ],
    ['a part without a name', 'multipart/form-data; boundary=b', formOf(['', 'x']), 'A part of the form has no name.'],
  ])('with 400 where it has %s', async (_title, type, content, detail) => {
    expect(await answerTo(requestWith(content, 'POST /', `Content-Type: ${type}`))).toBe(
      problem('400 Bad Request', { detail }),
    );
  });

  it('is read with the longest boundary, of any visible characters', async () => {
    const boundary = `"${'=: '.repeat(23)}b"`;
    const content = formOf(field('a', '1')).replaceAll('--b', `--${boundary.slice(1, -1)}`);
    const bytes = requestWith(content, 'POST /', `Content-Type: Multipart/Form-Data; Boundary=${boundary}`);
    expect(await answerTo(bytes)).toBe(text('[[["a","1"]],[]]'));
  });

  it.each([
    [
      'maxFiles',
      { maxFiles: 1 },
      [file('a', 'a', ''), file('b', 'b', '')],
      'The form has more than the 1 files accepted',
      1,
      undefined,
    ],
    [
      'maxFields',
      { maxFields: 1 },
      [field('a', ''), field('b', '')],
      'The form has more than the 1 fields accepted',
      1,
      undefined,
    ],
    [
      'maxParts',
      { maxParts: 1 },
      [field('a', ''), file('b', 'b', '')],
      'The form has more than the 1 parts accepted',
      1,
      undefined,
    ],
    [
      'maxFileSize',
      { maxFileSize: 3 },
      [file('a', 'a', 'abc'), file('b', 'b', 'abcd')],
      'The file "b" is larger than the 3 bytes accepted',
      3,
      'b',
    ],
    [
      'maxFieldSize',
      { maxFieldSize: 3 },
      [field('a', 'abc'), field('b', 'abcd')],
      'The field "b" is larger than the 3 bytes accepted',
      3,
      'b',
    ],
    [
      'maxNameSize',
      { maxNameSize: 3 },
      [field('abc', ''), field('abcd', '')],
      'A name in the form is longer than the 3 bytes accepted',
      3,
      undefined,
    ],
    [
      'maxPartHeadSize',
      { maxPartHeadSize: 64 },
      [field('a', ''), field('a'.repeat(30), '')],
      'The head of a part is larger than the 64 bytes accepted',
      64,
      undefined,
    ],
  ] as [string, MultipartOptions, Part[], string, number, string | undefined][])(
    'with 413 over %s, and accepted at it',
    async (limit, options, parts, detail, maximum, name) => {
      const members = {
        detail: `${detail} (${limit}).`,
        limit,
        maximum,
        ...(name === undefined ? {} : { field: name }),
      };
      const refused = problem('413 Content Too Large', members);
      const read = async (req: Request) => String((await req.multipart(options)).fields.size);
      expect(await answerTo(postForm('/', ...parts), read)).toBe(refused);
      expect(await answerTo(postForm('/', parts[0] as Part), read)).toContain('200 OK');
      const readParts = async (req: Request) => {
        for await (const part of req.parts(options)) if (part.kind === 'file') await part.bytes();
        return '';
      };
      expect(await answerTo(postForm('/', ...parts), readParts)).toBe(refused);
    },
  );

  it('with 413 over an unread limit of a file, though nobody wants it', async () => {
    const read = (req: Request) => formText(req, { only: [], maxFileSize: 1 });
    expect(await answerTo(postForm('/', file('a', 'a', 'xx')), read)).toContain('(maxFileSize)');
  });

  it('with 413 over the limit of the whole content, declared or not', async () => {
    const detail = 'The content is larger than the 100 bytes accepted here.';
    const refused = problem('413 Content Too Large', { detail });
    const form = formOf(file('a', 'a', 'x'.repeat(100)));
    expect(await answerTo(requestWith(form, 'POST /', FORM_TYPE), formText, { maxBodySize: 100 })).toBe(refused);
    const chunks = `${form.length.toString(16)}\r\n${form}\r\n0\r\n\r\n`;
    const chunked = request('POST /', FORM_TYPE, 'Transfer-Encoding: chunked') + chunks;
    expect(await answerTo(chunked, formText, { maxBodySize: 100 })).toContain(detail);
  });

  it('with 408 where it stops arriving', async () => {
    fakeTime();
    const { connect } = await serve((server) => server.post('/', async (req) => void (await req.multipart())));
    const client = (await connect()).send(
      request('POST /', FORM_TYPE, 'Content-Length: 500') + formOf(field('a', 'b')).slice(0, 40),
    );
    await pass(61_000);
    expect(await client.response()).toMatch(/^HTTP\/1.1 408 /);
  });

  it('by a TypeError where an option is none', async () => {
    await seen(postForm('/'), async (req) => {
      await expect(req.multipart({ maxFile: 1 } as never)).rejects.toThrow('unknown option "maxFile"');
      await expect(req.parts({ maxFile: 1 } as never).next()).rejects.toThrow('unknown option "maxFile"');
    });
  });

  it('without ending the process, where nobody waits for it', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const { connect } = await serve((server) =>
      server.post('/', (req, res) => {
        void req.multipart();
        res.send('x');
      }),
    );
    const client = (await connect()).send(requestWith('x', 'POST /', 'Content-Type: text/plain'));
    expect(await client.response()).toContain('200 OK');
    await settled();
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('req.parts()', () => {
  it('gives fields and files in the order in which they were sent', async () => {
    const parts = await seen(postForm('/', ...GIVEN), async (req) => {
      const found: unknown[] = [];
      for await (const part of req.parts()) {
        found.push(
          part.kind === 'field' ? [part.name, part.value] : [part.name, part.filename, part.type, await part.text()],
        );
      }
      return found;
    });
    expect(parts).toEqual([
      ['a', '1'],
      ['f', 'f.txt', 'text/plain', 'one'],
      ['b', ''],
      ['a', '2'],
      ['f', 'g.bin', 'x/y', 'two'],
    ]);
  });

  it('gives a part before the next has arrived', async () => {
    const found: FormPart[] = [];
    const { connect } = await serve((server) =>
      server.post('/', async (req, res) => {
        for await (const part of req.parts()) found.push(part);
        res.send('done');
      }),
    );
    const [first, second] = [formOf(field('a', '1')).slice(0, -4), formOf(file('f', 'f', 'x'))];
    const client = (await connect()).send(
      request('POST /', FORM_TYPE, `Content-Length: ${first.length - 3 + second.length}`),
    );
    client.send(first.slice(0, -3) + second.slice(0, 70));
    await eventually(() => found.length === 1, 'the first part is there');
    expect(found).toEqual([{ kind: 'field', name: 'a', value: '1' }]);
    expect(undated(await client.send(second.slice(70)).response())).toBe(text('done'));
    expect(found).toHaveLength(2);
  });

  it('drops what was not read of a file, and goes on with the next', async () => {
    const names = await seen(
      postForm('/', file('a', 'a', 'x'.repeat(100_000)), file('b', 'b', 'y'.repeat(100_000)), field('c', '')),
      async (req) => {
        const found: string[] = [];
        for await (const part of req.parts()) {
          found.push(part.name);
          if (part.name === 'b' && part.kind === 'file') for await (const _piece of part) break;
        }
        return found;
      },
    );
    expect(names).toEqual(['a', 'b', 'c']);
  });

  it('gives a file once, and no longer when the next part was asked for', async () => {
    await seen(postForm('/', file('a', 'a', 'x'.repeat(100_000)), file('b', 'b', 'y')), async (req) => {
      const parts = req.parts();
      const first = (await parts.next()).value as FilePart;
      const second = (await parts.next()).value as FilePart;
      await expect(first.bytes()).rejects.toThrow('The part was dropped when the next was asked for');
      expect(await second.text()).toBe('y');
      await expect(second.bytes()).rejects.toThrow('The file "b" was already read');
    });
  });

  it('tells who still reads a file when the next part is asked for', async () => {
    await seen(postForm('/', file('a', 'a', 'x'.repeat(100_000)), file('b', 'b', 'y')), async (req) => {
      const parts = req.parts();
      const first = (await parts.next()).value as FilePart;
      const reading = first.bytes();
      await parts.next();
      await expect(reading).rejects.toThrow('The part was dropped');
    });
  });

  it('saves a file as it arrives', async () => {
    const path = join(emptyDirectory(), 'kept');
    const size = await seen(postForm('/', file('a', 'a', 'x'.repeat(100_000))), async (req) => {
      for await (const part of req.parts()) if (part.kind === 'file') return part.saveTo(path);
      return 0;
    });
    expect(size).toBe(100_000);
    expect(readFileSync(path, 'latin1')).toBe('x'.repeat(100_000));
  });

  it('has the connection answer and close where the handler reads no further', async () => {
    const { connect } = await serve(
      (server) =>
        server.post('/', async (req, res) => {
          for await (const part of req.parts()) {
            res.send(part.name);
            return;
          }
        }),
      { maxBodySize: 10_000_000 },
    );
    const start = formOf(file('a', 'a', '')).slice(0, -9);
    const client = (await connect()).send(
      request('POST /', FORM_TYPE, 'Content-Length: 9000000') + start + 'x'.repeat(10_000),
    );
    expect(await client.response()).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*\r\na$/);
    expect(client.closed || (await client.all()) === '').toBe(true);
  });

  it('stops the client while a part is not read', async () => {
    let part: FormPart | undefined;
    let goOn: () => void = () => {};
    let size = 0;
    const { connect } = await serve(
      (server) =>
        server.post('/', async (req, res) => {
          for await (part of req.parts()) {
            await new Promise<void>((resolve) => {
              goOn = resolve;
            });
            if (part.kind === 'file') for await (const piece of part) size += piece.length;
          }
          res.send(String(size));
        }),
      { maxBodySize: 100_000_000 },
    );
    const start = formOf(file('a', 'a', '')).slice(0, -9);
    const end = '\r\n--b--';
    const piece = Buffer.alloc(65_536, 'x');
    const count = 100;
    const total = start.length + count * piece.length + end.length;
    const client = (await connect()).send(request('POST /', FORM_TYPE, `Content-Length: ${total}`) + start);
    let sent = 0;
    const sending = (async () => {
      for (; sent < count; sent++) await new Promise<void>((resolve) => client.duplex.write(piece, () => resolve()));
    })();
    await eventually(() => part !== undefined, 'the file has begun');
    await settled();
    // What the server holds and what the pair of streams does: a few pieces, whatever is still to come.
    expect(sent).toBeLessThan(10);
    const stopped = sent;
    await settled();
    expect(sent).toBe(stopped);
    goOn();
    await sending;
    expect(undated(await client.send(end).response())).toBe(text(String(count * piece.length)));
  });
});

describe('temporary files', () => {
  /** Serves uploads to `directory`; `handle` is told of the form, or of what reading it threw. */
  async function uploads(
    handle: (files: readonly UploadedFile[], failure: unknown) => Promise<string>,
    options: ServerOptions = {},
  ): Promise<Served & { readonly directory: string }> {
    const directory = emptyDirectory();
    const served = await serve(
      (server) =>
        server.post('/', async (req, res) => {
          let files: readonly UploadedFile[] = [];
          try {
            ({ files } = await req.multipart({ store: 'disk', directory }));
          } catch (error) {
            await handle([], error);
            throw error;
          }
          res.send(await handle(files, undefined));
        }),
      options,
    );
    return { ...served, directory };
  }

  const isEmpty = (directory: string) => eventually(() => readdirSync(directory).length === 0, 'nothing is left');
  const FORM = postForm('/', file('a', 'a', 'one'), file('b', 'b', 'two'));

  it('are there while the handler runs, and gone when it has answered', async () => {
    const paths: string[] = [];
    const { connect, directory } = await uploads(async (files) => {
      for (const { path = '' } of files) paths.push(path);
      return paths.map((path) => readFileSync(path, 'utf8')).join();
    });
    expect(undated(await (await connect()).send(FORM).response())).toBe(text('one,two'));
    await isEmpty(directory);
    expect(paths).toHaveLength(2);
  });

  it('stay where they were moved to', async () => {
    const elsewhere = emptyDirectory();
    const { connect, directory } = await uploads(async ([file]) => {
      await file?.saveTo(join(elsewhere, 'kept'));
      return 'kept';
    });
    await (await connect()).send(FORM).response();
    await isEmpty(directory);
    expect(readFileSync(join(elsewhere, 'kept'), 'utf8')).toBe('one');
  });

  it('are gone when the handler throws', async () => {
    const { connect, directory } = await uploads(async () => {
      throw new HttpError('No.', 409);
    });
    expect(await (await connect()).send(FORM).response()).toContain('409 Conflict');
    await isEmpty(directory);
  });

  it.each([
    ['is cut off', FORM.slice(0, -20), /^$/],
    ['is malformed', requestWith(formOf(file('a', 'a', 'one')).slice(0, -8), 'POST /', FORM_TYPE), /^HTTP\/1.1 400 /],
    ['is over a limit', postForm('/', ...Array.from({ length: 11 }, () => file('a', 'a', 'x'))), /^HTTP\/1.1 413 /],
  ])('are gone where the form %s', async (_title, bytes, answer) => {
    let failure: unknown;
    const { exchange, directory } = await uploads(async (_files, error) => {
      failure = error;
      return '';
    });
    expect(await exchange(bytes)).toMatch(answer);
    expect(failure).toBeInstanceOf(Error);
    await isEmpty(directory);
  });

  it('are gone when the client leaves in the middle', async () => {
    let failure: unknown;
    const { connect, directory, log } = await uploads(async (_files, error) => {
      failure = error;
      return '';
    });
    const client = (await connect()).send(FORM.slice(0, -20));
    await eventually(() => readdirSync(directory).length === 1, 'the first file has begun');
    client.destroy();
    await eventually(() => failure !== undefined, 'the form has failed');
    expect(failure).toMatchObject({ name: 'ClientGone' });
    await isEmpty(directory);
    expect(log).toEqual([]);
  });

  it('are gone when it is too slow', async () => {
    fakeTime();
    const { connect, directory } = await uploads(async () => '');
    const client = (await connect()).send(FORM.slice(0, -20));
    await eventually(() => readdirSync(directory).length === 1, 'the first file has begun');
    await pass(61_000);
    expect(await client.response()).toMatch(/^HTTP\/1.1 408 /);
    await isEmpty(directory);
  });

  it('stay for a handler that still works on them when the client leaves, and go with it', async () => {
    let goOn: () => void = () => {};
    let content = '';
    let path = '';
    const { connect, directory } = await uploads(async ([file]) => {
      path = file?.path ?? '';
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      content = (await file?.text()) ?? '';
      return content;
    });
    const client = (await connect()).send(FORM);
    await eventually(() => path !== '', 'the handler works');
    client.destroy();
    await settled();
    expect(existsSync(path)).toBe(true);
    goOn();
    await isEmpty(directory);
    expect(content).toBe('one');
  });

  it('are gone when the server has drained', async () => {
    let goOn: (() => void) | undefined;
    const { connect, directory, server } = await uploads(
      () =>
        new Promise((resolve) => {
          goOn = () => resolve('done');
        }),
    );
    const client = (await connect()).send(FORM);
    await eventually(() => goOn !== undefined, 'the handler works');
    const closing = server.close();
    goOn?.();
    expect(await client.response()).toContain('done');
    await closing;
    await isEmpty(directory);
  });

  it('are gone when the server has cut off the client', async () => {
    let failure: unknown;
    const { connect, directory, server } = await uploads(async (_files, error) => {
      failure = error;
      return '';
    });
    const client = (await connect()).send(FORM.slice(0, -20));
    await eventually(() => readdirSync(directory).length === 1, 'the first file has begun');
    await server.close({ timeout: 0 });
    await client.all();
    await isEmpty(directory);
    expect(failure).toMatchObject({ name: 'ClientGone' });
  });
});
