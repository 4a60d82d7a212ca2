import { describe, expect, it } from 'vitest';
import { HeadParser } from '../../../src/protocol/head-parser.js';
import type { MessageHead } from '../../../src/protocol/message-head.js';
import type { Rejection } from '../../../src/protocol/rejection.js';
import { readForeignHead } from '../../../src/server/foreign-head.js';
import { requestHeadOf } from '../../../src/server/http2/request-head.js';
import { Opts } from '../../../src/server/opts.js';

const GET = [':method', 'GET', ':scheme', 'https', ':path', '/a?b', ':authority', 'h:1'];

/** What the parser says of the head, as a connection asks it. */
function read(section: readonly string[], isEnded = true): MessageHead | Rejection {
  const head = requestHeadOf(section, isEnded);
  return typeof head === 'string' ? head : readForeignHead(head, new HeadParser(Opts.new()));
}

const lines = (head: MessageHead) =>
  Array.from({ length: head.fieldCount }, (_, i) => `${head.fieldName(i)}: ${head.fieldValue(i)}`);

describe('requestHeadOf', () => {
  it.each([
    ['takes the authority for Host', [], ['Host: h:1']],
    ['keeps the order and each line', ['x', '1', 'a', '2', 'x', '3'], ['Host: h:1', 'x: 1', 'a: 2', 'x: 3']],
    ['takes a Host that is the same once', ['host', 'h:1'], ['Host: h:1']],
    ['joins crumbs where the first stands', ['cookie', 'a=1', 'x', '1', 'cookie', 'b=2'], ['Host: h:1', 'cookie: a=1; b=2', 'x: 1']], // biome-ignore format: one row
    ['keeps what is no ASCII', ['x', '\xe9'], ['Host: h:1', 'x: \xe9']],
  ])('%s', (_title, more, expected) => {
    const head = read([...GET, ...more]) as MessageHead;
    expect([head.method, head.target, head.authority]).toEqual(['GET', '/a?b', 'h:1']);
    expect(lines(head)).toEqual(expected);
  });

  it.each([
    ['none where the stream has ended', [], true, 0],
    ['some of unknown size where it has not', [], false, -1],
    ['as much as it says', ['content-length', '5'], false, 5],
  ])('has content: %s, and no field that was not sent', (_title, more, isEnded, contentLength) => {
    const head = read([...GET, ...more], isEnded) as MessageHead;
    expect(head.contentLength).toBe(contentLength);
    expect(head.hasField('transfer-encoding')).toBe(false);
  });

  it('takes Host where there is no authority', () => {
    expect((read([...GET.slice(0, 6), 'host', 'other']) as MessageHead).authority).toBe('other');
  });

  it.each([
    ['another Host', [...GET, 'host', 'other'], 'repeated-host'],
    ['no Host', GET.slice(0, 6), 'missing-host'],
    ['user information', [...GET.slice(0, 7), 'u@h'], 'bad-host'],
    ['an empty authority', [...GET.slice(0, 7), ''], 'bad-host'],
    ['another scheme', [':method', 'GET', ':scheme', 'ftp', ':path', '/', ':authority', 'h'], 'bad-target'],
    ['a target in absolute-form', [':method', 'GET', ':scheme', 'https', ':path', 'http://x/', ':authority', 'h'], 'bad-target'], // biome-ignore format: one row
    ['no target', [':method', 'GET', ':scheme', 'https', ':path', '', ':authority', 'h'], 'bad-target'],
    ['a target that ends the line', [...GET.slice(0, 5), '/ HTTP/1.1\r\nX: y', ':authority', 'h'], 'bad-target'],
    ['a value that ends its line', [...GET, 'x', 'a\r\nb: c'], 'bad-target'],
    ['a control', [...GET, 'x', 'a\0'], 'bad-field-value'],
    ['a name that is none', [...GET, 'a b', 'c'], 'space-before-colon'],
    ['a pseudo-header field that is none of a request', [...GET, ':status', '200'], 'bad-field-name'],
    ['CONNECT', [':method', 'CONNECT', ':authority', 'h:1'], 'connect-over-http-2'],
    ['two lengths', [...GET, 'content-length', '1', 'content-length', '1'], 'repeated-content-length'],
    ['too many fields', [...GET, ...Array.from({ length: 100 }, (_, i) => [`x${i}`, 'a']).flat()], 'too-many-fields'],
  ])('is refused with %s', (_title, section, rejection) => {
    expect(read(section)).toBe(rejection);
  });
});
