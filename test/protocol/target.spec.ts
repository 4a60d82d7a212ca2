import { describe, expect, it } from 'vitest';
import { formOf, RequestTarget } from '../../src/protocol/target.js';

const form = (raw: string, method = 'GET') => formOf(Buffer.from(`x${raw}y`, 'latin1'), 1, 1 + raw.length, method);

describe('the four forms (RFC 9112 §3.2)', () => {
  it.each([
    ['/', 'GET', 'origin'],
    ['//', 'GET', 'origin'],
    ['/*', 'GET', 'origin'],
    ['*', 'OPTIONS', 'asterisk'],
    ['*', 'M-SEARCH', 'asterisk'],
    ['http://a', 'GET', 'absolute'],
    ['HTTPS://a:443/b?c', 'GET', 'absolute'],
    ['http://[::1]:8080/', 'GET', 'absolute'],
    ['a:80', 'CONNECT', 'authority'],
    ['', 'GET', undefined],
    ['', 'CONNECT', undefined],
    ['**', 'GET', undefined],
    ['*?', 'GET', undefined],
    ['*', 'CONNECT', undefined],
    ['/', 'CONNECT', undefined],
    ['http://a:80', 'CONNECT', undefined],
    ['a:80', 'GET', undefined],
    ['http:a', 'GET', undefined],
    ['http:/a', 'GET', undefined],
    ['http://', 'GET', undefined],
    ['http://?', 'GET', undefined],
    ['http://u@a/', 'GET', undefined],
    ['http://a:b/', 'GET', undefined],
    ['http://a\\b/', 'GET', undefined],
    ['ws://a/', 'GET', undefined],
    ['javascript:alert(1)', 'GET', undefined],
  ])('%s with %s is %s', (raw, method, expected) => {
    expect(form(raw, method)).toBe(expected);
  });
});

describe('RequestTarget', () => {
  it('gives its parts as they were sent', () => {
    const target = new RequestTarget({ form: 'origin', target: '/a%20b/?c=%41&c=d', authority: 'h:1' });
    expect([target.form, target.raw, target.path, target.search, target.authority]).toEqual([
      'origin',
      '/a%20b/?c=%41&c=d',
      '/a%20b/',
      'c=%41&c=d',
      'h:1',
    ]);
    expect(target.query.getAll('c')).toEqual(['A', 'd']);
    expect(target.query).toBe(target.query);
    expect(`${target}`).toBe('/a%20b/?c=%41&c=d');
  });

  it('has no path and no query in asterisk-form and authority-form', () => {
    for (const target of [
      new RequestTarget({ form: 'asterisk', target: '*', authority: '' }),
      new RequestTarget({ form: 'authority', target: 'a:80', authority: 'a:80' }),
    ]) {
      expect([target.path, target.search, target.query.size]).toEqual(['*', '', 0]);
    }
  });

  it('does not throw where new URL does', () => {
    expect(new RequestTarget({ form: 'origin', target: '//', authority: '' }).path).toBe('//');
  });
});
