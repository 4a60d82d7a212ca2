import { getEventListeners } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Backplane, TopicEvent } from '../../../src/http/events/backplane.js';
import { MemoryBackplane } from '../../../src/http/events/memory-backplane.js';
import { EncodedEvent, type ServerSentEvent } from '../../../src/http/events/server-sent-event.js';
import type { SubscribeOptions } from '../../../src/http/events/subscription.js';
import { Topic } from '../../../src/http/events/topic.js';
import { settled } from '../../support/served.js';

type Options = Omit<SubscribeOptions<ServerSentEvent>, 'signal'>;

/** A client of `topic` that takes steps when it is told to. */
function follow<Data>(topic: Topic<Data>, options: Options = {}) {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const subscription = topic.subscribe<ServerSentEvent>({ signal: gone.signal, ...options });
  const events: ServerSentEvent[] = [];
  let isDone = false;
  return {
    subscription,
    events,
    leave: () => gone.abort(),
    get isDone() {
      return isDone;
    },
    get data() {
      return events.map(({ data }) => data);
    },
    /** Takes one event; what it awaits may come later. */
    async take() {
      const step = await subscription.next();
      if (step.done) isDone = true;
      else events.push(step.value);
    },
    /** Takes all that comes. */
    async takeAll() {
      for await (const event of subscription) events.push(event);
      isDone = true;
    },
  };
}

/** As {@link follow}, taking all that comes from now on. */
async function following<Data>(topic: Topic<Data>, options: Options = {}) {
  const client = follow(topic, options);
  void client.takeAll();
  await settled();
  return client;
}

async function publishAll<Data>(topic: Topic<Data>, ...data: Data[]): Promise<string[]> {
  const ids: string[] = [];
  for (const each of data) ids.push(await topic.publish(each));
  await settled();
  return ids;
}

describe('Topic', () => {
  it('hands what is published to all who follow it, as the same object', async () => {
    const topic = new Topic<number>();
    const [a, b] = [await following(topic), await following(topic)];
    const id = await topic.publish(1, 'first');
    await publishAll(topic, 2, 3);
    expect(a.data).toEqual([1, 2, 3]);
    expect(a.events[0]).toMatchObject({ id, event: 'first', data: 1 });
    expect(b.events.map((event, i) => event === a.events[i])).toEqual([true, true, true]);
  });

  it('gives a new client what is published from its first step on', async () => {
    const topic = new Topic<number>();
    await publishAll(topic, 1);
    const client = follow(topic);
    await publishAll(topic, 2);
    expect(topic.size).toBe(0);
    const taking = client.take();
    expect(topic.size).toBe(1);
    await publishAll(topic, 3);
    await taking;
    expect(client.data).toEqual([3]);
  });

  it('gives a client that comes back what it missed, then what is new', async () => {
    const topic = new Topic<number>();
    const [one] = await publishAll(topic, 1, 2, 3);
    const client = await following(topic, { lastEventId: one });
    await publishAll(topic, 4);
    expect(client.data).toEqual([2, 3, 4]);
  });

  it('gives every event once, however publishing and the beginning interleave', async () => {
    const topic = new Topic<number>();
    const [zero] = await publishAll(topic, 0);
    for (let turns = 0; turns < 8; turns++) {
      const [before] = await publishAll(topic, 1);
      const client = follow(topic, { lastEventId: before });
      const published = [topic.publish(2)];
      void client.takeAll();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      published.push(topic.publish(3));
      await Promise.all(published);
      await settled();
      expect(client.data).toEqual([2, 3]);
      client.leave();
    }
    expect(zero).toBeDefined();
  });

  it.each([
    ['its id is too old', (ids: string[]) => ids[0], [{ lastEventId: expect.any(String) }, 3, 4]],
    ['nobody gave its id', () => 'nonsense', [{ lastEventId: 'nonsense' }, 3, 4]],
  ])('tells a client of a gap where %s, then gives what is kept', async (_title, idOf, data) => {
    const topic = new Topic<number>({ maxHistory: 2 });
    const ids = await publishAll(topic, 1, 2, 3, 4);
    const client = await following(topic, { lastEventId: idOf(ids) });
    expect(client.data).toEqual(data);
    expect(client.events[0]).toMatchObject({ event: 'gap' });
    expect(client.events[0].id).toBeUndefined();
  });

  it('gives the gap an id where nothing is kept, so that it is told once', async () => {
    const topic = new Topic<number>({ maxHistory: 0 });
    const [one, two] = await publishAll(topic, 1, 2);
    const client = await following(topic, { lastEventId: one });
    expect(client.events).toEqual([{ event: 'gap', data: { lastEventId: one }, id: two }]);
    expect((await following(topic, { lastEventId: two })).events).toEqual([]);
  });

  it('takes an empty id for none', async () => {
    const topic = new Topic<number>();
    await publishAll(topic, 1);
    expect((await following(topic, { lastEventId: '' })).events).toEqual([]);
  });

  it('gives a snapshot to clients that cannot go on, and to no other', async () => {
    const topic = new Topic<number>({ maxHistory: 1 });
    const [one, two, three] = await publishAll(topic, 1, 2, 3);
    const reasons: string[] = [];
    const snapshot = async (reason: string) => {
      reasons.push(reason);
      return { event: 'all', data: [1, 2, 3] };
    };
    const clients = [];
    for (const lastEventId of [undefined, one, two]) clients.push(await following(topic, { lastEventId, snapshot }));
    await publishAll(topic, 4);
    expect(clients.map(({ data }) => data)).toEqual([
      [[1, 2, 3], 4],
      [[1, 2, 3], 4],
      [3, 4],
    ]);
    expect(clients[0].events[0].id).toBe(three);
    expect(reasons).toEqual(['new', 'gap']);
  });

  it('misses nothing that is published while the snapshot is made', async () => {
    const topic = new Topic<number>();
    let make: (event: ServerSentEvent) => void = () => {};
    const snapshot = () =>
      new Promise<ServerSentEvent>((resolve) => {
        make = resolve;
      });
    const client = await following(topic, { snapshot });
    await publishAll(topic, 1);
    make({ data: 'all', id: 'own' });
    await publishAll(topic, 2);
    expect(client.data).toEqual(['all', 1, 2]);
    expect(client.events[0].id).toBe('own');
  });
});

