import { expect, it } from 'vitest';
import { deriveKeys, type Secret } from '../../src/middleware/secrets.js';

const SECRET = 'x'.repeat(32);

it('derives a key of 32 bytes from each secret, another one for each purpose', () => {
  const [first, second] = deriveKeys('a', [SECRET, Buffer.alloc(32)], 'one');
  const [other] = deriveKeys('a', [SECRET], 'another');
  expect([first.length, second.length, other.length]).toEqual([32, 32, 32]);
  expect(new Set([first, second, other].map((key) => key.toString('hex'))).size).toBe(3);
  expect(deriveKeys('a', [Buffer.from(SECRET)], 'one')).toEqual([first]);
});

it.each<[string, readonly Secret[]]>([
  ['a: keys[0] must have at least 32 bytes, got 31', ['x'.repeat(31)]],
  ['a: keys[0] must have at least 32 bytes, got 31', [Buffer.alloc(31)]],
  ['a: keys[1] must have at least 32 bytes, got number', [SECRET, 5 as unknown as string]],
  ['a: keys must be a list with one secret or more, newest first', []],
  ['a: keys must be a list with one secret or more, newest first', SECRET as unknown as string[]],
])('refuses with: %s', (message, secrets) => {
  expect(() => deriveKeys('a', secrets, 'one')).toThrow(new TypeError(message));
});
