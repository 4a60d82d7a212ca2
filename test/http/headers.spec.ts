import { describe, expect, it } from 'vitest';
import { Headers } from '../../src/http/headers.js';
import { HeadParser } from '../../src/protocol/head-parser.js';
import { Opts } from '../../src/server/opts.js';

function headersOf(...lines: string[]): Headers {
  const parser = new HeadParser(Opts.new());
  const bytes = Buffer.from(['GET / HTTP/1.1', 'Host: h', ...lines, '', ''].join('\r\n'), 'latin1');
  parser.parse(bytes, 0, bytes.length);
  return new Headers(parser.takeHead());
}

describe('Headers', () => {
  it('finds a field whatever the case of its name', () => {
    const headers = headersOf('X-Thing: a');
    for (const name of ['x-thing', 'X-Thing', 'X-THING']) {
      expect(headers.get(name)).toBe('a');
      expect(headers.has(name)).toBe(true);
      expect(headers.getAll(name)).toEqual(['a']);
    }
  });

  it('gives undefined, and none, for what is not there', () => {
    const headers = headersOf();
    expect(headers.get('x')).toBeUndefined();
    expect(headers.has('x')).toBe(false);
    expect(headers.getAll('x')).toEqual([]);
  });

  it('joins lines with a comma, cookies with a semicolon', () => {
    const headers = headersOf('A: 1', 'Cookie: a=1', 'a: 2', 'cookie: b=2');
    expect(headers.get('a')).toBe('1, 2');
    expect(headers.get('cookie')).toBe('a=1; b=2');
    expect(headers.getAll('a')).toEqual(['1', '2']);
  });

  it('keeps the order and the spelling of the wire', () => {
    const headers = headersOf('B: 1', 'a: 2', 'b: 3');
    expect([...headers]).toEqual([
      ['Host', 'h'],
      ['B', '1'],
      ['a', '2'],
      ['b', '3'],
    ]);
    expect(headers.size).toBe(4);
  });

  it('decodes latin1', () => {
    expect(headersOf('X: caf\u00e9').get('x')).toBe('caf\u00e9');
  });

  it('becomes an object without a prototype, where no name is special', () => {
    const json = headersOf('__proto__: evil', 'Constructor: c', 'a: 1', 'A: 2').toJSON();
    expect(Object.getPrototypeOf(json)).toBeNull();
    expect(Object.entries(json)).toEqual([
      ['host', 'h'],
      ['__proto__', 'evil'],
      ['constructor', 'c'],
      ['a', '1, 2'],
    ]);
  });
});
