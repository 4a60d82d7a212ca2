import { describe, expect, it } from 'vitest';
import type { Request } from '../../../src/http/request.js';
import { asksForWebSocket, checkHandshake } from '../../../src/http/web-socket/web-socket-handshake.js';
import { checkWebSocketOptions, type WebSocketOptions } from '../../../src/http/web-socket/web-socket-options.js';
import { problem, request, requestWith, serve, undated } from '../../support/served.js';
import { HANDSHAKE, handshake } from '../../support/web-socket.js';

/** What a handler answers that tells the sub-protocol which was chosen. */
async function answerTo(bytes: string, options: WebSocketOptions = {}, configure?: (req: Request) => void) {
  const checked = checkWebSocketOptions(options);
  const { exchange } = await serve((server) => {
    for (const method of ['GET', 'POST']) {
      server.on(method, '/', (req, res) => {
        configure?.(req);
        res.setStatus(299).send(checkHandshake(req, checked));
      });
    }
  });
  return undated(await exchange(bytes));
}

async function statusOf(bytes: string, options?: WebSocketOptions, configure?: (req: Request) => void) {
  return Number((await answerTo(bytes, options, configure)).slice(9, 12));
}

const without = (name: string, ...instead: string[]) =>
  request('GET /', ...HANDSHAKE.filter((line) => !line.startsWith(`${name}:`)), ...instead);

describe('checkHandshake (RFC 6455 §4.2)', () => {
  it.each([
    ['takes a complete one', handshake('/'), 299],
    ['takes options among others, in any case', without('Connection', 'Connection: keep-alive, UPGRADE'), 299],
    ['takes a protocol among others, in any case', without('Upgrade', 'Upgrade: h2c, WebSocket'), 299],
    ['wants an upgrade', request('GET /'), 426],
    ['wants Upgrade', without('Upgrade'), 426],
    ['wants Upgrade to websocket', without('Upgrade', 'Upgrade: h2c'), 426],
    ['wants Connection: Upgrade', without('Connection'), 426],
    ['wants a version', without('Sec-WebSocket-Version'), 426],
    ['wants version 13', without('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 8'), 426],
    ['wants HTTP/1.1', handshake('/').replace('HTTP/1.1', 'HTTP/1.0'), 426],
    ['wants a key', without('Sec-WebSocket-Key'), 400],
    ['wants a key of 16 bytes', without('Sec-WebSocket-Key', 'Sec-WebSocket-Key: dGhlIHNhbXBsZQ=='), 400],
    ['wants a key in base64', without('Sec-WebSocket-Key', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j_Q=='), 400],
    ['wants one key', handshake('/', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='), 400],
    ['wants no content', requestWith('hi', 'GET /', ...HANDSHAKE), 400],
    ['wants GET', request('POST /', ...HANDSHAKE), 405],
    ['wants sub-protocols that are tokens', handshake('/', 'Sec-WebSocket-Protocol: a b'), 400],
    ['wants sub-protocols that differ', handshake('/', 'Sec-WebSocket-Protocol: a, b, a'), 400],
    ['wants a sub-protocol in their list', handshake('/', 'Sec-WebSocket-Protocol:'), 400],
  ])('%s', async (_title, bytes, status) => {
    expect(await statusOf(bytes)).toBe(status);
  });

  it('says how to do it', async () => {
    expect(await answerTo(request('GET /'))).toBe(
      problem(
        '426 Upgrade Required',
        { detail: 'This is served over WebSocket alone.' },
        { fields: ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'] },
      ).replace('\r\n\r\n', '\r\nConnection: Upgrade\r\n\r\n'),
    );
  });

  it.each<[string, string, readonly string[] | '*' | undefined, number]>([
    ['the host itself', 'http://h', undefined, 299],
    ['the host itself over TLS', 'https://h', undefined, 299],
    ['the host itself, with the default port', 'http://h:80', undefined, 299],
    ['another port', 'http://h:8080', undefined, 403],
    ['another host', 'http://evil.example', undefined, 403],
    ['a host that begins as this one', 'http://h.evil.example', undefined, 403],
    ['a sandboxed page', 'null', undefined, 403],
    ['no URL', 'h', undefined, 403],
    ['an extension', 'chrome-extension://h', undefined, 403],
    ['an origin that is listed', 'https://app.example', ['https://app.example'], 299],
    ['the host itself beside a list', 'http://h', ['https://app.example'], 299],
    ['a listed host with another scheme', 'http://app.example', ['https://app.example'], 403],
    ['anybody where all are', 'null', '*', 299],
  ])('lets in by origin, or not: %s', async (_title, origin, origins, status) => {
    const options = origins === undefined ? {} : { origins };
    expect(await statusOf(handshake('/', `Origin: ${origin}`), options)).toBe(status);
  });

  it('compares the origin with the host that a trusted gateway was asked', async () => {
    const viaGateway = (req: Request) => {
      req.authority = 'public.example';
    };
    expect(await statusOf(handshake('/', 'Origin: https://public.example'), {}, viaGateway)).toBe(299);
    expect(await statusOf(handshake('/', 'Origin: http://h'), {}, viaGateway)).toBe(403);
  });

  it('refuses a page without TLS where the request came over TLS', async () => {
    const overTls = (req: Request) => {
      req.scheme = 'https';
    };
    expect(await statusOf(handshake('/', 'Origin: http://h'), {}, overTls)).toBe(403);
    expect(await statusOf(handshake('/', 'Origin: https://h'), {}, overTls)).toBe(299);
  });

  it.each<[string, string, string[], string]>([
    ['the first that the server prefers', 'a, b', ['b', 'a'], 'b'],
    ['the only one that both speak', 'a,c', ['b', 'a'], 'a'],
    ['none where they share none', 'c', ['b', 'a'], ''],
    ['none where the server has none', 'a', [], ''],
    ['none that differs in case', 'A', ['a'], ''],
  ])('chooses %s', async (_title, offered, protocols, chosen) => {
    const answer = await answerTo(handshake('/', `Sec-WebSocket-Protocol: ${offered}`), { protocols });
    expect(answer.split('\r\n\r\n')[1]).toBe(chosen);
  });

  it('refuses while the server drains: it would be closed at once', async () => {
    let answer: () => void = () => {};
    const { connect, server } = await serve((server) =>
      server.get('/', async (req, res) => {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        res.send(checkHandshake(req, checkWebSocketOptions()));
      }),
    );
    const client = await connect();
    client.send(handshake('/'));
    await new Promise((resolve) => setImmediate(resolve));
    const closed = server.close();
    answer();
    expect(await client.response()).toContain('HTTP/1.1 503');
    await client.end();
    await closed;
  });
});

it.each([
  ['a handshake', handshake('/'), true],
  ['one without a key, which is to be refused', without('Sec-WebSocket-Key'), true],
  ['an ordinary request', request('GET /'), false],
  ['an upgrade to something else', request('GET /', 'Connection: Upgrade', 'Upgrade: h2c'), false],
  ['HTTP/1.0', handshake('/').replace('HTTP/1.1', 'HTTP/1.0'), false],
])('asksForWebSocket tells %s', async (_title, bytes, asks) => {
  const seen: boolean[] = [];
  const { exchange } = await serve((server) =>
    server.get('/', (req, res) => {
      seen.push(asksForWebSocket(req));
      res.send();
    }),
  );
  await exchange(bytes);
  expect(seen).toEqual([asks]);
});
