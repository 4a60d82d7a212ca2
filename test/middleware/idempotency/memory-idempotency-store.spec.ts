import { expect, it, onTestFinished, vi } from 'vitest';
import { MemoryIdempotencyStore } from '../../../src/middleware/idempotency/memory-idempotency-store.js';
import { testIdempotencyStore } from './idempotency-stores.js';

const CLAIM = { owner: 'one', fingerprint: 'f', lockTimeout: 1000 };
const OTHER = { ...CLAIM, owner: 'two' };

testIdempotencyStore('a MemoryIdempotencyStore', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  return { store: new MemoryIdempotencyStore(), expire: () => void vi.setSystemTime(Date.now() + 60_000) };
});

it('forgets the oldest answers when it is full', async () => {
  const store = new MemoryIdempotencyStore(3 * 600);
  for (const id of ['a', 'b', 'c']) {
    await store.claim(id, CLAIM);
    await store.keep(id, 'one', 'x'.repeat(88), 10);
  }
  expect(store.size).toBe(1800);
  await store.claim('d', CLAIM);
  expect(store.size).toBe(2 * 600 + 512);
  expect(await store.claim('b', OTHER)).toMatchObject({ answer: 'x'.repeat(88) });
  expect(await store.claim('a', OTHER)).toBeUndefined();
});

it('forgets no request that is being served', async () => {
  const store = new MemoryIdempotencyStore(512);
  for (const id of ['a', 'b', 'c']) await store.claim(id, CLAIM);
  for (const id of ['a', 'b', 'c']) expect(await store.claim(id, OTHER)).toMatchObject({ fingerprint: 'f' });
  await store.keep('a', 'one', 'answer', 10);
  expect(store.size).toBe(2 * 512);
});

it('counts what was kept, given back and taken over', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const store = new MemoryIdempotencyStore();
  await store.claim('a', CLAIM);
  await store.keep('a', 'one', 'x'.repeat(100), 10);
  expect(store.size).toBe(612);
  vi.setSystemTime(10_000);
  await store.claim('a', OTHER);
  expect(store.size).toBe(512);
  await store.release('a', 'two');
  expect(store.size).toBe(0);
});

it.each([0, 1.5, '1 MB'])('refuses room for %j', (maxSize) => {
  expect(() => new MemoryIdempotencyStore(maxSize as never)).toThrow(TypeError);
});