describe('a client that is too slow', () => {
  const EVENT = 'x'.repeat(100);

  it('is let go of when its queue is full, and nobody else notices', async () => {
    const topic = new Topic<string>();
    const [start] = await publishAll(topic, 'start');
    const slow = follow(topic, { lastEventId: start, maxQueueSize: 1000 });
    const other = await following(topic, { maxQueueSize: 1000 });
    const taking = slow.take();
    const ids = await publishAll(topic, 'taken');
    await taking;
    expect([topic.size, topic.dropped]).toEqual([2, 0]);
    await publishAll(topic, ...Array.from({ length: 20 }, () => EVENT));
    expect([topic.size, topic.dropped]).toEqual([1, 1]);
    expect(other.events).toHaveLength(21);
    await slow.take();
    expect([slow.isDone, slow.data]).toEqual([true, ['taken']]);
    // It comes back, and has missed nothing.
    const again = await following(topic, { lastEventId: ids[0] });
    expect(again.events).toHaveLength(20);
  });

  it('stays where the oldest may be dropped for the newest', async () => {
    const topic = new Topic<number>();
    const slow = follow(topic, { maxQueueSize: 120, overflow: 'drop-oldest' });
    const taking = slow.take();
    await settled();
    await publishAll(topic, ...Array.from({ length: 20 }, (_, i) => i));
    await taking;
    void slow.takeAll();
    await settled();
    expect(slow.data).toEqual([0, 17, 18, 19]);
    expect([topic.size, topic.dropped]).toEqual([1, 0]);
  });
});

describe('a subscription', () => {
  it.each<
    [title: string, end: (client: Awaited<ReturnType<typeof following<number>>>, topic: Topic<number>) => unknown]
  >([
    ['when its signal aborts', (client) => client.leave()],
    ['by return()', (client) => client.subscription.return()],
    ['when the topic closes', (_client, topic) => topic.close()],
    ['when the topic is disposed', (_client, topic) => topic[Symbol.asyncDispose]()],
  ])('ends %s, also while it waits', async (_title, end) => {
    const topic = new Topic<number>();
    const client = await following(topic);
    await publishAll(topic, 1);
    await end(client, topic);
    await settled();
    expect([client.isDone, client.data, topic.size, topic.dropped]).toEqual([true, [1], 0, 0]);
  });

  it('drops what still waits when it ends', async () => {
    const topic = new Topic<number>();
    const client = follow(topic);
    const taking = client.take();
    await settled();
    await publishAll(topic, 1, 2);
    client.leave();
    await taking;
    await client.take();
    expect([client.data, client.isDone]).toEqual([[1], true]);
  });

  it('ends the loop that breaks out of it', async () => {
    const topic = new Topic<number>();
    const client = follow(topic);
    const loop = (async () => {
      for await (const event of client.subscription) if (event.data === 2) break;
    })();
    await settled();
    await publishAll(topic, 1, 2, 3);
    await loop;
    expect(topic.size).toBe(0);
  });

  it.each<[title: string, end: (client: ReturnType<typeof follow<number>>) => unknown]>([
    ['aborted', (client) => client.leave()],
    ['ended', (client) => client.subscription.return()],
  ])('that was %s before it began never joins', async (_title, end) => {
    const topic = new Topic<number>();
    const client = follow(topic);
    await end(client);
    await client.take();
    expect([client.isDone, topic.size]).toEqual([true, 0]);
  });

  it('that is ended while its snapshot is made is over', async () => {
    const topic = new Topic<number>();
    let make: (event: ServerSentEvent) => void = () => {};
    const client = await following(topic, {
      snapshot: () =>
        new Promise<ServerSentEvent>((resolve) => {
          make = resolve;
        }),
    });
    client.leave();
    make({ data: 1 });
    await settled();
    expect([client.isDone, client.data, topic.size]).toEqual([true, [], 0]);
  });

  it('lets go of its signal', async () => {
    const gone = new AbortController();
    const topic = new Topic<number>();
    for (let i = 0; i < 3; i++) {
      const subscription = topic.subscribe({ signal: gone.signal });
      const next = subscription.next();
      expect(getEventListeners(gone.signal, 'abort')).toHaveLength(1);
      await subscription.return();
      expect(await next).toEqual({ done: true, value: undefined });
    }
    expect(getEventListeners(gone.signal, 'abort')).toHaveLength(0);
  });

  it('refuses what its queue refuses when it is made', () => {
    const { signal } = new AbortController();
    expect(() => new Topic().subscribe({ signal, maxQueueSize: -1 })).toThrow(RangeError);
  });
});

