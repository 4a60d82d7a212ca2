import { once } from 'node:events';
import type { ClientHttp2Stream } from 'node:http2';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { compress } from '../../../src/middleware/compress.js';
import type { ServerOptions } from '../../../src/server/opts.js';
import type { Server } from '../../../src/server/server.js';
import { Authority } from '../../support/certificates.js';
import { answerTo, requestOn, serveHttp2, soon } from '../../support/http2.js';
import { END_HEADERS, END_STREAM, frame, octets, section } from '../../support/http2-frames.js';
import { fakeTime, pass, settled } from '../../support/served.js';

const NO_ERROR = 0;
const INTERNAL_ERROR = 2;
const CANCEL = 8;

const localhost = new Authority().issue('localhost');
const serving = (configure: (server: Server) => void, options?: ServerOptions) =>
  serveHttp2(localhost, configure, options);

const POST = { ':method': 'POST' };

/** Content of which a client sends as much as it is told. */
const uploading = (stream: ClientHttp2Stream, size: number) => stream.write(Buffer.alloc(size));

describe('a request', () => {
  it('has its method, target, version, scheme, authority, address, fields and content', async () => {
    const { ask, server } = await serving((server) =>
      server.post('/a/:id', async (req, res) => {
        const { headers } = req;
        const told = [req.params.id, req.url.raw, req.httpVersion, req.scheme, req.authority, req.remoteAddress];
        res.json([
          ...told,
          headers.get('host'),
          headers.get('cookie'),
          headers.getAll('x'),
          headers.get('transfer-encoding') ?? 'none',
        ]);
      }),
    );
    const cookies = { cookie: ['a=1', 'b=2'] };
    const { content } = await ask({ ...POST, ':path': '/a/%C3%A9?b=c', x: ['1', '\xe9'], ...cookies }, 'content');
    const authority = `127.0.0.1:${server.port}`;
    expect(JSON.parse(content)).toEqual(['é', '/a/%C3%A9?b=c', '2.0', 'https', authority, '127.0.0.1', authority, 'a=1; b=2', ['1', '\xe9'], 'none']); // biome-ignore format: one line
  });

  it('has its content piece by piece, no faster than it is read', async () => {
    const read: number[] = [];
    let more = () => {};
    const { connect } = await serving((server) =>
      server.post('/', async (req, res) => {
        for await (const piece of req.stream) {
          read.push(piece.length);
          await new Promise<void>((resolve) => {
            more = resolve;
          });
        }
        res.send('read');
      }),
    );
    const upload = connect().request({ ...POST, ':path': '/' });
    const answer = answerTo(upload);
    for (let i = 0; i < 40; i++) uploading(upload, 16_384);
    await soon(() => read.length > 0, 'it is read');
    await settled();
    // A window, and what the stream takes ahead of its reader.
    expect(upload.bufferSize).toBeGreaterThan(300_000);
    upload.end();
    const going = setInterval(() => more(), 0);
    expect((await answer).content).toBe('read');
    clearInterval(going);
    expect(read.reduce((sum, size) => sum + size)).toBe(40 * 16_384);
  });

  it.each([
    ['with a Content-Length', { 'content-length': 2_000 }],
    ['without', {}],
  ])('with content over maxBodySize is answered 413, %s, and need not be sent', async (_title, length) => {
    const { connect } = await serving(
      (server) => server.post('/', async (req, res) => void res.send(await req.text())),
      {
        maxBodySize: 1_000,
      },
    );
    const stream = connect().request({ ...POST, ':path': '/', ...length });
    const answer = answerTo(stream);
    uploading(stream, 1_500);
    expect((await answer).status).toBe(413);
    expect(stream.rstCode).toBe(NO_ERROR);
  });

  it('whose content nobody reads is answered, and need not be sent', async () => {
    const { connect } = await serving((server) =>
      server.post('/', (_req, res) => void res.send(new Uint8Array(300_000))),
    );
    const stream = connect().request({ ...POST, ':path': '/' });
    const answer = answerTo(stream);
    uploading(stream, 1_000_000);
    expect((await answer).content).toHaveLength(300_000);
  });

  it.each(['/', '/head'])(
    'whose content nobody reads gets an answer without content, and then leave to stop: %s',
    async (path) => {
      fakeTime();
      const { frames } = await serving((server) =>
        server
          .post('/', (_req, res) => void res.setStatus(401).send())
          .post('/head', async (_req, res) => void (await res.stream(PassThrough.from([])))),
      );
      const client = await frames();
      client.send(frame('HEADERS', END_HEADERS, 1, section(`POST ${path}`)), frame('DATA', 0, 1, Buffer.alloc(10)));
      await soon(() => client.of('HEADERS').length === 1, 'it is answered');
      expect(client.resetOf(1)).toBeUndefined();
      await pass(1_000);
      await soon(() => client.resetOf(1) === NO_ERROR, 'it is told');
    },
  );

  it('that awaits 100 gets it once its content is read, and not before', async () => {
    const { ask } = await serving((server) =>
      server
        .post('/', async (req, res) => void res.send(await req.text()))
        .post('/none', (_req, res) => void res.setStatus(401).send()),
    );
    const expecting = { ...POST, expect: '100-continue' };
    expect(await ask(expecting, 'a')).toMatchObject({ interim: [{ ':status': 100 }], content: 'a' });
    expect(await ask({ ...expecting, ':path': '/none' }, 'a')).toMatchObject({ interim: [], status: 401 });
  });

  it('whose content does not arrive within requestTimeout is answered 408', async () => {
    fakeTime();
    const { connect } = await serving(
      (server) => server.post('/', async (req, res) => void res.send(await req.text())),
      {
        requestTimeout: 5_000,
      },
    );
    const stream = connect().request({ ...POST, ':path': '/' });
    const answer = answerTo(stream);
    uploading(stream, 10);
    await settled();
    await pass(6_500);
    expect(await answer).toMatchObject({ status: 408, content: expect.stringContaining('did not arrive in time') });
  });

  it('is none where it is reset while its content is read, whatever the code', async () => {
    const ended: string[] = [];
    const { frames } = await serving((server) =>
      server.post('/', async (req) => {
        await req.bytes().catch((error: Error) => void ended.push(`${error.name} ${req.signal.aborted}`));
      }),
    );
    const client = await frames();
    for (const [stream, code] of [
      [1, NO_ERROR],
      [3, CANCEL],
    ] as const) {
      client.send(frame('HEADERS', END_HEADERS, stream, section('POST /')), frame('DATA', 0, stream, Buffer.alloc(10)));
      await settled();
      client.send(frame('RST_STREAM', 0, stream, octets(code)));
    }
    await soon(() => ended.length === 2, 'both have ended');
    expect(ended).toEqual(['ClientGone true', 'ClientGone true']);
  });

  it.each([
    ['414', { ':path': `/${'a'.repeat(9_000)}` }],
    ['431', { x: 'a'.repeat(20_000) }],
    ['431', Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`x${i}`, 'a']))],
    ['417', { expect: 'else' }],
    ['501', { ':method': 'NOTHING' }],
    ['404', { ':path': '/nothing' }],
    ['405', { ':method': 'PUT' }],
  ])('is answered %s as on any other connection, to %j', async (status, headers) => {
    const { ask } = await serving((server) => server.get('/', (_req, res) => void res.send()));
    const answer = await ask(headers);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(answer.content).status).toBe(Number(status));
  });

  it('of 150 crumbs of a cookie has one field', async () => {
    const { ask } = await serving((server) =>
      server.get('/', (req, res) => void res.send(String(req.headers.get('cookie')?.split('; ').length))),
    );
    expect((await ask({ cookie: Array.from({ length: 150 }, (_, i) => `a${i}=b`) })).content).toBe('150');
  });

  it('of CONNECT is answered 501', async () => {
    const { frames } = await serving((server) => server.connect('*', (_req, res) => void res.tunnel()));
    const client = await frames();
    client.send(
      frame('HEADERS', END_HEADERS, 1, Buffer.from('\0\x07:method\x07CONNECT\0\x0a:authority\x04h:80', 'latin1')),
    );
    await soon(() => client.of('DATA').length > 0, 'it is answered');
    expect(client.of('DATA')[0]?.payload.toString()).toContain('"status":501');
  });
});

