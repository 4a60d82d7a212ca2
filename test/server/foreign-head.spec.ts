import { describe, expect, it } from 'vitest';
import { HeadParser } from '../../src/protocol/head-parser.js';
import type { MessageHead } from '../../src/protocol/message-head.js';
import { type ForeignHead, readForeignHead } from '../../src/server/foreign-head.js';
import { Opts } from '../../src/server/opts.js';

const parser = new HeadParser(Opts.new({ maxTargetSize: 20, maxHeaderSize: 200, maxHeadersCount: 4 }));
const HOST = ['Host', 'h'] as const;
const head = (parts: Partial<ForeignHead>): ForeignHead => {
  return { method: 'GET', target: '/', minorVersion: 1, fields: [HOST], hasUnsizedContent: false, ...parts };
};

describe('readForeignHead', () => {
  it('gives what the other server said', () => {
    const read = readForeignHead(
      head({ method: 'M-SEARCH', target: '/a?b', fields: [HOST, ['X', '1'], ['X', 'é'], ['Content-Length', '5']] }),
      parser,
    ) as MessageHead;
    expect([read.method, read.target, read.form, read.minorVersion, read.contentLength]).toEqual([
      'M-SEARCH',
      '/a?b',
      'origin',
      1,
      5,
    ]);
    expect([read.fieldName(1), read.fieldValues('x'), read.authority]).toEqual(['X', ['1', 'é'], 'h']);
  });

  it.each([
    ['a target that ends its line', { target: '/ HTTP/1.1\r\nX: 1\r\nY:' }, 'bad-target'],
    ['a target that ends the head', { target: '/ HTTP/1.1\r\nHost: h\r\n\r\n' }, 'bad-target'],
    ['a value that ends its line', { fields: [HOST, ['X', '1\r\nY: 2']] }, 'bad-target'],
    ['a value whose low bytes would', { fields: [HOST, ['X', '1\u010d\u010aY: 2']] }, 'bad-target'],
    ['a space in the target', { target: '/a b' }, 'bad-version'],
    ['no host', { fields: [] }, 'missing-host'],
    ['a host that is none', { fields: [['Host', 'a b']] }, 'bad-host'],
    ['too long a target', { target: `/${'a'.repeat(20)}` }, 'target-too-long'],
    ['too many fields', { fields: [HOST, ['a', ''], ['b', ''], ['c', ''], ['d', '']] }, 'too-many-fields'],
    ['too large a head', { fields: [HOST, ['a', 'a'.repeat(200)]] }, 'head-too-large'],
    ['a length beside the chunked coding', { fields: [HOST, ['Content-Length', '1'], ['Transfer-Encoding', 'chunked']] }, 'transfer-encoding-with-content-length'], // biome-ignore format: one row
  ] as const)('refuses %s', (_title, parts, rejection) => {
    expect(readForeignHead(head(parts as Partial<ForeignHead>), parser)).toBe(rejection);
    expect(readForeignHead(head({}), parser)).toMatchObject({ method: 'GET' });
  });
});
