import { describe, expect, it } from 'vitest';
import type { MessageHead } from '../../src/protocol/message-head.js';
import { parseHead } from './parse-head.js';

function head(line: string, ...fields: string[]): MessageHead {
  const outcome = parseHead(`${[`${line} HTTP/1.1`, ...fields].join('\r\n')}\r\n\r\n`, [3, 9]);
  if (outcome.head === undefined) throw new Error(`rejected: ${outcome.rejection}`);
  return outcome.head;
}

describe('request-target (RFC 9112 §3.2)', () => {
  it.each([
    ['origin-form', 'GET /a%20b?c=d?e', 'origin', '/a%20b', 'c=d?e', 'h:1'],
    ['origin-form with two slashes', 'GET //x/y', 'origin', '//x/y', '', 'h:1'],
    ['origin-form with an empty query', 'GET /a?', 'origin', '/a', '', 'h:1'],
    ['absolute-form', 'GET http://x:8/a?b', 'absolute', '/a', 'b', 'x:8'],
    ['absolute-form without a path', 'GET HTTPS://x', 'absolute', '/', '', 'x'],
    ['absolute-form with a query and no path', 'GET http://x?y=/z', 'absolute', '/', 'y=/z', 'x'],
    ['asterisk-form', 'OPTIONS *', 'asterisk', '*', '', 'h:1'],
    ['authority-form', 'CONNECT [::1]:443', 'authority', '*', '', '[::1]:443'],
  ])('%s', (_title, line, form, path, query, authority) => {
    const { form: foundForm, path: foundPath, query: foundQuery, authority: foundAuthority } = head(line, 'Host: h:1');
    expect([foundForm, foundPath, foundQuery, foundAuthority]).toEqual([form, path, query, authority]);
  });

  it('has no authority in HTTP/1.0 without Host', () => {
    expect(parseHead('GET / HTTP/1.0\r\n\r\n').head?.authority).toBe('');
  });
});

describe('fields (RFC 9110 §5)', () => {
  const some = head('GET /', 'Host: h', 'X-A: \t1 \t', 'x-b:', 'X-a: 2', 'Cookie: c=1', 'cookie: d=2', '__proto__: p');

  it('keeps names and values as they were sent, in order', () => {
    expect(Array.from({ length: some.fieldCount }, (_, i) => [some.fieldName(i), some.fieldValue(i)])).toEqual([
      ['Host', 'h'],
      ['X-A', '1'],
      ['x-b', ''],
      ['X-a', '2'],
      ['Cookie', 'c=1'],
      ['cookie', 'd=2'],
      ['__proto__', 'p'],
    ]);
  });

  it('joins repeated fields by commas, cookies by semicolons', () => {
    expect(some.field('x-a')).toBe('1, 2');
    expect(some.field('cookie')).toBe('c=1; d=2');
    expect(some.fieldValues('x-a')).toEqual(['1', '2']);
  });

  it('tells an empty field from one that is not there', () => {
    expect([some.field('x-b'), some.hasField('x-b')]).toEqual(['', true]);
    expect([some.field('x-c'), some.hasField('x-c'), some.fieldValues('x-c')]).toEqual([undefined, false, []]);
  });

  it('finds a field named __proto__ and none named constructor (CVE-2026-21710)', () => {
    expect(some.field('__proto__')).toBe('p');
    expect(some.field('constructor')).toBeUndefined();
  });

  it('decodes values as latin1, never as UTF-8', () => {
    expect(head('GET /', 'Host: h', 'A: \xc4\x8d\xc4\x8a').field('a')).toBe('\xc4\x8d\xc4\x8a');
  });

  it('does not trim a no-break space', () => {
    expect(head('GET /', 'Host: h', 'A: \xa0b\xa0').field('a')).toBe('\xa0b\xa0');
  });
});
