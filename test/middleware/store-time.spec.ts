import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withinStoreTime } from '../../src/middleware/store-time.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('gives what the store says in time, and leaves no timer', async () => {
  const answer = withinStoreTime(100, () => new Promise((resolve) => setTimeout(resolve, 99, 'said')));
  await vi.advanceTimersByTimeAsync(99);
  expect(await answer).toBe('said');
  expect(vi.getTimerCount()).toBe(0);
});

it('gives up when the time is over, whatever the store says then', async () => {
  const answer = withinStoreTime(
    100,
    () => new Promise((_resolve, reject) => setTimeout(reject, 101, new Error('late'))),
  );
  const rejected = expect(answer).rejects.toThrow('The store has not answered within 100 ms');
  await vi.advanceTimersByTimeAsync(100);
  await rejected;
  // A rejection that nobody handles would fail the run.
  await vi.advanceTimersByTimeAsync(1);
});

it.each<[string, () => Promise<never>]>([
  ['rejects', () => Promise.reject(new Error('ECONNREFUSED'))],
  [
    'throws',
    () => {
      throw new Error('ECONNREFUSED');
    },
  ],
])('fails as a store that %s', async (_title, ask) => {
  await expect(withinStoreTime(100, ask)).rejects.toThrow('ECONNREFUSED');
  expect(vi.getTimerCount()).toBe(0);
});