describe('an answer', () => {
  it('has its fields, those of one name in one line but Set-Cookie, and none of its connection', async () => {
    const { ask } = await serving((server) =>
      server.get('/', (_req, res) => {
        const lines =
          'ETag: a|ETag: b|Set-Cookie: a|Set-Cookie: b|Connection: close|Keep-Alive: a|Upgrade: a|Constructor: é';
        for (const line of lines.split('|')) res.addHeader(...(line.split(': ') as [name: string, value: string]));
        res.setStatus(201, 'Made').send('a');
      }),
    );
    const { headers, status } = await ask();
    expect(status).toBe(201);
    expect({ ...headers, date: typeof headers.date }).toMatchObject({
      ':status': 201,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '1',
      date: 'string',
      etag: 'a, b',
      'set-cookie': ['a', 'b'],
      constructor: 'é',
    });
    expect(Object.keys(headers)).toHaveLength(7);
  });

  it.each([
    ['HEAD', 200, { 'content-length': '3' }],
    ['GET', 204, {}],
    ['GET', 205, {}],
    ['GET', 304, {}],
  ])('has no content to %s with %i', async (method, status, headers) => {
    const { ask } = await serving((server) =>
      server
        .get('/', (_req, res) => void res.setStatus(status).send(status === 200 ? 'abc' : undefined))
        .get('/stream', (_req, res) => res.setStatus(status).stream(PassThrough.from(['abc']))),
    );
    expect(await ask({ ':method': method })).toMatchObject({ status, content: '', headers });
    expect(await ask({ ':method': method, ':path': '/stream' })).toMatchObject({ status, content: '' });
  });

  it('has early hints before it, and trailers behind it whenever they are known', async () => {
    const { ask } = await serving((server) =>
      server.get('/', async (_req, res) => {
        res.writeEarlyHints({ Link: ['</a>', '</b>'] });
        res.addTrailer('X-First', '1');
        await res.write('content');
        res.addTrailer('X-Last', '2');
      }),
    );
    expect(await ask()).toMatchObject({
      interim: [{ ':status': 103, link: '</a>, </b>' }],
      headers: { trailer: 'X-First' },
      content: 'content',
      trailers: { 'x-first': '1', 'x-last': '2' },
    });
  });

  it('is compressed, and sent as it is made', async () => {
    const { connect } = await serving((server) => {
      server.use(compress({ threshold: 0 }));
      server.get('/', (_req, res) => void res.send('a'.repeat(1_000)));
      server.get('/events', (_req, res) => void res.events().send({ data: 'a' }));
    });
    const session = connect();
    const { headers } = await answerTo(requestOn(session, { 'accept-encoding': 'gzip' }));
    expect(headers['content-encoding']).toBe('gzip');
    const events = requestOn(session, { ':path': '/events' });
    const [piece] = await once(events.setEncoding('utf8'), 'data');
    expect(piece).toContain(':');
  });

  it('is made no faster than it is taken, and its source is stopped when the client leaves', async () => {
    let given = 0;
    let isStopped = false;
    const { connect } = await serving((server) =>
      server.get('/', (_req, res) =>
        res.stream(
          (async function* () {
            try {
              for (; ; given++) yield new Uint8Array(16_384);
            } finally {
              isStopped = true;
            }
          })(),
        ),
      ),
    );
    const stream = requestOn(connect());
    await once(stream, 'response');
    let before = -1;
    while (before !== given) {
      before = given;
      await settled();
    }
    expect(given).toBeLessThan(60);
    stream.once('data', () => {});
    await soon(() => given > before, 'it goes on');
    stream.close(CANCEL);
    await soon(() => isStopped, 'it is stopped');
  });

  it('is reset where its handler fails after its head, so that nobody takes it for whole', async () => {
    const { connect, log } = await serving((server) =>
      server.get('/', async (_req, res) => {
        await res.write('a');
        throw new Error('too late');
      }),
    );
    const stream = requestOn(connect());
    await expect(answerTo(stream)).rejects.toThrow(String(INTERNAL_ERROR));
    expect(log[0]?.fields.err).toMatchObject({ message: 'too late' });
  });

  it.each([
    ['whole', 65_000],
    ['whole and large', 5_000_000],
    ['streamed', 0],
  ])('that is not taken for writeTimeout is given up: %s', async (_title, size) => {
    fakeTime();
    let gone = 0;
    const { frames } = await serving(
      (server) =>
        server.get('/', async (req, res) => {
          req.signal.addEventListener('abort', () => void gone++);
          res.onFinish(() => void gone++);
          if (size > 0) return void res.send(new Uint8Array(size));
          while (!req.signal.aborted) await res.write(new Uint8Array(10_000));
        }),
      { writeTimeout: 5_000 },
    );
    // It opens no window at all.
    const client = await frames(Buffer.concat([Buffer.from([0, 4]), octets(0)]));
    client.send(frame('HEADERS', END_HEADERS | END_STREAM, 1, section('GET /')));
    await soon(() => client.of('HEADERS').length === 1, 'the head is there');
    await settled();
    await pass(4_000);
    expect(client.resetOf(1)).toBeUndefined();
    await pass(3_000);
    await soon(() => client.resetOf(1) === CANCEL, 'it is given up');
    expect(gone).toBeGreaterThan(0);
  });

  it('cannot give the socket away', async () => {
    const { ask } = await serving((server) =>
      server
        .get('/upgrade', (_req, res) => void res.upgrade('websocket'))
        .get('/detach', (_req, res) => void res.detach()),
    );
    expect((await ask({ ':path': '/upgrade' })).status).toBe(426);
    expect((await ask({ ':path': '/detach' })).status).toBe(500);
  });
});
