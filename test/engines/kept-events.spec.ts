import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type KeptEvents, readReplay } from '../../src/engines/kept-events.js';

/** What is kept of the events 1 to `newest`, from `oldest` on. */
function kept(oldest: number, newest: number): KeptEvents<number> {
  const events = Array.from({ length: newest - oldest + 1 }, (_, i) => oldest + i);
  return {
    newestId: async () => String(newest),
    isId: (text) => /^\d{1,9}$/.test(text),
    list: async (id = '0') =>
      events
        .filter((each) => each > Number(id))
        .map((each) => ({ after: String(each - 1), event: { id: String(each), data: each } })),
  };
}

it.each<[title: string, id: string | undefined, data: number[], hasGap: boolean]>([
  ['gives a new client nothing', undefined, [], false],
  ['gives what was missed', '7', [8, 9], false],
  ['gives all where none of it was forgotten', '5', [6, 7, 8, 9], false],
  ['gives nothing to who has the newest', '9', [], false],
  ['says so where some was forgotten', '4', [6, 7, 8, 9], true],
  ['says so for an id of the future', '10', [6, 7, 8, 9], true],
  ['says so for what is no id', 'a', [6, 7, 8, 9], true],
])('%s', async (_title, id, data, hasGap) => {
  const { events, ...rest } = await readReplay(kept(6, 9), id);
  expect([events.map((event) => event.data), rest]).toEqual([data, { hasGap, lastId: '9' }]);
});

it('says where a topic stands that is empty', async () => {
  expect(await readReplay(kept(1, 0), undefined)).toEqual({ events: [], hasGap: false, lastId: '0' });
  expect(await readReplay(kept(1, 0), '0')).toEqual({ events: [], hasGap: false, lastId: '0' });
  expect(await readReplay(kept(1, 0), '3')).toEqual({ events: [], hasGap: true, lastId: '0' });
});

it('neither loses nor repeats what is published while it reads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(9), fc.nat(9), fc.option(fc.nat(12), { nil: undefined }), async (before, more, id) => {
      let newest = before;
      const source: KeptEvents<number> = {
        ...kept(1, 0),
        newestId: async () => {
          const answer = String(newest);
          newest += more;
          return answer;
        },
        list: (after) => kept(1, newest).list(after),
      };
      const { events, lastId } = await readReplay(source, id === undefined ? undefined : String(id));
      // Whoever listens as well is given what is after `lastId`.
      if (id === undefined) expect([events, lastId]).toEqual([[], String(before)]);
      else expect(events.at(-1)?.id ?? lastId).toBe(lastId);
    }),
  );
});
