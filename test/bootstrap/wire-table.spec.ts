import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Container } from '../../src/bootstrap/container.js';
import { buildRouteTable } from '../../src/bootstrap/route-table.js';
import { Controller } from '../../src/decorators/controller.js';
import { Get } from '../../src/decorators/route.js';
import { Reply } from '../../src/http/reply.js';
import { Server } from '../../src/server/server.js';
import { RawClient } from '../support/raw-client.js';
import { request, response, serve, TRANSPORTS, undated } from '../support/served.js';

/** What a returned value becomes: the table of docs/controllers.md, row by row. */
interface Row {
  /** As the table has it. */
  readonly returned: string;
  readonly make: () => unknown;
  readonly status: string;
  readonly type?: string;
  readonly content?: string;
  readonly isChunked?: boolean;
  readonly fields?: readonly string[];
}

const JSON_TYPE = 'application/json';
const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const json = (returned: string, make: () => unknown, content: string): Row => {
  return { returned, make, status: '200 OK', type: JSON_TYPE, content };
};
const chunked = (returned: string, make: () => unknown): Row => {
  return { returned, make, status: '200 OK', type: BYTES, content: 'hi', isChunked: true };
};

const ROWS: readonly Row[] = [
  { returned: '`undefined`', make: () => undefined, status: '204 No Content' },
  json('`null`', () => null, 'null'),
  json('`42`', () => 42, '42'),
  json('`true`', () => true, 'true'),
  json('`{ a: 1 }`', () => ({ a: 1 }), '{"a":1}'),
  json("`[1, 'b']`", () => [1, 'b'], '[1,"b"]'),
  json("`new Map([['a', 1]])`", () => new Map([['a', 1]]), '{"a":1}'),
  json('`new Set([1])`', () => new Set([1]), '[1]'),
  json('`new Date(0)`', () => new Date(0), '"1970-01-01T00:00:00.000Z"'),
  { returned: "`'hi'`", make: () => 'hi', status: '200 OK', type: TEXT, content: 'hi' },
  { returned: "`''`", make: () => '', status: '200 OK', type: TEXT, content: '' },
  { returned: "`Buffer.from('hi')`", make: () => Buffer.from('hi'), status: '200 OK', type: BYTES, content: 'hi' },
  {
    returned: '`new Uint8Array([104, 105]).buffer`',
    make: () => new Uint8Array([104, 105]).buffer,
    status: '200 OK',
    type: BYTES,
    content: 'hi',
  },
  chunked("`Readable.from(['hi'])`", () => Readable.from(['hi'])),
  chunked("`ReadableStream.from(['hi'])`", () => ReadableStream.from(['hi'])),
  chunked("an async generator that yields `'hi'`", async function* () {
    yield 'hi';
  }),
  { returned: '`new Reply(202, { a: 1 })`', make: () => new Reply(202, { a: 1 }), status: '202 Accepted', type: JSON_TYPE, content: '{"a":1}' }, // biome-ignore format: one row
  { returned: "`Reply.created('/x', { a: 1 })`", make: () => Reply.created('/x', { a: 1 }), status: '201 Created', type: JSON_TYPE, content: '{"a":1}', fields: ['Location: /x'] }, // biome-ignore format: one row
  { returned: '`Reply.noContent()`', make: () => Reply.noContent(), status: '204 No Content' },
  { returned: "`Reply.redirect('/x')`", make: () => Reply.redirect('/x'), status: '303 See Other', fields: ['Location: /x'] }, // biome-ignore format: one row
  { returned: '`Reply.notModified()`', make: () => Reply.notModified(), status: '304 Not Modified' },
  {
    returned: "`Reply.stream(Readable.from(['hi']), 'text/csv')`",
    make: () => Reply.stream(Readable.from(['hi']), 'text/csv'),
    status: '200 OK',
    type: 'text/csv',
    content: 'hi',
    isChunked: true,
  },
  {
    returned: "`new Reply(200, '<b>', { 'Content-Type': 'text/html' })`",
    make: () => new Reply(200, '<b>', { 'Content-Type': 'text/html' }),
    status: '200 OK',
    type: 'text/html',
    content: '<b>',
  },
];

