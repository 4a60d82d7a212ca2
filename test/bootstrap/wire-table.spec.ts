import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Container } from '../../src/bootstrap/container.js';
import { buildRouteTable } from '../../src/bootstrap/route-table.js';
import { Controller } from '../../src/decorators/controller.js';
import { Get } from '../../src/decorators/route.js';
import { Reply } from '../../src/http/reply.js';
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

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(ROWS)('$returned becomes $status', async (row) => {
    @Controller()
    class Returning {
      @Get('/now') now() {
        return row.make();
      }
      @Get('/later') async later() {
        return row.make();
      }
    }
    const { exchange } = await serve(
      (server) => {
        const table = buildRouteTable({
          controllers: [Returning],
          container: new Container(),
          env: 'production',
          logger: server.opts.logger,
        });
        for (const route of table.routes) server.router.on(route.method, route.pattern, route.handler);
      },
      {},
      transport,
    );
    expect(undated(await exchange(request('GET /now')))).toBe(bytesOf(row));
    expect(undated(await exchange(request('GET /later')))).toBe(bytesOf(row));
  });
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
