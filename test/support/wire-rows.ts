/** Holds the wire table: what a returned value becomes, wherever it is served. */

import { Readable } from 'node:stream';
import { Reply } from 'luminaire';

/** What a returned value becomes: the table of docs/controllers.md, row by row. */
export interface Row {
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

export const ROWS: readonly Row[] = [
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

/** Status, fields and content. A web response has neither their order nor their spelling, nor any framing. */
export async function describeAnswer(answer: Response, isOurs = (_name: string) => true): Promise<string> {
  const fields = [...answer.headers].filter(([name]) => isOurs(name)).map(([name, value]) => `${name}: ${value}`);
  return describe(`${answer.status} ${answer.statusText}`, fields, await answer.text());
}

/** The same of a row. */
export function describeRow({ status, type, content = '', isChunked, fields = [] }: Row): string {
  const lines = fields.map((field) => field.replace(/^[^:]+/, (name) => name.toLowerCase()));
  if (type !== undefined) lines.push(`content-type: ${type}`);
  if (!isChunked && !/^[23]04/.test(status)) lines.push(`content-length: ${content.length}`);
  return describe(status, lines, content);
}

function describe(status: string, fields: readonly string[], content: string): string {
  return [status, ...[...fields].sort(), '', content].join('\n');
}
