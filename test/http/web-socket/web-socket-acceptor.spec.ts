import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import type { Handler } from '../../../src/http/handler.js';
import { acceptWebSocket } from '../../../src/http/web-socket/web-socket-acceptor.js';
import type { WebSocketConnection } from '../../../src/http/web-socket/web-socket-connection.js';
import type { WebSocketOptions } from '../../../src/http/web-socket/web-socket-options.js';
import { accessLog } from '../../../src/middleware/access-log.js';
import { Server } from '../../../src/server/server.js';
import { TlsSocket } from '../../../src/sockets/tls.js';
import { Authority } from '../../support/certificates.js';
import { eventually, request, serve, TRANSPORTS, undated } from '../../support/served.js';
import { handshake, openSocket, TestSocket, textFrame } from '../../support/web-socket.js';

/** Sends every message back. */
function echo(options?: WebSocketOptions): Handler {
  return async (req, res) => {
    const socket = await acceptWebSocket(req, res, options);
    for await (const message of socket) await socket.send(message);
  };
}

describe.each(TRANSPORTS)('acceptWebSocket over %s', (transport) => {
  it('answers 101 with the fields of the response, and what both have agreed on', async () => {
    const { connect } = await serve(
      (server) =>
        server
          .use((req, res, next) => {
            res.onHead(() => res.setHeader('X-Request-Id', '7'));
            res.addHeader('Set-Cookie', 'a=1').addHeader('Set-Cookie', 'b=2');
            return next(req, res);
          })
          .get('/', echo({ protocols: ['chat'] })),
      {},
      transport,
    );
    const client = await connect();
    client.send(handshake('/', 'Sec-WebSocket-Protocol: other, chat', 'Sec-WebSocket-Extensions: permessage-deflate'));
    // The accept value is that of RFC 6455 §1.3.
    expect(undated(await client.until('\r\n\r\n'))).toBe(
      [
        'HTTP/1.1 101 Switching Protocols',
        'Date: -',
        'Set-Cookie: a=1',
        'Set-Cookie: b=2',
        'Upgrade: websocket',
        'X-Request-Id: 7',
        'Connection: Upgrade',
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
        'Sec-WebSocket-Protocol: chat',
        '',
        '',
      ].join('\r\n'),
    );
  });

  it('reads the frames that came with the handshake', async () => {
    const { connect } = await serve((server) => server.get('/', echo()), {}, transport);
    const client = await connect();
    client.send(handshake('/') + textFrame('early') + textFrame('bird'));
    await client.until('\r\n\r\n');
    expect(await client.until('bird')).toBe('\x81\x05early\x81\x04bird');
  });

  it('keeps text and bytes apart', async () => {
    const served = await serve((server) => server.get('/', echo()), {}, transport);
    const client = await openSocket(served);
    client.ws.send('grüß dich');
    expect(await client.next()).toBe('grüß dich');
    client.ws.send(Buffer.from([0, 255]));
    expect(await client.next()).toEqual(Buffer.from([0, 255]));
    client.ws.send('');
    expect(await client.next()).toBe('');
  });

  it('closes as the client does, and tells how', async () => {
    let closed: WebSocketConnection['closed'] | undefined;
    const served = await serve(
      (server) =>
        server.get('/', async (req, res) => {
          closed = (await acceptWebSocket(req, res)).closed;
        }),
      {},
      transport,
    );
    const client = await openSocket(served);
    client.ws.close(4001, 'done');
    expect(await client.closed()).toEqual([4001, 'done']);
    expect(await closed).toEqual({ code: 4001, reason: 'done' });
  });

  it('tells 1006 where the client goes without a word', async () => {
    let socket: WebSocketConnection | undefined;
    const served = await serve(
      (server) =>
        server.get('/', async (req, res) => {
          socket = await acceptWebSocket(req, res);
        }),
      {},
      transport,
    );
    const client = await openSocket(served);
    client.ws.terminate();
    await eventually(() => socket?.isOpen === false, 'the departure is noticed');
    expect(await socket?.closed).toEqual({ code: 1006, reason: '' });
    expect(socket?.signal.aborted).toBe(true);
  });

  it('sends 1001 to every client when the server drains, and waits for their answers', async () => {
    const served = await serve((server) => server.get('/', echo()), {}, transport);
    const clients = await Promise.all(Array.from({ length: 20 }, () => openSocket(served)));
    expect(await served.server.close({ timeout: 10_000 })).toEqual({ destroyed: 0 });
    for (const client of clients) expect(await client.closed()).toEqual([1001, '']);
  });

  it('cuts off at the deadline who does not answer the close', async () => {
    const { connect, server } = await serve((server) => server.get('/', echo()), {}, transport);
    const client = await connect();
    client.send(handshake('/'));
    await client.until('\r\n\r\n');
    const closing = server.close({ timeout: 1 });
    await client.until('\x88\x02\x03\xe9');
    expect(await closing).toEqual({ destroyed: 1 });
    expect(await client.all()).toBe('');
  });

  it('logs one line at the end, with 101', async () => {
    const lines: string[] = [];
    const served = await serve(
      (server) => server.use(accessLog({ write: (line) => lines.push(line) })).get('/', echo()),
      {},
      transport,
    );
    const client = await openSocket(served);
    client.ws.send('hi');
    await client.next();
    expect(lines).toEqual([]);
    client.ws.close();
    await eventually(() => lines.length > 0, 'the line is written');
    expect(lines).toEqual([expect.stringContaining('"GET / HTTP/1.1" 101 ')]);
  });

  it('leaves the connection to other requests where it is refused', async () => {
    const { exchange } = await serve((server) => server.get('/', echo()), {}, transport);
    const answers = await exchange(handshake('/', 'Origin: http://evil.example') + request('GET /'));
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 426']);
  });
});

