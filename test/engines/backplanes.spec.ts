import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PostgresBackplane } from '../../src/engines/postgres/postgres-backplane.js';
import type { PostgresPool } from '../../src/engines/postgres/postgres-pool.js';
import { RedisBackplane } from '../../src/engines/redis/redis-backplane.js';
import type { DuplicableRedisClient } from '../../src/engines/redis/redis-connection.js';
import type { Backplane, TopicEvent } from '../../src/http/events/backplane.js';
import { Topic } from '../../src/http/events/topic.js';
import { type LogEntry, loggerInto } from '../support/served.js';
import { type BackplaneOptions, type Connected, ENGINES, type Engine, MemoryEngine } from './engines.js';

/** Is asked nothing. */
const NOBODY = {} as DuplicableRedisClient & PostgresPool;

let topics = 0;
/** A topic of its own for each test. */
const topicName = () => `topic-${++topics}`;

const WAIT = { timeout: 20_000, interval: 5 };

/** What a backplane has told one that subscribes. */
async function listen<Data>(backplane: Backplane<Data>) {
  const heard: TopicEvent<Data>[] = [];
  let gaps = 0;
  const stop = await backplane.subscribe(
    (event) => heard.push(event),
    () => gaps++,
  );
  onTestFinished(() => stop());
  return {
    heard,
    stop,
    get gaps() {
      return gaps;
    },
    get data() {
      return heard.map(({ data }) => data);
    },
    has: (count: number) => vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(count), WAIT),
  };
}

async function publishAll<Data>(backplane: Backplane<Data>, ...all: Data[]): Promise<string[]> {
  const ids: string[] = [];
  for (const data of all) ids.push(await backplane.publish({ data }));
  return ids;
}

const dataOf = (events: readonly TopicEvent<unknown>[]) => events.map(({ data }) => data);

