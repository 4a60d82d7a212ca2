import { expect, it } from 'vitest';
import { readRecord, type SessionValues, writeRecord } from '../../../src/middleware/session/session-record.js';

const values = { a: [{ b: 'c' }] } as SessionValues;

it('reads what it wrote', () => {
  const record = { createdAt: 1, expiresAt: 2, values };
  expect(readRecord(writeRecord(record))).toEqual(record);
});

it('freezes what it read, all the way down', () => {
  const read = readRecord(writeRecord({ createdAt: 1, expiresAt: 2, values })).values as { a: [{ b: string }] };
  for (const one of [read, read.a, read.a[0]]) expect(Object.isFrozen(one)).toBe(true);
});

it('refuses what has no JSON', () => {
  const big = { a: 1n } as SessionValues;
  expect(() => writeRecord({ createdAt: 1, expiresAt: 2, values: big })).toThrow(TypeError);
});
