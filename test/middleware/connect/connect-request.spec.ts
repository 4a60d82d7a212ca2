import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connect, connectRequest, type Middleware } from '../../../src/index.js';
import type { ServerOptions } from '../../../src/server/opts.js';
import { eventually, request, requestWith, serve, type Transport } from '../../support/served.js';

type Next = (error?: unknown) => void;
type Seen = IncomingMessage & { originalUrl: string; query: object; secure: boolean };

/** What `look` finds on the request that `bytes` are. */
async function seen<T>(bytes: string, look: (req: Seen) => T | Promise<T>, before: Middleware[] = []): Promise<T> {
  let found: { value: T } | undefined;
  const { exchange } = await serve((server) => {
    for (const one of before) server.use(one);
    server
      .use(
        connect((req: Seen, _res: unknown, next: Next) => {
          Promise.resolve(look(req)).then((value) => {
            found = { value };
            next();
          }, next);
        }),
      )
      .post('/*rest', (_req, res) => void res.send('ok'));
  });
  const answer = await exchange(bytes);
  if (found === undefined) throw new Error(answer);
  return found.value;
}

it('has the request line', async () => {
  const line = await seen(requestWith('', 'POST /a?b=1&c=2&c=3'), (req) => [
    req.method,
    req.url,
    req.originalUrl,
    req.httpVersion,
    [req.httpVersionMajor, req.httpVersionMinor],
    { ...req.query },
  ]);
  expect(line).toEqual(['POST', '/a?b=1&c=2&c=3', '/a?b=1&c=2&c=3', '1.1', [1, 1], { b: '1', c: ['2', '3'] }]);
});

it('has the fields in each form', async () => {
  const bytes = requestWith('', 'POST /', 'X-A: 1', 'x-a: 2', 'Cookie: a=1', 'Cookie: b=2', '__proto__: x');
  const fields = await seen(bytes, (req) => [
    { ...req.headers },
    req.rawHeaders.slice(2, 6),
    req.headersDistinct['x-a'],
    Object.getPrototypeOf(req.headers),
  ]);
  expect(fields).toEqual([
    { host: 'h', 'x-a': '1, 2', cookie: 'a=1; b=2', ['__proto__']: 'x', 'content-length': '0' },
    ['X-A', '1', 'x-a', '2'],
    ['1', '2'],
    null,
  ]);
});

it('has the address and the scheme that were found before', async () => {
  const gateway: Middleware = (req, res, next) => {
    req.remoteAddress = '192.0.2.7';
    req.scheme = 'https';
    return next(req, res);
  };
  const look = (req: Seen) => {
    const socket = req.socket as unknown as { remoteAddress: string; encrypted: boolean };
    return [socket.remoteAddress, socket.encrypted, req.secure, req.connection === req.socket];
  };
  expect(await seen(requestWith('', 'POST /'), look, [gateway])).toEqual(['192.0.2.7', true, true, true]);
  expect(await seen(requestWith('', 'POST /'), look)).toEqual([undefined, false, false, true]);
});

describe('its content', () => {
  async function collect(req: IncomingMessage): Promise<string> {
    let text = '';
    for await (const piece of req) text += piece;
    return text;
  }

  it.each([
    ['that came with the head', requestWith('hello', 'POST /'), 'hello'],
    ['in chunks', `${request('POST /', 'Transfer-Encoding: chunked')}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`, 'hello'],
    ['that is empty', requestWith('', 'POST /'), ''],
  ])('is read as a stream: %s', async (_title, bytes, expected) => {
    const found = await seen(bytes, async (req) => [req.complete, await collect(req), req.complete]);
    expect(found).toEqual([false, expected, true]);
  });

  it('is left to the handler where nobody reads it', async () => {
    const { exchange } = await serve((server) =>
      server
        .use(connect((_req: unknown, _res: unknown, next: Next) => next()))
        .post('/', async (req, res) => void res.send(await req.text())),
    );
    expect(await exchange(requestWith('hello', 'POST /'))).toMatch(/\r\n\r\nhello$/);
  });

  it('is refused over the limit by an error that next may be called with', async () => {
    const { exchange } = await serveReading({ maxBodySize: 4 });
    expect(await exchange(requestWith('hello', 'POST /'))).toMatch(/^HTTP\/1\.1 413 /);
  });

  async function serveReading(options: ServerOptions, listens = true, transport: Transport = 'memory') {
    const events: string[] = [];
    const served = await serve(
      (server) =>
        server
          .use(
            connect((req: IncomingMessage, _res: unknown, next: Next) => {
              if (listens) req.on('error', next);
              req
                .on('close', () => events.push('close'))
                .on('aborted', () => events.push('aborted'))
                .on('end', () => next())
                .resume();
            }),
          )
          .post('/', (_req, res) => void res.send('ok')),
      options,
      transport,
    );
    return { ...served, events };
  }

  it.each([true, false])('ends where the client leaves, error listener or not (%s)', async (listens) => {
    const { connect: connectClient, events } = await serveReading({}, listens, 'tcp');
    const client = await connectClient();
    client.send(`${request('POST /', 'Content-Length: 5')}he`);
    await client.end();
    await eventually(() => events.includes('close'), 'the stream has closed');
    client.destroy();
  });
});

it('is one for all middleware of an exchange, and for its handler', async () => {
  const requests: unknown[] = [];
  const note = connect((req: IncomingMessage, _res: unknown, next: Next) => {
    requests.push(req);
    next();
  });
  const { exchange } = await serve((server) =>
    server
      .use(note)
      .use(note)
      .get('/', (req) => void requests.push(connectRequest(req))),
  );
  await exchange(request('GET /'));
  expect(requests).toHaveLength(3);
  expect(new Set(requests).size).toBe(1);
});