describe('acceptWebSocket', () => {
  it('compresses where both want to', async () => {
    const served = await serve((server) => server.get('/', echo({ deflate: true })));
    const client = await openSocket(served);
    expect(client.ws.extensions).toBe('permessage-deflate');
    const text = 'again and '.repeat(1000);
    client.ws.send(text);
    expect(await client.next()).toBe(text);
  });

  it('counts a message once decompressed', async () => {
    const served = await serve((server) => server.get('/', echo({ deflate: true, maxMessageSize: 1000 })));
    const client = await openSocket(served);
    client.ws.send('0'.repeat(100_000));
    expect(await client.closed()).toEqual([1009, '']);
  });

  it('does not compress unless it is told to', async () => {
    const client = await openSocket(await serve((server) => server.get('/', echo())));
    expect(client.ws.extensions).toBe('');
  });

  it('runs no handler where the client wants a compression that cannot be', async () => {
    let isRun = false;
    const { connect, log } = await serve((server) =>
      server.get('/', async (req, res) => {
        await acceptWebSocket(req, res, { deflate: true });
        isRun = true;
      }),
    );
    const client = await connect();
    client.send(handshake('/', 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99'));
    expect(await client.all()).toContain('HTTP/1.1 400 Bad Request');
    expect([isRun, log]).toEqual([false, []]);
  });

  it.each([
    ['what is no JSON', '{', 1007, 'The content is not valid JSON: unexpected end at offset 1.'],
    [
      'what would poison a prototype',
      '{"__proto__":1}',
      1007,
      'The JSON content has a key that is not allowed: "__proto__", or "constructor" with "prototype".',
    ],
    ['bytes', Buffer.from('{"x":1}'), 1003, 'Messages are JSON, sent as text.'],
    ['what does not fit', '{"x":"1"}', 1008, 'x: Invalid input: expected number, received string'],
  ])('closes at %s where messages have a schema', async (_title, message, code, reason) => {
    const seen: number[] = [];
    const served = await serve((server) =>
      server.get('/', async (req, res) => {
        const socket = await acceptWebSocket(req, res, { message: z.object({ x: z.number() }) });
        for await (const { x } of socket) seen.push(x);
      }),
    );
    const client = await openSocket(served);
    client.ws.send('{"x":1}');
    client.ws.send(message);
    client.ws.send('{"x":3}');
    expect(await client.closed()).toEqual([code, reason]);
    expect(seen).toEqual([1]);
  });

  it('gives messages in order through a schema that takes its time', async () => {
    const seen: string[] = [];
    const Slow = z.string().refine(async (text) => {
      if (text === 'a') await new Promise((resolve) => setImmediate(resolve));
      return true;
    });
    const served = await serve((server) =>
      server.get('/', async (req, res) => {
        const socket = await acceptWebSocket(req, res, { message: Slow });
        for await (const text of socket) seen.push(text);
      }),
    );
    const client = await openSocket(served);
    for (const text of ['a', 'b', 'c']) client.ws.send(JSON.stringify(text));
    await eventually(() => seen.length === 3, 'all have come');
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('speaks over TLS, where a page without it is foreign', async () => {
    const authority = new Authority();
    const { key, cert } = authority.issue('localhost');
    const server = Server.newWith(new TlsSocket({ key, cert })).get('/', echo());
    await server.setIp('127.0.0.1').listen();
    void server.run();
    onTestFinished(() => server.close({ timeout: 0 }).then(() => {}));
    const url = `wss://localhost:${server.port}`;
    const open = (origin: string) => new WebSocket(url, { ca: authority.own.cert, origin });
    const ws = open(`https://localhost:${server.port}`);
    const client = new TestSocket(ws);
    await once(ws, 'open');
    ws.send('hi');
    expect(await client.next()).toBe('hi');
    const [error] = await once(open(`http://localhost:${server.port}`), 'error');
    expect(String(error)).toContain('403');
    await server.close();
    expect(await client.closed()).toEqual([1001, '']);
  });

  it('answers 500 for options that are wrong', async () => {
    const { exchange, log } = await serve((server) => server.get('/', echo({ maxMessageSize: -1 })));
    expect(await exchange(handshake('/'))).toContain('HTTP/1.1 500');
    expect(String(log[0]?.fields.err)).toContain('maxMessageSize must be a whole number');
  });

  it('closes a thousand sockets with 1001', async () => {
    const served = await serve((server) => server.get('/', echo()));
    const clients: TestSocket[] = [];
    while (clients.length < 1000) clients.push(await openSocket(served));
    expect(await served.server.close({ timeout: 20_000 })).toEqual({ destroyed: 0 });
    const codes = await Promise.all(clients.map((client) => client.closed()));
    expect(new Set(codes.map(([code]) => code))).toEqual(new Set([1001]));
  }, 30_000);
});
