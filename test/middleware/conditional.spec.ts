import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  type ConditionalOptions,
  Controller,
  checkPreconditions,
  conditional,
  createApp,
  Get,
  HttpError,
  Put,
  Reply,
  Req,
  type Request,
  type Response,
  Use,
} from '../../src/index.js';
import { problem, request, requestWith, response, serve, text, undated } from '../support/served.js';

type Answer = (res: Response) => void | Promise<void>;

const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
/** SHA-1 of `hello`, as `etag` writes it. */
const HELLO = '"5-qvTGHdzF6KLavt4PO0gs2a6pQ00"';

async function wireOf(fields: readonly string[], answer: Answer, options?: ConditionalOptions, line = 'GET /') {
  const { exchange } = await serve((server) => server.use(conditional(options)).get('/', (_req, res) => answer(res)));
  return undated(await exchange(request(line, ...fields)));
}

const etagIn = (wire: string) => /\r\nETag: (.*)\r/.exec(wire)?.[1];
const hello: Answer = (res) => void res.send('hello');

describe('conditional', () => {
  it.each<[options: ConditionalOptions, etag: string | undefined]>([
    [{}, `W/${HELLO}`],
    [{ etag: 'weak' }, `W/${HELLO}`],
    [{ etag: 'strong' }, HELLO],
    [{ etag: false }, undefined],
  ])('%j makes the tag %s', async (options, etag) => {
    expect(etagIn(await wireOf([], hello, options))).toBe(etag);
  });

  it.each<[title: string, answer: Answer]>([
    ['bytes', (res) => void res.send(Buffer.from('-hello-').subarray(1, 6))],
    ['an array of octets', (res) => void res.send(new Uint8Array(Buffer.from('-hello-')).subarray(1, 6))],
    ['what was appended', (res) => void res.appendBody('hel').appendBody('lo').send()],
  ])('makes the same tag of %s', async (_title, answer) => {
    expect(etagIn(await wireOf([], answer))).toBe(`W/${HELLO}`);
  });

  it.each<[title: string, answer: Answer, etag: string | undefined]>([
    ['that the handler has set', (res) => void res.setHeader('ETag', '"mine"').send('hello'), '"mine"'],
    ['of nothing', (res) => void res.send(), undefined],
    ['of what is streamed', (res) => void res.write('hello'), undefined],
    ['of what nobody stores', (res) => void res.setHeader('Cache-Control', 'no-store').send('hello'), undefined],
    ['of 201', (res) => void res.setStatus(201).send('hello'), undefined],
    ['of an error', (res) => void res.setStatus(404).send('hello'), undefined],
  ])('makes no tag %s', async (_title, answer, etag) => {
    expect(
      etagIn(
        await wireOf([], (res) => {
          void answer(res);
          res.end();
        }),
      ),
    ).toBe(etag);
  });

  it('makes the tag of encoded content weak, however it was told', async () => {
    const wire = await wireOf([], (res) => void res.setHeader('Content-Encoding', 'x').send('hello'), {
      etag: 'strong',
    });
    expect(etagIn(wire)).toBe(`W/${HELLO}`);
  });

  it('gives HEAD the tag of GET', async () => {
    expect(etagIn(await wireOf([], hello, {}, 'HEAD /'))).toBe(`W/${HELLO}`);
  });

  it.each<[fields: readonly string[], status: string]>([
    [[`If-None-Match: W/${HELLO}`], '304'],
    [[`If-None-Match: ${HELLO}`], '304'],
    [['If-None-Match: *'], '304'],
    [['If-None-Match: "x"'], '200'],
    [['If-None-Match: "x"', `If-Modified-Since: ${DATE}`], '200'],
    [[`If-Modified-Since: ${DATE}`], '304'],
    [['If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT'], '200'],
    [['If-Match: "x"'], '412'],
    [['If-Match: *'], '200'],
    [['If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT'], '412'],
  ])('answers %j with %s', async (fields, status) => {
    const answer: Answer = (res) => void res.setHeader('Last-Modified', DATE).send('hello');
    expect(await wireOf(fields, answer)).toContain(`HTTP/1.1 ${status}`);
    expect(await wireOf(fields, answer, {}, 'HEAD /')).toContain(`HTTP/1.1 ${status}`);
  });

  it('keeps what a cache updates, and drops what tells of the content', async () => {
    const wire = await wireOf(['If-None-Match: "a"'], (res) => {
      for (const [name, value] of Object.entries({
        ETag: '"a"',
        'Cache-Control': 'max-age=1',
        'Content-Location': '/a',
        Expires: DATE,
        Vary: 'Accept',
        'Set-Cookie': 'a=b',
        'Last-Modified': DATE,
        'Content-Language': 'en',
        'Content-Disposition': 'inline',
        'Content-Encoding': 'x',
      })) {
        res.setHeader(name, value);
      }
      res.send('hello');
    });
    expect(wire).toBe(
      response('304 Not Modified', [
        'ETag: "a"',
        'Cache-Control: max-age=1',
        'Content-Location: /a',
        `Expires: ${DATE}`,
        'Vary: Accept',
        'Set-Cookie: a=b',
      ]),
    );
  });

  it('keeps Last-Modified where there is no tag', async () => {
    const wire = await wireOf(
      [`If-Modified-Since: ${DATE}`],
      (res) => void res.setHeader('Last-Modified', DATE).send('hello'),
      { etag: false },
    );
    expect(wire).toBe(response('304 Not Modified', [`Last-Modified: ${DATE}`]));
  });

  it('respects a tag of what is streamed, and cancels the stream', async () => {
    let state = 'not begun';
    async function* source() {
      state = 'begun';
      yield 'hello';
    }
    const wire = await wireOf(['If-None-Match: "a"'], (res) => res.setHeader('ETag', '"a"').stream(source()));
    expect(wire).toBe(response('304 Not Modified', ['ETag: "a"']));
    expect(state).toBe('not begun');
  });

  it.each([404, 206, 301, 201])('leaves %d as it is', async (status) => {
    const wire = await wireOf(['If-None-Match: *', 'If-Match: "x"'], (res) => void res.setStatus(status).send('hello'));
    expect(wire).toContain(`HTTP/1.1 ${status}`);
    expect(wire).toMatch(/hello$/);
  });

  it('leaves other methods to their handlers', async () => {
    const { exchange } = await serve((server) =>
      server.use(conditional()).put('/', (_req, res) => void res.send('done')),
    );
    expect(undated(await exchange(requestWith('', 'PUT /', 'If-Match: "x"')))).toBe(text('done'));
  });

  it('serves the next request after 304 and 412', async () => {
    const { exchange } = await serve((server) =>
      server.use(conditional({ etag: false })).get('/', (_req, res) => void res.send('hello')),
    );
    const wire = undated(
      await exchange(request('GET /', 'If-None-Match: *') + request('GET /', 'If-Match: "x"') + request('GET /')),
    );
    expect(wire).toBe(
      response('304 Not Modified', []) +
        problem('412 Precondition Failed', { detail: 'This is not in the state that the request asks for.' }) +
        text('hello'),
    );
  });

  it('stands on a controller, with checkPreconditions beside it', async () => {
    let version = 1;
    @Controller('/note')
    @Use(conditional())
    class Note {
      @Get()
      show() {
        return new Reply(200, { version }, { ETag: `"${version}"` });
      }

      @Put()
      change(@Req() req: Request) {
        checkPreconditions(req, { etag: `"${version}"` }, { required: true });
        version++;
        return Reply.noContent({ ETag: `"${version}"` });
      }
    }
    const app = await createApp({ controllers: [Note] });
    await using test = await app.test();
    const status = async (method: string, headers: Record<string, string>) =>
      (await test.request(method, '/note', { headers })).status;
    expect(await status('GET', { 'if-none-match': '"1"' })).toBe(304);
    expect(await status('PUT', {})).toBe(428);
    expect(await status('PUT', { 'if-match': '"0"' })).toBe(412);
    expect(await status('PUT', { 'if-match': '"1"' })).toBe(204);
    expect(await status('PUT', { 'if-match': '"1"' })).toBe(412);
    expect(await status('GET', { 'if-none-match': '"1"' })).toBe(200);
  });
});

