import { expect, it } from 'vitest';
import type { KeptEvent } from '../../src/engines/kept-events.js';
import { Tail } from '../../src/engines/tail.js';
import { type LogEntry, loggerInto } from '../support/served.js';

/** What one that goes on after event 5 hears of what it is given. */
function heardOf(...given: (readonly [id: string, read: () => KeptEvent<number>])[]) {
  const heard: (number | 'gap')[] = [];
  const log: LogEntry[] = [];
  const tail = new Tail<number>('5', {
    topic: 't',
    listener: ({ data }) => heard.push(data),
    onGap: () => heard.push('gap'),
    isAfter: (id, other) => Number(id) > Number(other),
    logger: loggerInto(log),
  });
  for (const [id, read] of given) tail.take(id, read);
  return { heard, log: log.map(({ level, fields: { err: _err, ...fields } }) => [level, fields]), lastId: tail.lastId };
}

const event = (id: number, after = id - 1) =>
  [String(id), () => ({ after: String(after), event: { id: String(id), data: id } })] as const;

const broken = (id: number) =>
  [
    String(id),
    () => {
      throw new SyntaxError('no JSON');
    },
  ] as const;

it.each<[title: string, given: Parameters<typeof heardOf>, heard: (number | 'gap')[], log: unknown[]]>([
  ['hands on what follows', [event(6), event(7)], [6, 7], []],
  ['leaves out what it was given before', [event(5), event(6), event(4), event(6), event(7)], [6, 7], []],
  [
    'tells of what is missing, once',
    [event(8), event(9)],
    ['gap', 8, 9],
    [['warn', { topic: 't', lastId: '5', after: '7' }]],
  ],
  [
    'tells of an engine that has lost what it had',
    [event(7, 3), event(8)],
    ['gap', 7, 8],
    [['warn', { topic: 't', lastId: '5', after: '3' }]],
  ],
  [
    'tells of what cannot be read, and goes on after it',
    [broken(6), event(7)],
    ['gap', 7],
    [['error', { topic: 't', id: '6' }]],
  ],
])('%s', (_title, given, heard, log) => {
  expect(heardOf(...given)).toMatchObject({ heard, log, lastId: given.at(-1)?.[0] });
});
