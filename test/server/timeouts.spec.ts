import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NEVER, TICK_MS, type Timed, Timeouts } from '../../src/server/timeouts.js';
import { fakeTime } from '../support/served.js';

class Late implements Timed {
  deadline = NEVER;
  expired = 0;
  expire(): void {
    this.expired++;
    this.deadline = NEVER;
  }
}

beforeEach(() => fakeTime());

describe('Timeouts', () => {
  it.each([1, 499, 500, 501, 10_000])('meets a deadline of %d ms never early, and two ticks late at most', (ms) => {
    for (const offset of [0, 1, 250, 499]) {
      const timeouts = new Timeouts();
      const late = new Late();
      timeouts.watch(late);
      vi.advanceTimersByTime(offset);
      late.deadline = timeouts.after(ms);
      vi.advanceTimersByTime(ms - 1);
      expect(late.expired).toBe(0);
      vi.advanceTimersByTime(2 * TICK_MS);
      expect(late.expired).toBe(1);
      timeouts.unwatch(late);
    }
  });

  it('never meets an infinite one', () => {
    expect(new Timeouts().after(Number.POSITIVE_INFINITY)).toBe(NEVER);
  });

  it('runs one timer for all, and none for nobody', () => {
    const timeouts = new Timeouts();
    const all = [new Late(), new Late(), new Late()];
    expect(vi.getTimerCount()).toBe(0);
    for (const late of all) timeouts.watch(late);
    expect(vi.getTimerCount()).toBe(1);
    for (const late of all) timeouts.unwatch(late);
    expect(vi.getTimerCount()).toBe(0);
    timeouts.watch(all[0]);
    expect(vi.getTimerCount()).toBe(1);
    timeouts.unwatch(all[0]);
  });

  it('never keeps the process alive', () => {
    const spy = vi.spyOn(globalThis, 'setInterval');
    const timeouts = new Timeouts();
    const late = new Late();
    timeouts.watch(late);
    expect(spy.mock.results[0].value.hasRef()).toBe(false);
    timeouts.unwatch(late);
    spy.mockRestore();
  });

  it('lets what expires stop being watched meanwhile', () => {
    const timeouts = new Timeouts();
    const all = Array.from({ length: 3 }, () => new Late());
    for (const late of all) {
      late.deadline = timeouts.after(1);
      late.expire = () => {
        late.expired++;
        timeouts.unwatch(late);
      };
      timeouts.watch(late);
    }
    vi.advanceTimersByTime(2000);
    expect(all.map(({ expired }) => expired)).toEqual([1, 1, 1]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
