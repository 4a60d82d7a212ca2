import { once } from 'node:events';
import { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HttpError } from '../../src/http/http-error.js';
import { Server } from '../../src/server/server.js';
import { MemorySocket } from '../../src/sockets/memory.js';
import { RawClient } from '../support/raw-client.js';
import {
  eventually,
  fakeTime,
  lastText,
  pass,
  problem,
  request,
  requestWith,
  response,
  type Served,
  serve,
  settled,
  TRANSPORTS,
  text,
  undated,
} from '../support/served.js';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const IS_LAST = { isLast: true };

/** Routes that answer at once, later, and with what was sent. */
function routes(server: Server): void {
  server
    .get('/now/:n', (req, res) => void res.send(req.params.n))
    .get('/later/:n', async (req, res) => {
      await settled();
      res.send(req.params.n);
    })
    .post('/echo', async (req, res) => void res.send(await req.text()))
    .post('/ignore', (_req, res) => void res.send('ignored'))
    .get('/204', (_req, res) => void res.setStatus(204).send())
    .get('/304', (_req, res) => void res.setStatus(304).send('not sent'))
    .get('/large', (_req, res) => void res.send(Buffer.alloc(3_000_000, 'x')))
    .get('/hold', (_req, res) => {
      res.holdOpen = true;
    });
}

/** Leaves without a word: a reset on TCP. */
function vanish(client: RawClient): void {
  if (client.duplex instanceof Socket) client.duplex.resetAndDestroy();
  else client.destroy();
}

