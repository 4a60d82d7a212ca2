import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readAnswer, writeAnswer } from '../../../src/middleware/idempotency/kept-answer.js';

const answer = fc.record({
  status: fc.integer({ min: 200, max: 399 }),
  fields: fc.array(fc.tuple(fc.constantFrom('Location', 'Link', 'X-Name'), fc.string())),
  content: fc.oneof(fc.uint8Array(), fc.string().map(Buffer.from)).map((bytes) => Buffer.from(bytes)),
});

it('gives back what was written', () => {
  fc.assert(
    fc.property(answer, (written) => {
      expect(readAnswer(writeAnswer(written, 1_000_000))).toEqual(written);
    }),
  );
});

it('writes text as text, for whoever looks into a store', () => {
  const fields = [['Content-Type', 'application/json']] as const;
  const written = { status: 201, fields, content: Buffer.from('{"é":1}') };
  expect(writeAnswer(written, 100)).toBe('[201,[["Content-Type","application/json"]],"utf8","{\\"é\\":1}"]');
});

it.each([
  [9, true],
  [10, false],
])('forgets what does not fit into %i bytes: %s', (maxSize, isForgotten) => {
  const text = writeAnswer({ status: 200, fields: [], content: Buffer.alloc(10) }, maxSize);
  expect(readAnswer(text) === undefined).toBe(isForgotten);
});
