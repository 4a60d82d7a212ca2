import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entriesByStream, eventOf, isAfter } from '../../../src/engines/redis/stream-entry.js';

const ENTRY = ['1-0', ['after', '0-0', 'data', '1']] as const;

it.each<[title: string, reply: unknown, streams: unknown[]]>([
  ['nothing in time', null, []],
  [
    'pairs, of RESP2',
    [
      ['a', [ENTRY]],
      ['b', []],
    ],
    [
      ['a', [ENTRY]],
      ['b', []],
    ],
  ],
  ['an object, of RESP3 by redis', { a: [ENTRY] }, [['a', [ENTRY]]]],
  ['a Map, of RESP3 by redis', new Map([['a', [ENTRY]]]), [['a', [ENTRY]]]],
  [
    'keys and values in turn, of RESP3 by ioredis',
    ['a', [ENTRY], 'b', []],
    [
      ['a', [ENTRY]],
      ['b', []],
    ],
  ],
])('reads %s', (_title, reply, streams) => {
  expect(entriesByStream(reply)).toEqual(streams);
});

it.each<[fields: string[], after: string, event: object]>([
  [['after', '0-1', 'data', '{"a":1}'], '0-1', { id: '1-0', data: { a: 1 } }],
  [['after', '0-1', 'event', 'data', 'data', '"x"'], '0-1', { id: '1-0', data: 'x', event: 'data' }],
  [['after', '0-1', 'event', 'e'], '0-1', { id: '1-0', data: undefined, event: 'e' }],
  [['data', '1', 'more', 'x'], '', { id: '1-0', data: 1 }],
])('reads the entry %j', (fields, after, event) => {
  expect(eventOf(['1-0', fields])).toEqual({ after, event });
});

it('reads no entry that is no event', () => {
  expect(() => eventOf(['1-0', ['data', 'x']])).toThrow(SyntaxError);
});

it('compares ids as numbers', () => {
  const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(number, number, number, number, (ms, n, otherMs, otherN) => {
      expect(isAfter(`${ms}-${n}`, `${otherMs}-${otherN}`)).toBe(ms === otherMs ? n > otherN : ms > otherMs);
      expect(isAfter(`${ms}-${n}`, `${ms}-${otherN}`)).toBe(n > otherN);
    }),
  );
});
