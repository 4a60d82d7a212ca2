import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseIdempotencyKey } from '../../../src/middleware/idempotency/idempotency-key.js';

// RFC 9651 §3.3.3, §4.2.5
it.each([
  ['a string', '"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['spaces around it', '  "a"  ', 'a'],
  ['spaces in it', '"a b"', 'a b'],
  ['an escaped quote', String.raw`"a\"b"`, 'a"b'],
  ['an escaped backslash', String.raw`"a\\b"`, String.raw`a\b`],
  ['255 characters', `"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ['parameters, of which it takes none', '"a"; b; c=1; d="e;f"', 'a'],
  ['nothing', '', undefined],
  ['an empty string', '""', undefined],
  ['256 characters', `"${'x'.repeat(256)}"`, undefined],
  ['no quotes', '8e03978e', undefined],
  ['a token', 'abc', undefined],
  ['single quotes', "'abc'", undefined],
  ['one quote', '"abc', undefined],
  ['a quote too many', '"a"b"', undefined],
  ['another escape', String.raw`"a\nb"`, undefined],
  ['a control character', '"a\tb"', undefined],
  ['what is not ASCII', '"é"', undefined],
  ['two lines, joined', '"a", "b"', undefined],
  ['a list', '("a")', undefined],
  ['a malformed parameter', '"a"; =1', undefined],
])('reads %s', (_title, field, key) => {
  expect(parseIdempotencyKey(field)).toBe(key);
});

it('gives back what was written', () => {
  const key = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' });
  fc.assert(
    fc.property(key, (text) => {
      expect(parseIdempotencyKey(`"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`)).toBe(text);
    }),
  );
});

it('takes no time for what is no key', () => {
  // Each character once: a pattern that tries again and again would not end.
  const field = `"${String.raw`\\`.repeat(4000)}x`;
  expect(parseIdempotencyKey(field + ';a=b'.repeat(4000))).toBe(undefined);
});
