import { expect, it } from 'vitest';
import { SealedSession } from '../../../src/middleware/session/sealed-session.js';
import { fc } from '../../support/properties.js';

const KEY = 'a secret that has thirty-two bytes';
const RECORD = { createdAt: 1, expiresAt: 2, values: { note: 'é' } };
const keeper = new SealedSession([KEY], 'session');

it('gives back what it sealed', () => {
  expect(keeper.open(keeper.keep(RECORD))).toEqual({ record: RECORD, isStale: false });
});

it('gives back any values', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
      const values = JSON.parse(JSON.stringify(fields));
      const opened = keeper.open(keeper.keep({ createdAt: 1, expiresAt: 2, values }));
      expect(JSON.stringify(opened?.record.values)).toBe(JSON.stringify(values));
    }),
  );
});

it('opens nothing that anybody else made', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (token) => {
      expect(keeper.open(token)).toBeUndefined();
    }),
  );
});

it('seals the same in another way each time, and shows nothing of it', () => {
  const tokens = [keeper.keep(RECORD), keeper.keep(RECORD)];
  expect(tokens[0]).not.toBe(tokens[1]);
  expect(Buffer.from(tokens[0], 'base64url').toString('latin1')).not.toContain('note');
});

it('opens nothing in which any bit was changed, or that was cut', () => {
  const sealed = Buffer.from(keeper.keep(RECORD), 'base64url');
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3] ^= 1 << (bit & 7);
    expect(keeper.open(changed.toString('base64url'))).toBeUndefined();
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(keeper.open(sealed.subarray(0, length).toString('base64url'))).toBeUndefined();
  }
});

it('opens what an older key sealed, and says that it is stale', () => {
  const rotated = new SealedSession(['the newest secret of all, 32 bytes', KEY], 'session');
  expect(rotated.open(keeper.keep(RECORD))).toEqual({ record: RECORD, isStale: true });
  expect(keeper.open(rotated.keep(RECORD))).toBeUndefined();
});
