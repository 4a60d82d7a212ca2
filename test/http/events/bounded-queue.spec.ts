import { describe, expect, it } from 'vitest';
import { BoundedQueue, type QueueOptions } from '../../../src/http/events/bounded-queue.js';

const make = (options?: QueueOptions) => new BoundedQueue((text: string) => text.length, options);

function drain(queue: BoundedQueue<string>): string[] {
  const items: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

describe('BoundedQueue', () => {
  it('gives back what it was given, in order', () => {
    const queue = make();
    expect([queue.isEmpty, queue.push('a'), queue.push('b'), queue.isEmpty]).toEqual([true, true, true, false]);
    expect(drain(queue)).toEqual(['a', 'b']);
    expect(queue.isEmpty).toBe(true);
  });

  it('refuses what is beyond its size, and takes it once there is room', () => {
    const queue = make({ maxQueueSize: 4 });
    expect([queue.push('ab'), queue.push('cd'), queue.push('e')]).toEqual([true, true, false]);
    expect(queue.shift()).toBe('ab');
    expect([queue.push('ef'), queue.push('g')]).toEqual([true, false]);
    expect(drain(queue)).toEqual(['cd', 'ef']);
  });

  it('drops as many of the oldest as the newest needs', () => {
    const queue = make({ maxQueueSize: 4, overflow: 'drop-oldest' });
    for (const item of ['a', 'b', 'cd', 'efg', 'h']) expect(queue.push(item)).toBe(true);
    expect(drain(queue)).toEqual(['efg', 'h']);
  });

  it.each(['close', 'drop-oldest'] as const)('always has room for one: %s', (overflow) => {
    const queue = make({ maxQueueSize: 0, overflow });
    expect(queue.push('large')).toBe(true);
    expect(queue.push('next')).toBe(overflow === 'drop-oldest');
    expect(drain(queue)).toEqual([overflow === 'close' ? 'large' : 'next']);
  });

  it('holds 256 KiB by default', () => {
    const queue = make();
    expect([queue.push('x'.repeat(262_143)), queue.push('x'), queue.push('x')]).toEqual([true, true, false]);
  });

  it('is empty when cleared', () => {
    const queue = make({ maxQueueSize: 1 });
    queue.push('a');
    queue.clear();
    expect([queue.isEmpty, queue.push('b')]).toEqual([true, true]);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a size of %d', (maxQueueSize) => {
    expect(() => make({ maxQueueSize })).toThrow(
      new RangeError(`maxQueueSize: expected a whole number of bytes from 0, got ${maxQueueSize}`),
    );
  });

  it('refuses another policy', () => {
    expect(() => make({ overflow: 'wait' as never })).toThrow(
      new TypeError('overflow: expected "close" or "drop-oldest", got "wait"'),
    );
  });
});
