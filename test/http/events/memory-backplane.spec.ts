import { describe, expect, it, vi } from 'vitest';
import { type HistoryOptions, MemoryBackplane } from '../../../src/http/events/memory-backplane.js';
import { fakeTime } from '../../support/served.js';

/** A backplane in which `data` was published, and the ids. */
async function published(data: readonly string[], options?: HistoryOptions) {
  const backplane = new MemoryBackplane<string>(options);
  const { lastId: before } = await backplane.read(undefined);
  const ids: string[] = [];
  for (const each of data) ids.push(await backplane.publish({ data: each }));
  return { backplane, ids, before: before as string };
}

async function dataAfter(backplane: MemoryBackplane<string>, id: string) {
  const { events, hasGap } = await backplane.read(id);
  return [hasGap, ...events.map(({ data }) => data)];
}

describe('MemoryBackplane', () => {
  it('gives ids that follow each other', async () => {
    const { ids, before, backplane } = await published(['a', 'b', 'c']);
    expect(ids.map(Number)).toEqual([1, 2, 3].map((n) => Number(before) + n));
    expect(backplane.isAfter(ids[1], ids[0])).toBe(true);
    expect(backplane.isAfter(ids[1], ids[1])).toBe(false);
    expect(backplane.isAfter(ids[0], ids[1])).toBe(false);
  });

  it('gives ids after those of a process that began before it', async () => {
    fakeTime();
    const first = await published(['a', 'b']);
    vi.setSystemTime(Date.now() + 1);
    const second = await published(['c']);
    expect(Number(second.ids[0])).toBeGreaterThan(Number(first.ids[1]));
    expect(await dataAfter(second.backplane, first.ids[1])).toEqual([true, 'c']);
  });

  it('reads what came after an id', async () => {
    const { backplane, ids, before } = await published(['a', 'b', 'c']);
    expect(await dataAfter(backplane, before)).toEqual([false, 'a', 'b', 'c']);
    expect(await dataAfter(backplane, ids[0])).toEqual([false, 'b', 'c']);
    expect(await dataAfter(backplane, ids[2])).toEqual([false]);
    expect(await backplane.read(undefined)).toEqual({ events: [], hasGap: false, lastId: ids[2] });
    expect((await backplane.read(ids[0])).lastId).toBe(ids[2]);
  });

  it.each<[title: string, options: HistoryOptions, kept: string[]]>([
    ['as many as maxHistory', { maxHistory: 2 }, ['b', 'c']],
    ['as much as maxHistorySize', { maxHistorySize: 70 }, ['b', 'c']],
    ['none where maxHistory is 0', { maxHistory: 0 }, []],
  ])('keeps %s, and tells of the gap before', async (_title, options, kept) => {
    const { backplane, ids, before } = await published(['a', 'b', 'c'], options);
    expect(await dataAfter(backplane, before)).toEqual([true, ...kept]);
    expect(await dataAfter(backplane, ids[2 - kept.length])).toEqual([false, ...kept]);
  });

  it.each(['', '0', '-1', '1e3', '99999999999999999999', '９', 'x', '9007199254740991'])(
    'takes %j, which it never gave, for a gap',
    async (id) => {
      const { backplane } = await published(['a']);
      expect(await dataAfter(backplane, id)).toEqual([true, 'a']);
    },
  );

  it('calls who listens, until that is ended', async () => {
    const { backplane } = await published([]);
    const heard: unknown[] = [];
    const stop = await backplane.subscribe(({ data, event }) => heard.push([data, event]));
    await backplane.publish({ data: 'a', event: 'e' });
    stop();
    await backplane.publish({ data: 'b' });
    expect(heard).toEqual([['a', 'e']]);
  });

  it('uses no id for what cannot be written', async () => {
    const { backplane, before } = await published([]);
    await expect(backplane.publish({ data: 'a', event: 'e\n' })).rejects.toThrow(TypeError);
    expect(await backplane.publish({ data: 'a' })).toBe(String(Number(before) + 1));
  });

  it.each<[HistoryOptions, string]>([
    [{ maxHistory: -1 }, 'Topic: maxHistory is a whole number from 0, got -1'],
    [{ maxHistory: Number.POSITIVE_INFINITY }, 'Topic: maxHistory is a whole number from 0, got Infinity'],
    [{ maxHistorySize: 0.5 }, 'Topic: maxHistorySize is a whole number from 0, got 0.5'],
  ])('refuses %j', (options, message) => {
    expect(() => new MemoryBackplane(options)).toThrow(new RangeError(message));
  });
});