describe.each(TRANSPORTS)('a connection over %s', (transport) => {
  const serveRoutes = (options = {}): Promise<Served> => serve(routes, options, transport);

  it('serves one request after the other', async () => {
    const { connect } = await serveRoutes();
    const client = await connect();
    for (const n of ['1', '2', '3']) {
      client.send(request(`GET /now/${n}`));
      expect(undated(await client.response())).toBe(text(n));
    }
  });

  it('answers pipelined requests in order, be their handlers quick or slow', async () => {
    const { exchange } = await serveRoutes();
    const paths = ['/later/1', '/now/2', '/later/3', '/now/4', '/now/5', '/later/6'];
    const bytes = undated(await exchange(paths.map((path) => request(`GET ${path}`)).join('')));
    expect(bytes).toBe(['1', '2', '3', '4', '5', '6'].map(text).join(''));
  });

  it('keeps the order with content between', async () => {
    const { exchange } = await serveRoutes();
    const bytes = [
      requestWith('one', 'POST /echo'),
      request('GET /now/2'),
      `${request('POST /echo', 'Transfer-Encoding: chunked')}5\r\nthree\r\n0\r\n\r\n`,
      requestWith('unread', 'POST /ignore'),
      request('GET /later/5'),
    ].join('');
    expect(undated(await exchange(bytes))).toBe(['one', '2', 'three', 'ignored', '5'].map(text).join(''));
  });

  it('gives the same answers however the bytes are cut', async () => {
    const { connect } = await serveRoutes();
    const bytes = requestWith('one', 'POST /echo') + request('GET /later/2') + request('GET /now/3');
    const expected = ['one', '2', '3'].map(text).join('');
    for (const size of [1, 7, 30]) {
      const client = await connect();
      for (let at = 0; at < bytes.length; at += size) {
        client.send(bytes.slice(at, at + size));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(undated(await client.until((received) => undated(received).length === expected.length))).toBe(expected);
    }
  });

  it('answers a client that has ended its sending side', async () => {
    const { exchange } = await serveRoutes();
    expect(undated(await exchange(request('GET /later/1')))).toBe(text('1'));
  });

  it('sends large content whole, and serves the next request', async () => {
    const { connect } = await serveRoutes();
    for (const size of [262_144, 262_145, 300_000, 3_000_000]) {
      const client = await connect();
      client.send(requestWith('y'.repeat(10), 'POST /echo') + request('GET /large'));
      expect(undated(await client.response())).toBe(text('y'.repeat(10)));
      expect((await client.response()).length).toBeGreaterThan(3_000_000);
      client.send(request(`GET /now/${size}`));
      expect(undated(await client.response())).toBe(text(`${size}`));
      client.destroy();
    }
  });

  it.each([262_144, 262_145, 270_000, 600_000])('is not blocked after content of %d bytes', async (size) => {
    const { connect } = await serve(
      (server) => server.get('/', (_req, res) => void res.send(Buffer.alloc(size, 'x'))),
      {},
      transport,
    );
    const client = await connect();
    for (let i = 0; i < 3; i++) {
      client.send(request('GET /'));
      expect((await client.response()).endsWith('x'.repeat(size))).toBe(true);
    }
  });

  it('closes after Connection: close, and serves nothing that follows', async () => {
    const { connect } = await serveRoutes();
    const client = (await connect()).send(request('GET /now/1', 'Connection: close') + request('GET /now/2'));
    expect(undated(await client.all())).toBe(lastText('1'));
  });

  it('closes after HTTP/1.0, and goes on with keep-alive', async () => {
    const { connect } = await serveRoutes();
    const client = (await connect()).send('GET /now/1 HTTP/1.0\r\n\r\nGET /now/2 HTTP/1.0\r\n\r\n');
    expect(undated(await client.all())).toBe(lastText('1'));
    const kept = (await connect()).send('GET /now/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(undated(await kept.response())).toBe(text('1').replace('\r\n\r\n', '\r\nConnection: keep-alive\r\n\r\n'));
    kept.send('GET /now/2 HTTP/1.0\r\n\r\n');
    expect(undated(await kept.all())).toBe(lastText('2'));
  });

  it('sends no content to HEAD, nor with 204 or 304', async () => {
    const { exchange } = await serveRoutes();
    const bytes = ['HEAD /now/1', 'GET /204', 'GET /304', 'GET /now/2'].map((line) => request(line)).join('');
    expect(undated(await exchange(bytes))).toBe(
      response('200 OK', ['Content-Type: text/plain; charset=utf-8', 'Content-Length: 1']) +
        response('204 No Content', []) +
        response('304 Not Modified', ['Content-Type: text/plain; charset=utf-8']) +
        text('2'),
    );
  });

  it('refuses what is no request, after the answers before it, and closes', async () => {
    const { connect, log } = await serveRoutes();
    const client = (await connect()).send(`${request('GET /later/1')}nonsense\r\n\r\n${request('GET /now/2')}`);
    expect(undated(await client.all())).toBe(
      text('1') +
        problem(
          '400 Bad Request',
          { detail: 'The request line does not begin with a method of at most 64 token characters.' },
          IS_LAST,
        ),
    );
    expect(log).toEqual([]);
  });

  it('lets the client read a refusal while it still sends', async () => {
    const { connect } = await serveRoutes();
    const client = (await connect()).send(`nonsense\r\n\r\n${'x'.repeat(200_000)}`);
    await settled();
    client.send('x'.repeat(200_000));
    expect(undated(await client.all())).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });

  it('tells the response when the client leaves', async () => {
    let finished = 0;
    let isHeld = false;
    const { connect, log } = await serve(
      (server) =>
        server.get('/', (_req, res) => {
          res.holdOpen = true;
          isHeld = true;
          res.onFinish(() => {
            finished++;
          });
        }),
      {},
      transport,
    );
    const client = (await connect()).send(request('GET /'));
    await eventually(() => isHeld, 'the handler has run');
    vanish(client);
    await eventually(() => finished === 1, 'the response is cut off');
    expect(log).toEqual([]);
  });

  it('answers 503 beyond maxConnections', async () => {
    const { connect } = await serveRoutes({ maxConnections: 1 });
    const first = (await connect()).send(request('GET /now/1'));
    expect(undated(await first.response())).toBe(text('1'));
    const second = await connect();
    expect(undated(await second.all())).toBe(
      problem('503 Service Unavailable', { detail: 'This server has as many connections as it accepts.' }, IS_LAST),
    );
    first.destroy();
    let third = '';
    // The server hears of the departure in its own time.
    while (!third.startsWith('HTTP/1.1 200')) third = await (await connect()).send(request('GET /now/3')).response();
    expect(undated(third)).toBe(text('3'));
  });

  it('closes after maxRequestsPerConnection', async () => {
    const { connect } = await serveRoutes({ maxRequestsPerConnection: 2 });
    const client = (await connect()).send([1, 2, 3].map((n) => request(`GET /now/${n}`)).join(''));
    expect(undated(await client.all())).toBe(text('1') + lastText('2'));
  });
});

describe('writes', () => {
  /** A server on a pair of streams, with the number of writes that reach its socket. */
  async function counted() {
    const server = Server.newWith(new MemorySocket());
    routes(server);
    const [near, far] = duplexPair({ allowHalfOpen: true });
    let writes = 0;
    for (const method of ['_write', '_writev'] as const) {
      const original = far[method as '_write'] as ((...args: never[]) => void) | undefined;
      if (original === undefined) continue;
      (far as unknown as Record<string, unknown>)[method] = (...args: never[]) => {
        writes++;
        original.apply(far, args);
      };
    }
    const serving = server._tick(far);
    return { client: RawClient.over(near), serving, writes: () => writes };
  }

  it('are one for 16 pipelined requests', async () => {
    const { client, serving, writes } = await counted();
    client.send(Array.from({ length: 16 }, (_, n) => request(`GET /now/${n}`)).join(''));
    for (let n = 0; n < 16; n++) expect(undated(await client.response())).toBe(text(`${n}`));
    expect(writes()).toBe(1);
    await client.end();
    await serving;
  });

  it('are one for answers with content of bytes too, but for the socket of a pair', async () => {
    const server = Server.newWith(new MemorySocket()).get('/', (_req, res) => void res.send(Buffer.from('bytes')));
    const [near, far] = duplexPair({ allowHalfOpen: true });
    let flushes = 0;
    const uncork = far.uncork.bind(far);
    far.uncork = () => {
      flushes++;
      uncork();
    };
    const serving = server._tick(far);
    const client = RawClient.over(near).send(request('GET /').repeat(16));
    for (let n = 0; n < 16; n++) expect(await client.response()).toContain('\r\n\r\nbytes');
    expect(flushes).toBe(1);
    await client.end();
    await serving;
  });

  it('are one for an answer given later', async () => {
    const { client, serving, writes } = await counted();
    client.send(request('GET /later/1'));
    await client.response();
    expect(writes()).toBe(1);
    await client.end();
    await serving;
  });
});

describe('Expect: 100-continue', () => {
  const expecting = (length: number, path = '/echo') =>
    request(`POST ${path}`, 'Expect: 100-continue', `Content-Length: ${length}`);

  it('is answered when the content is read', async () => {
    const { connect } = await serve(routes);
    const client = (await connect()).send(expecting(2));
    expect(await client.until('\r\n\r\n')).toBe(CONTINUE);
    client.send('hi');
    expect(undated(await client.response())).toBe(text('hi'));
    client.send(request('GET /now/1'));
    expect(undated(await client.response())).toBe(text('1'));
  });

  it('is answered for chunks', async () => {
    const { connect } = await serve(routes);
    const client = (await connect()).send(request('POST /echo', 'Expect: 100-continue', 'Transfer-Encoding: chunked'));
    expect(await client.until('\r\n\r\n')).toBe(CONTINUE);
    client.send('2\r\nhi\r\n0\r\n\r\n');
    expect(undated(await client.response())).toBe(text('hi'));
  });

  it('is not answered where the content comes with the head', async () => {
    const { connect } = await serve(routes);
    const client = (await connect()).send(`${expecting(2)}hi`);
    expect(undated(await client.response())).toBe(text('hi'));
  });

  it('is not answered where the content is not read: the connection closes', async () => {
    const { connect } = await serve(routes);
    const client = (await connect()).send(expecting(2, '/ignore'));
    expect(undated(await client.all())).toBe(lastText('ignored'));
  });

  it('is not answered where the content would be too large', async () => {
    const { connect } = await serve(routes, { maxBodySize: 1 });
    const client = (await connect()).send(expecting(2));
    expect(undated(await client.all())).toBe(
      problem('413 Content Too Large', { detail: 'The content is larger than the 1 bytes accepted here.' }, IS_LAST),
    );
  });

  it('is 417 for anything else', async () => {
    const { connect } = await serve(routes);
    const client = (await connect()).send(request('POST /echo', 'Expect: miracles', 'Content-Length: 2'));
    expect(await client.all()).toMatch(/^HTTP\/1\.1 417 Expectation Failed\r\n/);
  });
});

describe('content that the handler does not read', () => {
  it('is dropped where it is small, here or to come', async () => {
    const { connect } = await serve(routes);
    const client = (await connect()).send(
      requestWith('here', 'POST /ignore') + request('POST /ignore', 'Content-Length: 6'),
    );
    expect(undated(await client.response())).toBe(text('ignored'));
    expect(undated(await client.response())).toBe(text('ignored'));
    client.send('GET /n');
    await settled();
    client.send(request('GET /now/1'));
    expect(undated(await client.response())).toBe(text('1'));
  });

  it('closes the connection where it is large', async () => {
    const { connect } = await serve(routes);
    const client = (await connect()).send(request('POST /ignore', 'Content-Length: 200000'));
    expect(undated(await client.all())).toBe(lastText('ignored'));
  });

  it('closes the connection where chunks have not ended, and not where they have', async () => {
    const { connect } = await serve(routes);
    const head = request('POST /ignore', 'Transfer-Encoding: chunked');
    const client = (await connect()).send(`${head}1\r\na\r\n`);
    expect(undated(await client.all())).toBe(lastText('ignored'));
    const whole = (await connect()).send(`${head}1\r\na\r\n0\r\n\r\n${request('GET /now/1')}`);
    expect(undated(await whole.response())).toBe(text('ignored'));
    expect(undated(await whole.response())).toBe(text('1'));
  });

  it('is not waited for once the client has ended its side', async () => {
    const { connect } = await serve((server) =>
      server.post('/', async (_req, res) => {
        await settled();
        res.send('answer');
      }),
    );
    const client = (await connect()).send(request('POST /', 'Content-Length: 5'));
    await client.end();
    const bytes = undated(await client.all());
    expect([text('answer'), lastText('answer')]).toContain(bytes);
  });

  it('belongs to a request without a route too', async () => {
    const { connect } = await serve(routes);
    const client = (await connect()).send(requestWith('GET / HTTP/1.1\r\n\r\n', 'POST /none') + request('GET /now/1'));
    expect(undated(await client.response())).toBe(problem('404 Not Found', { detail: 'Nothing is at /none.' }));
    expect(undated(await client.response())).toBe(text('1'));
  });
});

describe('limits', () => {
  it.each<[title: string, options: object, bytes: string, wire: string]>([
    [
      'a head',
      { maxHeaderSize: 100 },
      `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(100)}`,
      problem(
        '431 Request Header Fields Too Large',
        { detail: 'The message head is longer than this server accepts.' },
        IS_LAST,
      ),
    ],
    [
      'many fields',
      { maxHeadersCount: 2 },
      request('GET /', 'A: 1', 'B: 2'),
      problem(
        '431 Request Header Fields Too Large',
        { detail: 'The message head has more fields than this server accepts.' },
        IS_LAST,
      ),
    ],
    [
      'a target',
      { maxTargetSize: 5 },
      request('GET /12345'),
      problem('414 URI Too Long', { detail: 'The request-target is longer than this server accepts.' }, IS_LAST),
    ],
    [
      'declared content, before it is read',
      { maxBodySize: 4 },
      request('POST /echo', 'Content-Length: 200000'),
      problem('413 Content Too Large', { detail: 'The content is larger than the 4 bytes accepted here.' }, IS_LAST),
    ],
    [
      'chunked content, while it is read',
      { maxBodySize: 4 },
      `${request('POST /echo', 'Transfer-Encoding: chunked')}3\r\nabc\r\n2\r\nde`,
      problem('413 Content Too Large', { detail: 'The content is larger than the 4 bytes accepted here.' }, IS_LAST),
    ],
  ])('refuse %s that is too large', async (_title, options, bytes, wire) => {
    const { connect } = await serve(routes, options);
    const client = (await connect()).send(bytes);
    expect(undated(await client.all())).toBe(wire);
  });

  it.each<[title: string, options: object, bytes: string, wire: string]>([
    ['a target of that size', { maxTargetSize: 6 }, request('GET /now/1'.slice(0, 10)), text('1')],
    ['fields of that number', { maxHeadersCount: 2 }, request('GET /now/1', 'A: 1'), text('1')],
    ['content of that size', { maxBodySize: 4 }, requestWith('abcd', 'POST /echo'), text('abcd')],
    [
      'chunked content of that size',
      { maxBodySize: 4 },
      `${request('POST /echo', 'Transfer-Encoding: chunked')}4\r\nabcd\r\n0\r\n\r\n`,
      text('abcd'),
    ],
    [
      'no content where none is allowed',
      { maxBodySize: 0 },
      request('POST /echo'),
      response('200 OK', ['Content-Length: 0']),
    ],
  ])('accept %s', async (_title, options, bytes, wire) => {
    const { exchange } = await serve(routes, options);
    expect(undated(await exchange(bytes))).toBe(wire);
  });
});

describe('timeouts', () => {
  const HEAD_TIMEOUT = problem('408 Request Timeout', { detail: 'The message head did not arrive in time.' }, IS_LAST);
  const CONTENT_TIMEOUT = problem('408 Request Timeout', { detail: 'The content did not arrive in time.' }, IS_LAST);

  it('headersTimeout closes a connection that sends nothing', async () => {
    fakeTime();
    const { connect } = await serve(routes, { headersTimeout: 3000 });
    const client = await connect();
    await pass(2999);
    expect(client.closed).toBe(false);
    await pass(1001);
    expect([client.closed, client.received]).toEqual([true, '']);
  });

  it('headersTimeout answers 408 to a head that does not end, however often a byte comes', async () => {
    fakeTime();
    const { connect } = await serve(routes, { headersTimeout: 3000 });
    const client = (await connect()).send('GET / HTTP/1.1\r\n');
    for (let i = 0; i < 29; i++) {
      await pass(100);
      client.send('X');
    }
    await settled();
    expect(client.received).toBe('');
    await pass(1200);
    expect(undated(client.received)).toBe(HEAD_TIMEOUT);
    expect(client.closed).toBe(true);
  });

  it('headersTimeout counts anew from the first byte of the next head', async () => {
    fakeTime();
    const { connect } = await serve(routes, { headersTimeout: 3000 });
    const client = (await connect()).send(request('GET /now/1'));
    await client.response();
    await pass(20_000);
    client.send('GET /now/2 HTTP/1.1\r\n');
    await pass(2500);
    client.send('Host: h\r\n\r\n');
    expect(undated(await client.response())).toBe(text('2'));
    client.send('GET /');
    await pass(4000);
    expect(undated(client.received)).toBe(HEAD_TIMEOUT);
  });

  it('requestTimeout answers 408 to content that does not come, however often a byte does', async () => {
    fakeTime();
    const { connect, log } = await serve(routes, { requestTimeout: 5000 });
    const client = (await connect()).send(request('POST /echo', 'Content-Length: 1000'));
    for (let i = 0; i < 49; i++) {
      await pass(100);
      client.send('x');
    }
    await settled();
    expect(client.received).toBe('');
    await pass(1200);
    expect(undated(client.received)).toBe(CONTENT_TIMEOUT);
    expect(client.closed).toBe(true);
    expect(log).toEqual([]);
  });

  it('requestTimeout bounds content that is dropped', async () => {
    fakeTime();
    const { connect } = await serve(routes, { requestTimeout: 5000 });
    const client = (await connect()).send(request('POST /ignore', 'Content-Length: 1000'));
    expect(undated(await client.response())).toBe(text('ignored'));
    await pass(4999);
    expect(client.closed).toBe(false);
    await pass(1001);
    expect(client.closed).toBe(true);
  });

  it('no timeout cuts a handler short', async () => {
    fakeTime();
    let finish = () => {};
    const { connect } = await serve((server) =>
      server.post('/', async (req, res) => {
        await req.text();
        res.holdOpen = true;
        finish = () => void res.send('at last');
      }),
    );
    const client = (await connect()).send(requestWith('a', 'POST /'));
    await pass(600_000);
    expect([client.closed, client.received]).toEqual([false, '']);
    finish();
    expect(undated(await client.response())).toBe(text('at last'));
  });

  it('keepAliveTimeout closes a connection between requests', async () => {
    fakeTime();
    const { connect } = await serve(routes, { keepAliveTimeout: 7000 });
    const client = (await connect()).send(request('GET /now/1'));
    await client.response();
    await pass(6999);
    client.send(request('GET /now/2'));
    expect(undated(await client.response())).toBe(text('2'));
    await pass(6999);
    expect(client.closed).toBe(false);
    await pass(1001);
    expect([client.closed, client.received]).toEqual([true, '']);
  });

  it('writeTimeout destroys a client that reads nothing', async () => {
    fakeTime();
    const { connect } = await serve(routes, { writeTimeout: 4000 });
    const client = await connect();
    client.duplex.pause();
    client.send(request('GET /large'));
    await pass(3999);
    expect(client.duplex.destroyed).toBe(false);
    const closed = once(client.duplex, 'close');
    await pass(1001);
    client.duplex.resume();
    await closed;
    expect(client.received.length).toBeLessThan(3_000_000);
  });

  it('writeTimeout lets a client be slow that still reads', async () => {
    fakeTime();
    const { connect } = await serve(routes, { writeTimeout: 4000 });
    const client = await connect();
    client.duplex.pause();
    client.send(request('GET /large'));
    let received = 0;
    client.duplex.on('data', (chunk: Buffer) => {
      received += chunk.length;
      client.duplex.pause();
    });
    client.duplex.pause();
    for (let i = 0; received < 3_000_000 && i < 40; i++) {
      await pass(1500);
      client.duplex.resume();
      await settled();
    }
    expect(received).toBeGreaterThan(3_000_000);
  });

  it('a client that does not close after the last answer is destroyed', async () => {
    fakeTime();
    const { connect, server } = await serve(routes);
    const client = (await connect()).send(request('GET /now/1', 'Connection: close'));
    expect(undated(await client.all())).toBe(lastText('1'));
    expect(client.duplex.destroyed).toBe(false);
    await pass(3000);
    expect(client.duplex.destroyed).toBe(true);
    expect(await server.close()).toEqual({ destroyed: 0 });
  });
});

describe('a client that pipelines and never reads', () => {
  it('stops the parser, and is served on when it reads', async () => {
    let handled = 0;
    const { connect } = await serve((server) =>
      server.get('/', (_req, res) => {
        handled++;
        res.send('x'.repeat(1000));
      }),
    );
    const client = await connect();
    client.duplex.pause();
    const total = 2000;
    client.send(request('GET /').repeat(total));
    await settled();
    const stopped = handled;
    expect(stopped).toBeLessThan(300);
    await settled();
    expect(handled).toBe(stopped);
    client.duplex.resume();
    await eventually(() => handled === total, 'every request is served');
  });

  it('takes no more input while it is stopped', async () => {
    const { connect } = await serve(routes);
    const client = await connect();
    client.duplex.pause();
    client.send(request('GET /large') + request('GET /now/1'));
    await settled();
    let taken = 0;
    for (let i = 0; i < 100; i++) client.duplex.write(Buffer.alloc(10_000), () => taken++);
    await settled();
    expect(taken).toBeLessThan(10);
  });
});

describe('backpressure', () => {
  it('is a promise from res.write, which stops the producer', async () => {
    let written = 0;
    const { connect } = await serve((server) =>
      server.get('/', async (_req, res) => {
        for (; written < 200; written++) {
          const slow = res.write(Buffer.alloc(10_000));
          if (slow !== undefined) await slow;
        }
      }),
    );
    const client = await connect();
    client.duplex.pause();
    client.send(request('GET /'));
    await settled();
    const stopped = written;
    expect(stopped).toBeLessThan(30);
    await settled();
    expect(written).toBe(stopped);
    client.duplex.resume();
    await client.until('\r\n0\r\n\r\n');
    expect(written).toBe(200);
  });

  it('holds content back that the handler does not read', async () => {
    const { connect } = await serve((server) => server.post('/', () => new Promise(() => {})), {
      maxBodySize: 100_000_000,
    });
    const client = (await connect()).send(request('POST /', 'Content-Length: 50000000'));
    let taken = 0;
    for (let i = 0; i < 100; i++) client.duplex.write(Buffer.alloc(10_000), () => taken++);
    await settled();
    expect(taken).toBeLessThan(15);
  });
});

describe('a handler', () => {
  it('may return anything', async () => {
    // biome-ignore lint/suspicious/noThenProperty: it is no thenable.
    for (const returned of [5, 'text', null, {}, [], { then: 5 }]) {
      const { connect, log } = await serve((server) =>
        server.get('/', ((_req: unknown, res: { send(text: string): unknown }) => {
          res.send('sent');
          return returned;
        }) as never),
      );
      const client = (await connect()).send(request('GET /').repeat(2));
      expect(undated(await client.response())).toBe(text('sent'));
      expect(undated(await client.response())).toBe(text('sent'));
      expect(log).toEqual([]);
    }
  });

  it('may be awaited by a thenable that is no Promise', async () => {
    const { connect } = await serve((server) =>
      server.get('/', ((_req: unknown, res: { send(text: string): unknown }) => ({
        // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
        then(resolve: () => void) {
          setImmediate(() => {
            res.send('later');
            resolve();
          });
        },
      })) as never),
    );
    const client = (await connect()).send(request('GET /'));
    expect(undated(await client.response())).toBe(text('later'));
  });

  it('that reads content which never comes is told when the client half-closes', async () => {
    const failures: unknown[] = [];
    const { connect } = await serve((server) =>
      server.post('/', async (req) => {
        await req.bytes().catch((error: Error) => failures.push(error.name));
        throw new HttpError('Incomplete', 400);
      }),
    );
    const client = (await connect()).send(request('POST /', 'Content-Length: 5'));
    await settled();
    await client.end();
    expect(undated(await client.all())).toBe(problem('400 Bad Request', { detail: 'Incomplete' }, IS_LAST));
    expect(failures).toEqual(['ClientGone']);
  });
});

describe('a socket', () => {
  it('that fails ends its connection and nothing else', async () => {
    const server = Server.newWith(new MemorySocket());
    routes(server);
    const [, far] = duplexPair({ allowHalfOpen: true });
    const serving = server._tick(far);
    far.destroy(new Error('ECONNRESET'));
    await serving;
  });

  it('keeps no listener of an exchange that is over', async () => {
    const server = Server.newWith(new MemorySocket());
    routes(server);
    const [near, far]: [Duplex, Duplex] = duplexPair({ allowHalfOpen: true });
    const serving = server._tick(far);
    const client = RawClient.over(near);
    const counts: number[] = [];
    for (let n = 0; n < 3; n++) {
      client.send(request(`GET /later/${n}`));
      await client.response();
      counts.push(far.eventNames().reduce((sum, name) => sum + far.listenerCount(name), 0));
    }
    expect(new Set(counts).size).toBe(1);
    await client.end();
    await serving;
  });
});
