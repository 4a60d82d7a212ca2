import { parseCookie } from 'cookie';
import { expect, it } from 'vitest';
import type { Scheme } from '../../src/http/request.js';
import { Response } from '../../src/http/response.js';
import { type CookieAttributes, CookieTooLarge, setCookie } from '../../src/middleware/set-cookie.js';
import { fc } from '../support/properties.js';
import { Sink } from '../support/sink.js';

const fresh = () => new Response(new Sink(), 'GET', 1);
const linesOf = (res: Response) => [...res.fields()].map(([, value]) => value);

function line(name: string, value: string, attributes: CookieAttributes = {}, scheme: Scheme = 'http'): string {
  const res = fresh();
  setCookie(res, scheme, name, value, attributes);
  return linesOf(res).join();
}

it.each<[string, string, CookieAttributes, Scheme, string]>([
  ['safe by default', 'a', {}, 'http', 'a=v; Path=/; HttpOnly; SameSite=Lax'],
  ['secure over TLS', 'a', {}, 'https', 'a=v; Path=/; HttpOnly; Secure; SameSite=Lax'],
  ['as open as it is told to be', 'a', { httpOnly: false, secure: false }, 'https', 'a=v; Path=/; SameSite=Lax'],
  ['secure where its prefix demands it', '__Host-a', {}, 'http', '__Host-a=v; Path=/; HttpOnly; Secure; SameSite=Lax'],
  [
    'secure where other sites get it',
    'a',
    { sameSite: 'none' },
    'http',
    'a=v; Path=/; HttpOnly; Secure; SameSite=None',
  ],
  [
    'secure where each site has its own',
    'a',
    { partitioned: true },
    'http',
    'a=v; Path=/; HttpOnly; Secure; Partitioned; SameSite=Lax',
  ],
  [
    'with each attribute it is given',
    'a',
    { domain: 'example.org', path: '/b', maxAge: 60, expires: new Date(0), sameSite: 'strict' },
    'http',
    'a=v; Max-Age=60; Domain=example.org; Path=/b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict',
  ],
])('is %s', (_title, name, attributes, scheme, expected) => {
  expect(line(name, 'v', attributes, scheme)).toBe(expected);
});

it('gives back any value, and never more than one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const [pair, ...attributes] = line('a', value).split('; ');
      expect(parseCookie(pair).a).toBe(value);
      expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Lax']);
    }),
  );
});

it('encodes what a value must not hold', () => {
  expect(line('a', 'é; b=\r\n"')).toMatch(/^a=%C3%A9%3B%20b%3D%0D%0A%22;/);
});

it.each<[string, string, string, CookieAttributes]>([
  ['The cookie "a b": its name must be a token', 'a b', 'v', {}],
  ['The cookie "": its name must be a token', '', 'v', {}],
  ['The cookie "a": its value has half of a surrogate pair', 'a', 'x\ud800', {}],
  ['The cookie "a": domain must be a host name, got "a;b"', 'a', 'v', { domain: 'a;b' }],
  ['The cookie "a": path must be printable ASCII that starts with "/", without ";", got "b"', 'a', 'v', { path: 'b' }],
  ['The cookie "a": path must be printable ASCII that starts with "/", without ";"', 'a', 'v', { path: '/\r\nb: c' }],
  ['The cookie "a": maxAge must be whole seconds from 0 to 34560000 (400 days)', 'a', 'v', { maxAge: 86_400_000 }],
  ['The cookie "a": maxAge must be whole seconds', 'a', 'v', { maxAge: -1 }],
  ['The cookie "a": expires must be a valid Date', 'a', 'v', { expires: new Date(Number.NaN) }],
  ['The cookie "a": SameSite=None needs secure', 'a', 'v', { sameSite: 'none', secure: false }],
  ['The cookie "a": Partitioned needs secure', 'a', 'v', { partitioned: true, secure: false }],
  ['The cookie "__Secure-a": the prefix __Secure- needs secure', '__Secure-a', 'v', { secure: false }],
  ['The cookie "__HOST-a": the prefix __Host- needs the path "/" and no domain', '__HOST-a', 'v', { path: '/b' }],
  ['The cookie "__Host-a": the prefix __Host- needs the path "/" and no domain', '__Host-a', 'v', { domain: 'b.org' }],
])('refuses with: %s', (message, name, value, attributes) => {
  expect(() => line(name, value, attributes)).toThrow(message);
  expect(() => line(name, value, attributes)).toThrow(TypeError);
});

it('keeps to what browsers keep: 4096 bytes', () => {
  const overhead = line('a', '').length;
  expect(line('a', 'x'.repeat(4096 - overhead))).toHaveLength(4096);
  expect(() => line('a', 'x'.repeat(4097 - overhead))).toThrow(CookieTooLarge);
  expect(() => line('a', 'x'.repeat(4097 - overhead))).toThrow('The cookie a would have 4097 bytes');
});

it('takes the place of one with the same name, domain and path alone', () => {
  const res = fresh().addHeader('Set-Cookie', 'other=1');
  setCookie(res, 'http', 'a', '1', {});
  setCookie(res, 'http', 'a', '2', { path: '/b' });
  setCookie(res, 'http', 'a', '3', {});
  expect(linesOf(res).map((one) => one.slice(0, 12))).toEqual(['other=1', 'a=2; Path=/b', 'a=3; Path=/;']);
});

it('is refused once the response was sent', () => {
  expect(() => setCookie(fresh().send(), 'http', 'a', '1', {})).toThrow('the response was already sent');
});
