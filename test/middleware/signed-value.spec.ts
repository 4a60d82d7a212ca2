import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { signValue, unsignValue } from '../../src/middleware/signed-value.js';

const KEY = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);

it('appends the HMAC-SHA256 of name and value', () => {
  const mac = createHmac('sha256', KEY).update('user=7').digest('base64url');
  expect(signValue(KEY, 'user', '7')).toBe(`7.${mac}`);
});

it.each([
  ['by its key', [KEY], '7.5'],
  ['by an older key', [OTHER, KEY], '7.5'],
  ['by no other key', [OTHER], undefined],
])('gives the value back %s', (_title, keys, expected) => {
  expect(unsignValue(keys, 'user', signValue(KEY, 'user', '7.5'))).toBe(expected);
});

it('gives nothing where any character was changed', () => {
  const signed = signValue(KEY, 'user', '7');
  for (let i = 0; i < signed.length; i++) {
    const changed = `${signed.slice(0, i)}${signed[i] === 'A' ? 'B' : 'A'}${signed.slice(i + 1)}`;
    expect(unsignValue([KEY], 'user', changed)).toBeUndefined();
  }
});