describe('a closed topic', () => {
  it('publishes nothing, and ends who comes', async () => {
    const topic = new Topic<number>();
    await topic.close();
    await expect(topic.publish(1)).rejects.toThrow(new Error('The topic is closed'));
    const client = await following(topic);
    expect([client.isDone, topic.size]).toEqual([true, 0]);
  });
});

/** As a server elsewhere would be: what it tells comes late, and copied. */
class RemoteBackplane implements Backplane<number> {
  readonly #memory = new MemoryBackplane<number>({ maxHistory: 10 });
  readonly late: (() => void)[] = [];
  failure: Error | undefined;
  listeners = 0;

  publish(message: { data: number }) {
    return this.#memory.publish(message);
  }
  async read(id: string | undefined) {
    const { events, ...rest } = await this.#memory.read(id);
    return { ...rest, events: events.map(({ id, data }) => ({ id, data })) };
  }
  lose: () => void = () => {};
  async subscribe(listener: (event: TopicEvent<number>) => void, onGap: () => void) {
    if (this.failure !== undefined) throw this.failure;
    this.lose = onGap;
    this.listeners++;
    const stop = await this.#memory.subscribe(({ id, data }) => this.late.push(() => listener({ id, data })));
    return () => {
      this.listeners--;
      stop();
    };
  }
  isAfter(id: string, other: string) {
    return this.#memory.isAfter(id, other);
  }
}

describe('a topic on a backplane', () => {
  it('listens once, skips what it has replayed, and writes each event once', async () => {
    const backplane = new RemoteBackplane();
    const topic = new Topic({ backplane });
    const first = await following(topic);
    const [one] = await publishAll(topic, 1, 2, 3);
    const second = await following(topic, { lastEventId: one });
    expect([first.data, second.data]).toEqual([[], [2, 3]]);
    await publishAll(topic, 4);
    for (const tell of backplane.late.splice(0)) tell();
    await settled();
    expect([first.data, second.data]).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4],
    ]);
    expect(first.events[3]).toBe(second.events[2]);
    expect(first.events[3]).toBeInstanceOf(EncodedEvent);
    expect(backplane.listeners).toBe(1);
    await topic.close();
    expect([backplane.listeners, first.isDone, second.isDone]).toEqual([0, true, true]);
  });

  it('fails the subscription where the backplane fails, and tries again for the next', async () => {
    const backplane = new RemoteBackplane();
    const topic = new Topic({ backplane });
    backplane.failure = new Error('away');
    await expect(follow(topic).take()).rejects.toThrow('away');
    expect(topic.size).toBe(0);
    backplane.failure = undefined;
    const client = await following(topic);
    expect([topic.size, backplane.listeners]).toEqual([1, 1]);
    client.leave();
    await topic.close();
  });

  it('ends who follows when the backplane has lost events, so that they come back and are told', async () => {
    const backplane = new RemoteBackplane();
    const topic = new Topic({ backplane });
    const [first, second] = [await following(topic), await following(topic)];
    backplane.lose();
    await settled();
    expect([first.isDone, second.isDone, topic.size, topic.dropped]).toEqual([true, true, 0, 0]);
    const back = await following(topic, { lastEventId: 'unknown' });
    expect(back.events).toEqual([{ event: 'gap', data: { lastEventId: 'unknown' }, id: expect.any(String) }]);
    expect(backplane.listeners).toBe(1);
    await topic.close();
  });

  it.each(['a\nb', 'a\rb', 'a\0b'])('refuses the name %j before others would have to', async (name) => {
    const backplane = new RemoteBackplane();
    const topic = new Topic({ backplane });
    await expect(topic.publish(1, name)).rejects.toThrow(TypeError);
    expect(await backplane.read('unknown')).toMatchObject({ events: [] });
  });

  it('closes although the backplane never was there', async () => {
    const backplane = new RemoteBackplane();
    const topic = new Topic({ backplane });
    backplane.failure = new Error('away');
    const failing = expect(follow(topic).take()).rejects.toThrow('away');
    await topic.close();
    await failing;
  });
});