/** The bytes of an answer on a connection that stays open. */
function bytesOf({ status, type, content = '', isChunked, fields = [] }: Row): string {
  const typeLines = type === undefined ? [] : [`Content-Type: ${type}`];
  if (isChunked) {
    const chunks = `${content.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`;
    return response(status, [...typeLines, ...fields, 'Transfer-Encoding: chunked'], chunks);
  }
  const length = /^[23]04/.test(status) ? [] : [`Content-Length: ${content.length}`];
  return response(status, [...typeLines, ...fields, ...length], content);
}

/** A row as the guide writes it. */
function lineOf({ returned, status, type, content = '', isChunked }: Row): string {
  const code = (text: string | undefined) => (text ? `\`${text}\`` : '');
  const cells = [returned, status.slice(0, 3), code(type), code(content) + (isChunked ? ', chunked' : '')];
  return `|${cells.map((cell) => (cell === '' ? ' |' : ` ${cell} |`)).join('')}`;
}

/** Adds two routes that return what the row makes, at once and later. */
function routesOf(row: Row): (server: Server) => void {
  @Controller()
  class Returning {
    @Get('/now') now() {
      return row.make();
    }
    @Get('/later') async later() {
      return row.make();
    }
  }
  return (server) => {
    const table = buildRouteTable({
      controllers: [Returning],
      container: new Container(),
      env: 'production',
      logger: server.opts.logger,
    });
    for (const route of table.routes) server.router.on(route.method, route.pattern, route.handler);
  };
}

const PATHS = ['/now', '/later'];

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(ROWS)('$returned becomes $status', async (row) => {
    const { exchange } = await serve(routesOf(row), {}, transport);
    for (const path of PATHS) expect(undated(await exchange(request(`GET ${path}`)))).toBe(bytesOf(row));
  });
});

describe('in a server of node:http', () => {
  /** What that server says of its connection, by its own lights. */
  const OF_CONNECTION = /^(?:Connection|Keep-Alive): .*\r\n/gm;

  it.each(ROWS)('$returned becomes $status', async (row) => {
    const server = Server.new();
    routesOf(row)(server);
    const outer = createServer(server.nodeListener()).listen(0, '127.0.0.1');
    onTestFinished(() => void outer.close());
    await once(outer, 'listening');
    for (const path of PATHS) {
      const client = await RawClient.tcp((outer.address() as AddressInfo).port);
      client.send(request(`GET ${path}`));
      await client.end();
      expect(undated(await client.all()).replaceAll(OF_CONNECTION, '')).toBe(bytesOf(row));
    }
  });
});

describe('over fetch', () => {
  it.each(ROWS)('$returned becomes $status', async (row) => {
    const server = Server.new();
    routesOf(row)(server);
    for (const path of PATHS) {
      const answer = await server.fetch(new Request(`http://h${path}`));
      expect(answer.headers.get('date')).toBeNull();
      expect(await describeAnswer(answer)).toBe(describeBytes(row));
    }
  });

  /** Status, fields and content; a web response has neither their order nor their spelling, nor any framing. */
  async function describeAnswer(answer: Response): Promise<string> {
    const fields = [...answer.headers].map(([name, value]) => `${name}: ${value}`).sort();
    return [`${answer.status} ${answer.statusText}`, ...fields, '', await answer.text()].join('\n');
  }

  function describeBytes(row: Row): string {
    const [head = ''] = bytesOf(row).split('\r\n\r\n');
    const [statusLine = '', , ...lines] = head.split('\r\n');
    const fields = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())).sort();
    const unframed = fields.filter((field) => !field.startsWith('transfer-encoding'));
    return [statusLine.slice('HTTP/1.1 '.length), ...unframed, '', row.content ?? ''].join('\n');
  }
});

describe('the guide', () => {
  const guide = readFileSync(new URL('../../docs/controllers.md', import.meta.url), 'utf8');
  const rows = guide.split('\n| returned |')[1]!.split('\n\n')[0]!.split('\n').slice(2);

  it('has these rows, and no other but that of promises', () => {
    expect(rows.slice(0, -1).map((row) => row.replaceAll(/\s+/g, ' '))).toEqual(
      ROWS.map((row) => lineOf(row).replaceAll(/\s+/g, ' ')),
    );
    expect(rows.at(-1)).toMatch(/^\| a promise of any of these/);
  });
});
