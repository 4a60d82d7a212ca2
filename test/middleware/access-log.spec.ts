import { expect, it, vi } from 'vitest';
import { accessLog, MemorySocket, Server } from '../../src/index.js';
import { RawClient } from '../support/raw-client.js';

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