describe('where something goes wrong', () => {
  it('answers an error as it is, whatever the conditions', async () => {
    const wire = await wireOf(['If-None-Match: *', 'If-Match: "x"'], () => {
      throw new HttpError('Gone.', 410);
    });
    expect(wire).toBe(problem('410 Gone', { detail: 'Gone.' }));
  });

  it('lets middleware outside of it add to the answer of 412', async () => {
    const { exchange } = await serve((server) =>
      server
        .use((req, res, next) => {
          res.onHead((one) => void one.setHeader('X-Outer', String(one.status)));
          return next(req, res);
        })
        .use(conditional())
        .get('/', (_req, res) => void res.send('hello')),
    );
    expect(await exchange(request('GET /', 'If-Match: "x"'))).toContain('X-Outer: 412\r\n');
  });

  it('cuts off where the handler throws after it has begun to send', async () => {
    const { exchange, log } = await serve((server) =>
      server.use(conditional()).get('/', async (_req, res) => {
        await res.write('some');
        await turn();
        throw new Error('broken');
      }),
    );
    const wire = undated(await exchange(request('GET /')));
    expect(wire).toBe(response('200 OK', ['Transfer-Encoding: chunked'], '4\r\nsome\r\n'));
    expect(String(log[0]?.fields.err)).toContain('broken');
  });
});

it.each<[options: object, message: string]>([
  [{ etag: true }, 'conditional: etag must be "weak", "strong" or false, got true'],
  [{ weak: true }, 'conditional: unknown option "weak"'],
])('refuses the options %j', (options, message) => {
  expect(() => conditional(options)).toThrow(message);
});
