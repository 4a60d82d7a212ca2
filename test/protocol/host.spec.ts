import { describe, expect, it } from 'vitest';
import { isAuthority, isAuthorityWithPort } from '../../src/protocol/host.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('uri-host [ ":" port ] (RFC 3986 §3.2.2)', () => {
  it.each([
    ...[
      'a',
      'a.b-c_d~e',
      'localhost:8080',
      'a:',
      'a:0',
      '127.0.0.1',
      '127.0.0.1:80',
      "!$&'()*+;=",
      'a%20b',
      '%C3%a9:1',
    ],
    ...['[::]', '[::1]:80', '[1:2:3:4:5:6:7:8]', '[1:2:3:4:5:6:7::]', '[::2:3:4:5:6:7:8]', '[fe80::1:2]', '[ABCD::]'],
    ...['[::1.2.3.4]', '[1:2:3:4:5:6:255.255.255.255]', '[v1.fe80:a]'],
  ])('takes %s', (text) => {
    expect(isAuthority(bytes(`x${text}y`), 1, 1 + text.length)).toBe(true);
  });

  it.each([
    ...['', ':80', 'a b', 'a/b', 'a,b', 'a, b', 'u@a', 'u:p@a', 'a:b', 'a:8x', 'a:-1', 'a:80:80', 'a?b', 'a#b', 'a\\b'],
    ...['é', 'a\0', 'a\t', '"a"', '<a>', 'a|b', '%', 'a%2', '%zz', 'a%', '::1', '[', '[]', '[::1', '::1]', '[::1]a'],
    ...['[::1]]', '[1::2::3]', '[:::]', '[1:2:3:4:5:6:7]', '[1:2:3:4:5:6:7:8:9]', '[1:2:3:4:5:6:7:8::]', '[12345::]'],
    ...[
      '[g::]',
      '[::1%25lo]',
      '[1.2.3.4]',
      '[1.2.3.4::]',
      '[::256.1.1.1]',
      '[::1.2.3]',
      '[::1.2.3.4.]',
      '[::01.2.3.4]',
    ],
    ...['[v.a]', '[vg.a]', '[::1.2.3.4:5]', '[:1:2:3:4:5:6:7]'],
  ])('refuses %j', (text) => {
    expect(isAuthority(bytes(`a${text}b`), 1, 1 + text.length)).toBe(false);
  });

  it('does not look past the end for an escape or a bracket', () => {
    expect(isAuthority(bytes('a%2041'), 0, 3)).toBe(false);
    expect(isAuthority(bytes('[::1]'), 0, 4)).toBe(false);
  });
});

describe('authority-form (RFC 9110 §9.3.6)', () => {
  it.each(['a:1', 'a:65535', '[::1]:443', 'a:00080'])('takes %s', (text) => {
    expect(isAuthorityWithPort(bytes(text), 0, text.length)).toBe(true);
  });

  it.each(['a', 'a:', ':80', 'a:0', 'a:65536', 'a:000080', 'a:8x', 'u@a:80', 'http://a:80'])('refuses %s', (text) => {
    expect(isAuthorityWithPort(bytes(text), 0, text.length)).toBe(false);
  });
});
