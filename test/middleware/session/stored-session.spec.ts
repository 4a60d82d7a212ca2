import { expect, it, vi } from 'vitest';
import { MemorySessionStore } from '../../../src/middleware/session/memory-session-store.js';
import { StoredSession } from '../../../src/middleware/session/stored-session.js';

const record = () => ({ createdAt: Date.now(), expiresAt: Date.now() + 9_999, values: {} });

it('tells the store how long to keep a session, and whether it is new', async () => {
  const store = new MemorySessionStore();
  const set = vi.spyOn(store, 'set');
  const keeper = new StoredSession(store, 'session');
  const token = await keeper.keep(record(), undefined);
  expect(await keeper.keep(record(), token)).toBe(token);
  expect(set.mock.calls.map(([, , storing]) => storing)).toEqual([
    { maxAge: 10, isNew: true },
    { maxAge: 10, isNew: false },
  ]);
});

it('finds nothing under the same id for the cookie of another name', async () => {
  const store = new MemorySessionStore();
  const token = await new StoredSession(store, 'visitor').keep(record(), undefined);
  expect(await new StoredSession(store, 'visitor').open(token)).toBeDefined();
  expect(await new StoredSession(store, 'editor').open(token)).toBeUndefined();
});

it('does not ask the store for what is no id', async () => {
  const store = new MemorySessionStore();
  const get = vi.spyOn(store, 'get');
  for (const token of ['', 'x', `${'A'.repeat(42)}=`, 'A'.repeat(44)]) {
    expect(await new StoredSession(store, 'session').open(token)).toBeUndefined();
  }
  expect(get).not.toHaveBeenCalled();
});

it('takes the null of a store that has nothing', async () => {
  const store = new MemorySessionStore();
  vi.spyOn(store, 'get').mockResolvedValue(null as unknown as undefined);
  expect(await new StoredSession(store, 'session').open('A'.repeat(43))).toBeUndefined();
});
