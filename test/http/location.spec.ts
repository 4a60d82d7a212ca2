import { describe, expect, it } from 'vitest';
import { encodeLocation } from '../../src/http/location.js';
import { fc } from '../support/properties.js';

describe('encodeLocation', () => {
  it.each<[title: string, location: string | URL, encoded: string]>([
    [
      'keeps a path with a query and a fragment',
      "/a-b_c.d~e/(1)!*'?x=1&y[]=a,b;c=$+@:#top",
      "/a-b_c.d~e/(1)!*'?x=1&y[]=a,b;c=$+@:#top",
    ],
    ['keeps a relative path', '../7?page=2', '../7?page=2'],
    ['keeps an address with its scheme', 'https://example.com/a?b', 'https://example.com/a?b'],
    ['keeps escapes', '/caf%C3%A9%2F', '/caf%C3%A9%2F'],
    ['escapes a percent sign that begins none', '/100%/%zz%4', '/100%25/%25zz%254'],
    ['escapes text beyond ASCII as UTF-8', '/café/\u{1f600}', '/caf%C3%A9/%F0%9F%98%80'],
    ['escapes spaces and quotes', '/a b"<c>{d}|^`', '/a%20b%22%3Cc%3E%7Bd%7D%7C%5E%60'],
    ['escapes line ends', '/a\r\nSet-Cookie: a=1', '/a%0D%0ASet-Cookie:%20a=1'],
    ['escapes characters whose low byte is a line end', '/\u010d\u010a', '/%C4%8D%C4%8A'],
    ['writes half of a pair as U+FFFD', '/\ud83d', '/%EF%BF%BD'],
    ['takes a URL as it writes itself', new URL('https://пример.рф/ü x'), 'https://xn--e1afmkfd.xn--p1ai/%C3%BC%20x'],
    ['keeps two slashes on this host', '//evil.example/a', '/.//evil.example/a'],
    ['keeps a slash and a backslash on this host', '/\\evil.example', '/%5Cevil.example'],
    ['keeps two backslashes on this host', '\\\\evil.example', '%5C%5Cevil.example'],
    ['keeps slashes around a tab on this host', '/\t/evil.example', '/%09/evil.example'],
    ['keeps slashes behind a space on this host', ' //evil.example', '%20//evil.example'],
  ])('%s', (_title, location, encoded) => {
    expect(encodeLocation(location)).toBe(encoded);
  });

  it('never leaves the host with text that starts with a slash', () => {
    const unit = fc.constantFrom('/', '\\', '.', '\t', '\n', '@', ':', '%', '#', '?', ' ', 'a', 'é');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const encoded = encodeLocation(`/${text}`);
        expect(encoded).toMatch(/^[!-~]*$/);
        expect(new URL(encoded, 'http://here.example/a/b').host).toBe('here.example');
      }),
    );
  });

  it.each([[undefined], [null], [7]])('refuses %s', (location) => {
    expect(() => encodeLocation(location as never)).toThrow(TypeError);
  });
});
