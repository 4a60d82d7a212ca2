import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CONTINUE, dateLine, fieldLine, headStart, lengthEnd, statusLine } from '../../src/protocol/head-writer.js';
import { fc } from '../support/properties.js';
import { parseHead } from './parse-head.js';

describe('status line (RFC 9112 §4)', () => {
  it.each([
    [200, undefined, 'HTTP/1.1 200 OK\r\n'],
    [404, undefined, 'HTTP/1.1 404 Not Found\r\n'],
    [299, undefined, 'HTTP/1.1 299 \r\n'],
    [200, '', 'HTTP/1.1 200 \r\n'],
    [200, 'Tr\xe8s bien', 'HTTP/1.1 200 Tr\xe8s bien\r\n'],
  ])('writes %d %j', (status, reason, line) => {
    expect(statusLine(status, reason)).toBe(line);
  });

  it.each([
    ['CR (CVE-2016-5325)', 200, 'a\rb', 'code 13 (0xd) at 1'],
    ['LF', 200, 'a\nb', 'code 10 (0xa) at 1'],
    ['NUL', 200, '\0', 'code 0 (0x0) at 0'],
    ['a character that ends in LF as latin1', 200, 'ab\u010a', 'code 266 (0x10a) at 2'],
    ['two digits', 99, undefined, 'from 100 to 999, not 99'],
    ['four digits', 1000, undefined, 'from 100 to 999, not 1000'],
    ['a fraction', 200.5, 'a', 'not 200.5'],
    ['no number', Number.NaN, undefined, 'not NaN'],
  ])('refuses %s', (_title, status, reason, problem) => {
    expect(() => statusLine(status, reason)).toThrow(TypeError);
    expect(() => statusLine(status, reason)).toThrow(problem);
  });

  it('asks for content with 100', () => {
    expect(CONTINUE).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });
});

describe('field line (RFC 9112 §5)', () => {
  it('writes a field', () => {
    expect(fieldLine('X-A', 'b \xe9')).toBe('X-A: b \xe9\r\n');
  });

  it.each([
    ['an empty name', '', 'a', 'The field name "" is no token'],
    ['a colon in a name', 'a:', 'b', 'The field name "a:" is no token'],
    ['a space in a name', 'a ', 'b', 'is no token'],
    ['CR LF in a name', 'a\r\nb', 'c', 'The field name "a\\r\\nb" is no token'],
    ['a wide character in a name', 'a\u0161', 'b', 'is no token'],
    [
      'CR in a value',
      'A',
      'b\rc',
      'The value of the field A holds a character that a head cannot carry: code 13 (0xd) at 1',
    ],
    ['LF in a value', 'A', '\n', 'code 10'],
    ['NUL in a value', 'A', '\0', 'code 0'],
    ['DEL in a value', 'A', '\x7f', 'code 127'],
    ['a character whose low byte is CR (CVE-2016-2216)', 'A', '\u010d\u010a', 'code 269 (0x10d) at 0'],
    ['half a surrogate pair', 'A', '\ud83d', 'code 55357'],
  ])('refuses %s', (_title, name, value, problem) => {
    expect(() => fieldLine(name, value)).toThrow(TypeError);
    expect(() => fieldLine(name, value)).toThrow(problem);
  });

  it('writes what the parser reads back, or throws', () => {
    const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 6 }));
    fc.assert(
      fc.property(text, text, (name, value) => {
        let line: string;
        try {
          line = fieldLine(`X-${name}`, value);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        const { head } = parseHead(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n`);
        expect(head?.fieldCount).toBe(2);
        expect(head?.fieldName(1)).toBe(`X-${name}`);
        expect(head?.fieldValue(1)).toBe(value.replace(/^[ \t]+|[ \t]+$/g, ''));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('Date (RFC 9110 §6.6.1)', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('writes an IMF-fixdate, once a second', () => {
    vi.useFakeTimers({ now: Date.UTC(1994, 10, 6, 8, 49, 37) });
    const first = dateLine();
    expect(first).toBe('Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n');
    vi.setSystemTime(Date.now() + 999);
    expect(dateLine()).toBe(first);
    vi.setSystemTime(Date.now() + 1);
    expect(dateLine()).toBe('Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n');
  });

  it('follows a clock that goes back', () => {
    vi.useFakeTimers({ now: Date.UTC(2024, 0, 1) });
    dateLine();
    vi.setSystemTime(Date.UTC(2023, 0, 1));
    expect(dateLine()).toBe('Date: Sun, 01 Jan 2023 00:00:00 GMT\r\n');
  });
});

describe('headStart', () => {
  it('is the status line, the date and the type', () => {
    expect(headStart(404, 'Content-Type: text/plain\r\n')).toBe(
      `HTTP/1.1 404 Not Found\r\n${dateLine()}Content-Type: text/plain\r\n`,
    );
    expect(headStart(204, '')).toBe(`HTTP/1.1 204 No Content\r\n${dateLine()}`);
  });

  it('changes with the date', () => {
    vi.useFakeTimers({ now: 0 });
    onTestFinished(() => void vi.useRealTimers());
    expect(headStart(200, '')).toContain('00:00:00 GMT');
    vi.setSystemTime(1000);
    expect(headStart(200, '')).toContain('00:00:01 GMT');
  });

  it('is right for more types than are kept', () => {
    for (let i = 0; i < 200; i++)
      expect(headStart(200, `Content-Type: a/${i}\r\n`)).toContain(`\r\nContent-Type: a/${i}\r\n`);
  });
});

describe('lengthEnd', () => {
  it.each([0, 9, 4095, 4096, 2 ** 40])('writes %i', (length) => {
    expect(lengthEnd(length)).toBe(`Content-Length: ${length}\r\n\r\n`);
    expect(lengthEnd(length)).toBe(`Content-Length: ${length}\r\n\r\n`);
  });
});
