import { expect, it, onTestFinished, vi } from 'vitest';
import { MemorySessionStore } from '../../../src/middleware/session/memory-session-store.js';

const NEW = { maxAge: 10, isNew: true };
const KNOWN = { maxAge: 10, isNew: false };

it('gives what was set last, until it is destroyed', async () => {
  const store = new MemorySessionStore();
  expect(await store.get('a')).toBeUndefined();
  await store.set('a', '1', NEW);
  expect(await store.set('a', '2', KNOWN)).toBe(true);
  expect(await store.get('a')).toBe('2');
  await store.destroy('a');
  expect(await store.get('a')).toBeUndefined();
});

it('keeps nothing that is not new and not there', async () => {
  const store = new MemorySessionStore();
  expect(await store.set('a', '1', KNOWN)).toBe(false);
  expect(store.size).toBe(0);
});

it('forgets what has expired', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const store = new MemorySessionStore();
  await store.set('a', '1', NEW);
  vi.setSystemTime(9_999);
  expect(await store.get('a')).toBe('1');
  vi.setSystemTime(10_000);
  expect(await store.set('a', '2', KNOWN)).toBe(false);
  expect(store.size).toBe(0);
});

it('forgets the one that was set longest ago when it is full', async () => {
  const store = new MemorySessionStore(2);
  for (const id of ['a', 'b']) await store.set(id, id, NEW);
  await store.set('a', 'a', KNOWN);
  await store.set('c', 'c', NEW);
  expect([await store.get('a'), await store.get('b'), await store.get('c')]).toEqual(['a', undefined, 'c']);
});

it.each([0, 1.5, Number.NaN])('refuses room for %s', (maxSessions) => {
  expect(() => new MemorySessionStore(maxSessions)).toThrow(RangeError);
});