describe.each<readonly [name: string, make: () => Pick<Engine, 'connect' | 'stop'> & Partial<Engine>]>([
  ['memory', () => new MemoryEngine()],
  ...ENGINES,
])('a topic over %s', (_name, make) => {
  const engine = make();
  let here: Connected;
  let elsewhere: Connected;

  beforeAll(async () => {
    await engine.restart?.();
    [here, elsewhere] = [await engine.connect(), await engine.connect()];
  });

  afterAll(async () => {
    await Promise.all([here?.close(), elsewhere?.close()]);
    await engine.stop();
  });

  /** One topic, as two processes hold it. */
  function both<Data>(options: BackplaneOptions = {}): [Backplane<Data>, Backplane<Data>] {
    const name = topicName();
    return [here.backplane<Data>(name, options), elsewhere.backplane<Data>(name, options)];
  }

  it('gives each event an id after that of the one before, whoever publishes it', async () => {
    const [a, b] = both<number>();
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push(await (i % 3 === 0 ? a : b).publish({ data: i }));
    for (const [i, id] of ids.entries()) {
      expect(ids.map((other) => a.isAfter(id, other))).toEqual(ids.map((_, j) => i > j));
    }
  });

  it('reads nothing but where it stands for a new client', async () => {
    const [a, b] = both<number>();
    const before = await a.read(undefined);
    const [first, second] = await publishAll(a, 1, 2);
    expect(before).toEqual({ events: [], hasGap: false, lastId: expect.any(String) });
    expect(a.isAfter(first as string, before.lastId as string)).toBe(true);
    expect(await b.read(undefined)).toEqual({ events: [], hasGap: false, lastId: second });
    expect(await b.read(before.lastId)).toMatchObject({ events: [{ data: 1 }, { data: 2 }], hasGap: false });
  });

  it('reads what came after an id, in any process', async () => {
    const [a, b] = both<number>();
    const ids = await publishAll(a, 1, 2, 3);
    expect(await b.read(ids[0])).toMatchObject({
      events: [
        { id: ids[1], data: 2 },
        { id: ids[2], data: 3 },
      ],
      hasGap: false,
      lastId: ids[2],
    });
    expect(await b.read(ids[2])).toEqual({ events: [], hasGap: false, lastId: ids[2] });
  });

  it.each([
    ...['', 'abc', '-1', '1-1', '1.5', '99999999999999999999-0', '18446744073709551616-1', '9'.repeat(400)],
    ...["'; drop table topic_events; --", '\u0000', '٣', '+', '-', '$', '>', '9007199254740993', '9999999999999999-1'],
  ])('takes the id %j for one that is unknown', async (id) => {
    const [a] = both<number>();
    const ids = await publishAll(a, 1, 2);
    expect(await a.read(id)).toMatchObject({ events: [{ data: 1 }, { data: 2 }], hasGap: true, lastId: ids[1] });
  });

  it('keeps as much as it was told to, and tells who comes back too late', async () => {
    const [a, b] = both<number>({ maxHistory: 5 });
    const ids = await publishAll(a, ...Array.from({ length: 240 }, (_, i) => i));
    const late = await b.read(ids[20]);
    expect(late.hasGap).toBe(true);
    expect(late.events.length).toBeGreaterThanOrEqual(5);
    expect(late.events.length).toBeLessThan(205);
    expect(late.events.at(-1)).toMatchObject({ id: ids[239], data: 239 });
    expect(await b.read(ids[235])).toMatchObject({
      hasGap: false,
      events: [236, 237, 238, 239].map((data) => ({ data })),
    });
  });

  it.each<[what: string, data: unknown, event?: string]>([
    ['text', 'line\nline\r\n\u2028 "é" \u{1f600}'],
    ['empty text', ''],
    ['a number', -1.5],
    ['null', null],
    ['an object', { b: [1, { c: null }], a: 'x', __proto: 1 }, 'changed'],
    ['nothing but a name', undefined, 'data'],
  ])('carries %s', async (_what, data, event) => {
    const [a, b] = both<unknown>();
    const { heard, has } = await listen(b);
    const before = (await a.read(undefined)).lastId;
    const id = await a.publish(event === undefined ? { data } : { data, event });
    const expected = { id, data, ...(event === undefined ? {} : { event }) };
    await has(1);
    expect(JSON.stringify(heard)).toBe(JSON.stringify([heard[0]]));
    expect(heard[0]).toMatchObject(expected);
    expect((await b.read(before)).events).toMatchObject([expected]);
  });

  it('tells all processes everything from then on, in one order', async () => {
    const [a, b] = both<number>();
    await publishAll(a, -1);
    const [first, second] = [await listen(a), await listen(b)];
    const published = [a, b].map(async (backplane, i) => {
      for (let n = 0; n < 100; n += 2) await backplane.publish({ data: n + i });
    });
    await Promise.all(published);
    await Promise.all([first.has(100), second.has(100)]);
    expect(first.heard.map(({ id }) => id)).toEqual(second.heard.map(({ id }) => id));
    expect([...first.data].sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(first.heard.every(({ id }, i) => i === 0 || a.isAfter(id, first.heard[i - 1]?.id as string))).toBe(true);
    expect([first.gaps, second.gaps]).toEqual([0, 0]);
  });

  it('keeps topics apart, however many one process follows', async () => {
    const names = Array.from({ length: 20 }, topicName);
    const listeners = await Promise.all(names.map((name) => listen(elsewhere.backplane<string>(name))));
    await Promise.all(names.map((name) => publishAll(here.backplane<string>(name), name, `${name}!`)));
    await Promise.all(listeners.map(({ has }) => has(2)));
    expect(listeners.map(({ data }) => data)).toEqual(names.map((name) => [name, `${name}!`]));
  });

  it('gives one that subscribes later only what is later, and what is ended nothing', async () => {
    const [a, b] = both<number>();
    const first = await listen(b);
    await publishAll(a, 1);
    const second = await listen(b);
    await publishAll(a, 2);
    await Promise.all([first.has(2), second.has(1)]);
    await first.stop();
    await publishAll(a, 3);
    await second.has(2);
    expect([first.data, second.data]).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it('goes on elsewhere from the id of an event', async () => {
    const [a, b] = both<number>();
    const topics = [new Topic({ backplane: a }), new Topic({ backplane: b })] as const;
    const { signal } = new AbortController();
    const following = topics[0].subscribe({ signal });
    const beginning = following.next();
    await vi.waitFor(async () => {
      await topics[0].publish(1);
      expect(await Promise.race([beginning, undefined])).toBeDefined();
    }, WAIT);
    const { value } = await beginning;
    await following.return();
    await topics[1].publish(2);
    const resumed = topics[1].subscribe({ signal, lastEventId: value?.id });
    const data: unknown[] = [];
    while (data.at(-1) !== 2) data.push((await resumed.next()).value?.data);
    await topics[0].publish(3);
    expect((await resumed.next()).value?.data).toBe(3);
    expect(data.slice(0, -1).every((each) => each === 1)).toBe(true);
    await Promise.all(topics.map((topic) => topic.close()));
  });
});

describe.each(ENGINES)('%s, when it fails', (_name, make) => {
  const engine = make();
  let here: Connected;
  let elsewhere: Connected;

  beforeAll(async () => {
    await engine.restart();
    [here, elsewhere] = [await engine.connect(), await engine.connect()];
  });

  afterAll(async () => {
    await Promise.all([here?.close(), elsewhere?.close()]);
    await engine.stop();
  });

  it('publishes once what it was asked to again, since its answer was lost', async () => {
    const name = topicName();
    const [a, b] = [here.backplane<number>(name), elsewhere.backplane<number>(name)];
    const listener = await listen(b);
    here.loseAnswer();
    const id = await a.publish({ data: 1 });
    const second = await a.publish({ data: 2 });
    await listener.has(2);
    expect(listener.data).toEqual([1, 2]);
    const replay = await b.read('none');
    expect(replay.events).toMatchObject([
      { id, data: 1 },
      { id: second, data: 2 },
    ]);
  });

  it('loses nothing and tells nothing twice when it is killed and started again', async () => {
    const name = topicName();
    const log: LogEntry[] = [];
    const a = here.backplane<number>(name);
    const b = elsewhere.backplane<number>(name, { logger: loggerInto(log) });
    const listener = await listen(b);
    let published = 0;
    let isEnough = false;
    const publishing = (async () => {
      while (!isEnough) await a.publish({ data: published++ });
    })();
    await listener.has(20);
    await engine.kill();
    const reading = b.read(undefined);
    await engine.restart();
    await reading;
    const heard = listener.heard.length;
    await listener.has(heard + 20);
    isEnough = true;
    await publishing;
    await listener.has(published);
    const all = Array.from({ length: published }, (_, i) => i);
    expect(listener.data).toEqual(all);
    expect(dataOf((await b.read('none')).events)).toEqual(all);
    expect(listener.gaps).toBe(0);
    // A client may have sent its command again by itself.
    expect(log.map(({ level }) => level).join()).toMatch(/^(?:warn,info)?$/);
  });

  it('tells who follows, and who comes back, that it has lost what it had', async () => {
    const name = topicName();
    const log: LogEntry[] = [];
    const [a, b] = [here.backplane<number>(name), elsewhere.backplane<number>(name, { logger: loggerInto(log) })];
    const listener = await listen(b);
    const [, second] = await publishAll(a, 1, 2);
    await listener.has(2);
    await engine.forget(name);
    const third = await a.publish({ data: 3 });
    await listener.has(3);
    expect([listener.data, listener.gaps]).toEqual([[1, 2, 3], 1]);
    expect(a.isAfter(third, second as string)).toBe(true);
    expect(await a.read(second)).toMatchObject({ events: [{ id: third, data: 3 }], hasGap: true, lastId: third });
    // It may have been told by an error first.
    const lost = log.map(({ fields }) => fields).filter(({ err }) => err === undefined);
    expect(lost.filter(({ lastId }) => lastId !== undefined)).toEqual([
      { topic: name, lastId: second, after: expect.any(String) },
    ]);
  });

  it('rejects what waits for it too long', async () => {
    const name = topicName();
    const [a, b] = [here.backplane<number>(name), here.backplane<number>(name, { timeout: 50 })];
    await a.publish({ data: 1 });
    await engine.kill();
    await expect(b.publish({ data: 2 })).rejects.toThrow();
    await expect(b.read(undefined)).rejects.toThrow();
    await expect(
      b.subscribe(
        () => {},
        () => {},
      ),
    ).rejects.toThrow();
    await engine.restart();
    expect(await a.read('none')).toMatchObject({
      events: expect.arrayContaining([expect.objectContaining({ data: 1 })]),
    });
  });
});

describe.each<readonly [name: string, make: (topic: unknown, options: object) => unknown]>([
  ['RedisBackplane', (topic, options) => new RedisBackplane(NOBODY, topic as string, options)],
  ['PostgresBackplane', (topic, options) => new PostgresBackplane(NOBODY, topic as string, options)],
])('%s', (name, make) => {
  it.each<[topic: unknown, options: object, message: string]>([
    ['', {}, 'topic must be'],
    [1, {}, 'topic must be'],
    ['t', { maxHistory: 0 }, 'maxHistory must be a whole number from 1, got 0'],
    ['t', { timeout: 1.5 }, 'timeout must be a whole number from 1 to 2147483647, got 1.5'],
    ['t', { timeout: 2 ** 31 }, 'timeout must be'],
    ['t', { maxhistory: 1 }, 'unknown option "maxhistory"'],
  ])('refuses the topic %j with %j', (topic, options, message) => {
    expect(() => make(topic, options)).toThrow(`${name}: ${message}`);
  });
});

it.each(['Topics', 'a b', 'a.b.c', 'a;b', 'a'.repeat(51)])('PostgresBackplane refuses the table %j', (table) => {
  expect(() => new PostgresBackplane(NOBODY, 't', { table })).toThrow('PostgresBackplane: table must be');
});
