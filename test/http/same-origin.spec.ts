import { expect, it } from 'vitest';
import { isSameOrigin } from '../../src/http/same-origin.js';
import { requestWith, seen } from '../support/served.js';

it.each([
  ['http://h', 'http', 'h', true],
  ['http://h:80', 'http', 'h', true],
  ['http://h', 'http', 'H:80', true],
  ['http://h:8080', 'http', 'h:8080', true],
  ['http://[::1]:8080', 'http', '[::1]:8080', true],
  ['https://h', 'http', 'h', true],
  ['https://h', 'https', 'h:443', true],
  ['http://h', 'https', 'h', false],
  ['http://h', 'http', 'h:8080', false],
  ['http://a.h', 'http', 'h', false],
  ['http://h.a', 'http', 'h', false],
  ['null', 'http', 'h', false],
  ['h', 'http', 'h', false],
  ['ws://h', 'http', 'h', false],
  ['http://', 'http', 'h', false],
] as const)('a page of %s is of a server asked by %s as %s: %s', async (origin, scheme, authority, isSame) => {
  const found = await seen(requestWith('', 'POST /'), (req) => {
    req.scheme = scheme;
    req.authority = authority;
    return isSameOrigin(origin, req);
  });
  expect(found).toBe(isSame);
});
