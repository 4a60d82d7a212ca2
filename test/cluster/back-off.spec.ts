import { describe, expect, it } from 'vitest';
import { BackOff, MOST_FAILURES, STABLE_MS } from '../../src/cluster/back-off.js';

describe('back-off', () => {
  it('waits for nothing, then twice as long each time, up to 5 s, and then says that it is no use', () => {
    const backOff = new BackOff();
    const delays = Array.from({ length: MOST_FAILURES }, () => backOff.afterEnd(0));
    expect(delays).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, undefined]);
  });

  it('waits for nothing after a worker that was stable, and forgets those before', () => {
    const backOff = new BackOff();
    for (let i = 1; i < MOST_FAILURES; i++) backOff.afterEnd(STABLE_MS - 1);
    expect(backOff.afterEnd(STABLE_MS)).toBe(0);
    expect([backOff.afterEnd(0), backOff.afterEnd(0)]).toEqual([0, 100]);
  });
});
