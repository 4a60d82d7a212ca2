import { expect, it } from 'vitest';
import { cookiesIn } from '../../src/http/request-cookies.js';
import { requestWith, seen } from '../support/served.js';

const cookies = (...fields: string[]) => seen(requestWith('', 'POST /', ...fields), (req) => ({ ...cookiesIn(req) }));

it.each([
  ['no cookies where no field is', [], {}],
  ['names with their decoded values', ['Cookie: a=1; b=%C3%A9'], { a: '1', b: 'é' }],
  ['the first of one name', ['Cookie: a=1; a=2'], { a: '1' }],
  ['lines of one request as one', ['Cookie: a=1', 'Cookie: b=2'], { a: '1', b: '2' }],
  ['a value that is no percent-encoding as it is', ['Cookie: a=%zz'], { a: '%zz' }],
])('reads %s', async (_title, fields, expected) => {
  expect(await cookies(...fields)).toEqual(expected);
});

it('has no names that nobody sent', async () => {
  const names = ['constructor', '__proto__'];
  const found = await seen(requestWith('', 'POST /', 'Cookie: a=1'), (req) =>
    names.map((name) => cookiesIn(req)[name]),
  );
  expect(found).toEqual([undefined, undefined]);
});

it('parses once', async () => {
  const [first, second] = await seen(requestWith('', 'POST /', 'Cookie: a=1'), (req) => [
    cookiesIn(req),
    cookiesIn(req),
  ]);
  expect(first).toBe(second);
});
