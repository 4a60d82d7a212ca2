import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { type AccessLogOptions, accessLog, MemorySocket, Server, trustProxy } from '../../src/index.js';
import { behind, fieldOf, PLACES } from '../support/behind.js';
import { RawClient } from '../support/raw-client.js';
import { eventually, fakeTime, pass, request, settled } from '../support/served.js';

async function lineFor(request: string, body: string | null = 'ok'): Promise<string> {
  const lines: string[] = [];
  const socket = new MemorySocket();
  const server = Server.newWith(socket)
    .use(accessLog({ write: (line) => lines.push(line) }))
    .get('/:name', (_req, res) => {
      if (body === null) res.holdOpen = true;
      else res.send(body);
    });
  await server.listen();
  void server.run();
  const client = RawClient.over(socket.connect());
  client.send(request);
  if (body === null) {
    await vi.waitFor(() => expect(server.sock).toBe(socket));
    await new Promise((resolve) => setImmediate(resolve));
    client.destroy();
  } else {
    await client.response();
  }
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  client.destroy();
  await server.close({ timeout: 0 });
  return lines[0] as string;
}

const TIME = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`;

it.each([
  [
    'the request line, status, bytes and agent',
    'GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: ua\r\nReferer: r\r\n\r\n',
    '"GET /a HTTP/1.1" 200 2 "r" "ua"',
  ],
  ['a dash for what is missing', 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n', '"GET /a HTTP/1.1" 200 2 "-" "-"'],
  ['the status of an error', 'GET /a/b HTTP/1.1\r\nHost: h\r\n\r\n', '"GET /a/b HTTP/1.1" 404 '],
  ['HTTP/1.0', 'GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', '"GET /a HTTP/1.0" 200 2 "-" "-"'],
  [
    'quotes, backslashes and octets beyond ASCII escaped, so that no client forges a line',
    'GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: "\\\t\xe9\r\n\r\n',
    String.raw`"GET /a HTTP/1.1" 200 2 "-" "\x22\x5C\x09\xE9"`,
  ],
])('logs %s', async (_title, request, expected) => {
  expect(await lineFor(request)).toContain(expected);
});

it('logs the user that Basic credentials claim', async () => {
  const line = await lineFor(`GET /a HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ${btoa('ada:secret')}\r\n\r\n`);
  expect(line).toMatch(new RegExp(`^- - ada ${TIME} "GET /a HTTP/1.1" 200 2 "-" "-"\n$`));
});

it('logs 499 where the client left before its answer', async () => {
  expect(await lineFor('GET /a HTTP/1.1\r\nHost: h\r\n\r\n', null)).toContain('"GET /a HTTP/1.1" 499 0 "-" "-"');
});

const ENTRY = { method: 'GET', httpVersion: '1.1', complete: true, time: expect.stringMatching(/^\d{4}-.*Z$/) };

describe.each(PLACES)('accessLog around a %s', (place) => {
  async function logged(bytes: string, options: AccessLogOptions = { format: 'json' }) {
    const lines: string[] = [];
    const served = await behind(place, [accessLog({ write: (line) => lines.push(line), ...options })]);
    const answer = await served.exchange(bytes);
    await settled();
    return { answer, lines, log: served.log };
  }

  it('writes JSON, a line each, with the real status, bytes and id', async () => {
    const fields = ['Referer: https://a.example/', 'User-Agent: "q\\', `Authorization: Basic ${btoa('ada:x')}`];
    const { lines } = await logged(request('GET /ok?q="', ...fields));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(lines[0])).toEqual({
      ...ENTRY,
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      target: '/ok?q="',
      status: 200,
      bytes: 2,
      duration: expect.any(Number),
      user: 'ada',
      referer: 'https://a.example/',
      userAgent: '"q\\',
    });
  });

  it('logs the status of an error, and its reference', async () => {
    const { answer, lines } = await logged(request('GET /fails'));
    const { id, status, bytes } = JSON.parse(lines[0]);
    expect([status, bytes]).toEqual([500, Number(fieldOf(answer, 'Content-Length'))]);
    expect(answer).toContain(`"ref":"${id}"`);
  });

  it('logs what was sent of an answer that broke, and that it did', async () => {
    const { lines, log } = await logged(request('GET /breaks'));
    expect(JSON.parse(lines[0])).toMatchObject({ status: 200, bytes: 4, complete: false });
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });

  it('writes what a function makes of an entry', async () => {
    const { lines } = await logged(request('GET /ok'), { format: ({ method, status }) => `${method} ${status}` });
    expect(lines).toEqual(['GET 200\n']);
  });

  it('leaves out what it is told to skip', async () => {
    expect((await logged(request('GET /ok'), { skip: (_req, res) => res.status < 400 })).lines).toEqual([]);
    expect((await logged(request('GET /refuses'), { skip: (_req, res) => res.status < 400 })).lines).toHaveLength(1);
  });
});

it('logs a socket that was given away when it closes, as an answer that is complete', async () => {
  const lines: string[] = [];
  const { connect } = await behind('server', [
    accessLog({ format: 'json', write: (line) => lines.push(line) }),
    (_req, res) => {
      const socket = res.upgrade('echo');
      socket.on('data', (piece) => socket.write(piece)).on('end', () => socket.end());
    },
  ]);
  const client = await connect();
  client.send(request('GET /ok', 'Connection: Upgrade', 'Upgrade: echo'));
  await client.until('\r\n\r\n');
  client.send('hello');
  await client.until('hello');
  expect(lines).toEqual([]);
  await client.end();
  await client.all();
  await eventually(() => lines.length === 1, 'the line is written');
  expect(JSON.parse(lines[0])).toMatchObject({ status: 101, bytes: 0, complete: true });
});

it('logs how long the answer took, to its end', async () => {
  fakeTime();
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  const lines: string[] = [];
  const { connect } = await behind('server', [
    accessLog({ format: 'json', write: (line) => lines.push(line) }),
    async (req, res, next) => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return next(req, res);
    },
  ]);
  const client = await connect();
  client.send(request('GET /ok'));
  await pass(250);
  await client.response();
  expect(JSON.parse(lines[0])).toMatchObject({ duration: 250 });
});

it('logs the address of a client that has left', async () => {
  const lines: string[] = [];
  let isServed = false;
  const { connect } = await behind(
    'server',
    [
      accessLog({ write: (line) => lines.push(line) }),
      (_req, res) => {
        isServed = true;
        res.holdOpen = true;
      },
    ],
    undefined,
    {},
    'tcp',
  );
  const client = await connect();
  client.send(request('GET /ok'));
  await eventually(() => isServed, 'the request is served');
  // An end alone would be half a close, and the answer still awaited.
  (client.duplex as Socket).resetAndDestroy();
  await eventually(() => lines.length > 0, 'the line is written');
  expect(lines[0]).toMatch(/^127\.0\.0\.1 .* 499 0 /);
});

it('logs the client that trustProxy has found, though it stands before', async () => {
  const lines: string[] = [];
  const use = [accessLog({ write: (line) => lines.push(line) }), trustProxy({ trust: 'loopback' })];
  const { exchange } = await behind('server', use, undefined, {}, 'tcp');
  await exchange(request('GET /ok', 'X-Forwarded-For: 192.0.2.1'));
  await exchange(request('GET /ok'));
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['192.0.2.1', '127.0.0.1']);
});

it.each([
  [{ format: 'common' }, 'accessLog: format must be "combined", "json" or a function, got "common"'],
  [{ format: 'toString' }, 'got "toString"'],
  [{ write: 'stdout' }, 'accessLog: write must be a function, got "stdout"'],
  [{ skip: true }, 'accessLog: skip must be a function, got true'],
  [{ stream: 'x' }, 'accessLog: unknown option "stream"; known are write, format, skip'],
])('refuses %j when it is made', (options, message) => {
  expect(() => accessLog(options as never)).toThrow(message);
});
