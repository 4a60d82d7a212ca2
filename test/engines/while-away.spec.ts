import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pauseAfter, whileAway } from '../../src/engines/while-away.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const isAway = (error: unknown) => (error as Error).message === 'away';

/** Fails so many times, as `message`. */
function failing(times: number, message: string) {
  let calls = 0;
  return vi.fn(async () => {
    if (calls++ < times) throw new Error(message);
    return 'done';
  });
}

it('gives the answer, after as many attempts as it takes', async () => {
  const attempt = failing(3, 'away');
  const answer = whileAway(10_000, isAway, attempt);
  await vi.runAllTimersAsync();
  expect([await answer, attempt.mock.calls.length]).toEqual(['done', 4]);
  expect(vi.getTimerCount()).toBe(0);
});

it('rejects at once with what another attempt would not change', async () => {
  const attempt = failing(3, 'refused');
  await expect(whileAway(10_000, isAway, attempt)).rejects.toThrow('refused');
  expect(attempt).toHaveBeenCalledTimes(1);
});

it.each<[title: string, attempt: () => Promise<unknown>, message: string]>([
  ['fails', failing(1_000, 'away'), 'away'],
  ['is not answered', () => new Promise(() => {}), 'The store has not answered within 10000 ms'],
])('gives up after its time where an attempt %s', async (_title, attempt, message) => {
  const answer = expect(whileAway(10_000, isAway, attempt)).rejects.toThrow(message);
  await vi.advanceTimersByTimeAsync(10_000);
  await answer;
  expect(vi.getTimerCount()).toBe(0);
});

it('tries a connection again sooner at first, and never later than twice a second', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 100].map(pauseAfter)).toEqual([20, 40, 80, 160, 320, 500, 500, 500]);
});
