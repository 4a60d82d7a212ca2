import { describe, expect, it } from 'vitest';
import type { QueueOptions } from '../../../src/http/events/bounded-queue.js';
import type { EventStream, EventStreamOptions } from '../../../src/http/events/event-stream.js';
import type { ServerSentEvent } from '../../../src/http/events/server-sent-event.js';
import { Topic } from '../../../src/http/events/topic.js';
import {
  eventually,
  fakeTime,
  pass,
  request,
  response,
  serve,
  settled,
  TRANSPORTS,
  undated,
} from '../../support/served.js';

const OPENING = response(
  '200 OK',
  ['Content-Type: text/event-stream', 'Cache-Control: no-store', 'X-Accel-Buffering: no', 'Transfer-Encoding: chunked'],
  '3\r\n:\n\n\r\n',
);

/** A server whose `/` is an event stream, kept in `open`. */
async function serveEvents(options: EventStreamOptions = {}, transport: 'tcp' | 'memory' = 'memory') {
  const open: EventStream[] = [];
  const served = await serve(
    (server) =>
      server.get('/', (_req, res) => {
        open.push(res.events(options));
      }),
    {},
    transport,
  );
  return { ...served, open };
}

describe.each(TRANSPORTS)('res.events over %s', (transport) => {
  it('sends the head at once, then each event, then the last chunk', async () => {
    const { connect, open } = await serveEvents({}, transport);
    const client = (await connect()).send(request('GET /'));
    expect(undated(await client.until(':\n\n\r\n'))).toBe(OPENING);
    expect(open[0].isOpen).toBe(true);
    void open[0].send({ data: 'a' });
    expect(await client.until('\n\n\r\n')).toBe('9\r\ndata: a\n\n\r\n');
    open[0].close();
    expect(await client.until('0\r\n\r\n')).toBe('0\r\n\r\n');
    expect(open[0].isOpen).toBe(false);
    // The connection serves the next request.
    client.send(request('GET /'));
    expect(undated(await client.until(':\n\n\r\n'))).toBe(OPENING);
  });

  it('ends when the client leaves, tells so once, and ignores what is sent afterwards', async () => {
    const { connect, open } = await serveEvents({}, transport);
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    let gone = 0;
    open[0].onGone(() => gone++);
    client.destroy();
    await eventually(() => !open[0].isOpen, 'the stream has ended');
    expect(gone).toBe(1);
    expect(open[0].send({ data: 'late' })).toBeUndefined();
    open[0].close();
    expect(gone).toBe(1);
  });

  it('takes a client that ends its sending side as gone', async () => {
    const { connect, open } = await serveEvents({}, transport);
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    await client.end();
    await eventually(() => !open[0].isOpen, 'the stream has ended');
  });
});

describe('res.events', () => {
  it('sends a comment every 15 seconds', async () => {
    fakeTime();
    const { connect, open } = await serveEvents();
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    await pass(14_999);
    expect(client.received).toBe('');
    await pass(1);
    expect(await client.until('\n\n\r\n')).toBe('4\r\n: \n\n\r\n');
    open[0].close();
    await pass(30_000);
    expect(client.received).toBe('0\r\n\r\n');
  });

  it('sends none where keepAlive is false', async () => {
    fakeTime();
    const { connect } = await serveEvents({ keepAlive: false });
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    await pass(60_000);
    expect(client.received).toBe('');
  });

  it('waits for a slow client', async () => {
    const { connect, open } = await serveEvents({ keepAlive: false });
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    client.duplex.pause();
    const send = () => open[0].send({ data: 'x'.repeat(1000) });
    let slow = send();
    for (let sent = 1; slow === undefined && sent < 1000; sent++) slow = send();
    expect(slow).toBeInstanceOf(Promise);
    let isDone = false;
    const done = Promise.resolve(slow).then(() => {
      isDone = true;
    });
    await settled();
    expect(isDone).toBe(false);
    client.duplex.resume();
    await done;
  });

  /** A client that has stopped reading, and the stream to it, slow already. */
  async function stalled(options: EventStreamOptions = {}) {
    const { connect, open } = await serveEvents({ keepAlive: false, ...options });
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    client.duplex.pause();
    const filler = { comment: 'x'.repeat(1000) };
    let slow = open[0].send(filler);
    for (let sent = 1; slow === undefined && sent < 1000; sent++) slow = open[0].send(filler);
    return { client, events: open[0], slow };
  }

  /** The data of the events that have come, of all content. */
  function dataIn(content: string): string[] {
    return [...content.matchAll(/^data: (.*)$/gm)].map(([, data]) => data as string);
  }

  it('lets what nobody awaits wait, and sends it in order when the client reads on', async () => {
    const { client, events, slow } = await stalled();
    const promises = [1, 2, 3].map((data) => events.send({ data }));
    expect(new Set([...promises, slow]).size).toBe(1);
    await settled();
    client.duplex.resume();
    await slow;
    expect(events.send({ data: 4 })).toBeUndefined();
    events.close();
    expect(dataIn(await client.until('\r\n0\r\n\r\n'))).toEqual(['1', '2', '3', '4']);
  });

  it('cuts a client off for which more waits than may', async () => {
    const { events } = await stalled({ maxQueueSize: 25 });
    let gone = 0;
    events.onGone(() => gone++);
    expect(events.send({ data: 12_345 })).toBeInstanceOf(Promise);
    expect(events.send({ data: 67_890 })).toBeUndefined();
    expect(events.isOpen).toBe(false);
    await settled();
    expect(gone).toBe(1);
    expect(events.send({ data: 'late' })).toBeUndefined();
  });

  it('forgets the oldest where it is to', async () => {
    const { client, events, slow } = await stalled({ maxQueueSize: 20, overflow: 'drop-oldest' });
    for (let data = 0; data < 10; data++) void events.send({ data });
    client.duplex.resume();
    await slow;
    events.close();
    expect(dataIn(await client.until('\r\n0\r\n\r\n'))).toEqual(['8', '9']);
  });

  it('sends what waits before it closes', async () => {
    const { client, events } = await stalled();
    void events.send({ data: 1 });
    events.close();
    expect([events.isOpen, events.send({ data: 2 })]).toEqual([false, undefined]);
    events.close();
    client.duplex.resume();
    expect(dataIn(await client.until('\r\n0\r\n\r\n'))).toEqual(['1']);
  });

  it('needs no comments for a client for which events wait', async () => {
    fakeTime();
    const { client, events, slow } = await stalled({ keepAlive: 100 });
    void events.send({ data: 1 });
    await pass(1000);
    client.duplex.resume();
    await slow;
    events.close();
    expect(await client.until('\r\n0\r\n\r\n')).not.toContain(': \n');
  });

  it('refuses a queue that cannot be', async () => {
    const { exchange, log } = await serve((server) =>
      server.get('/', (_req, res) => void res.events({ maxQueueSize: -1 })),
    );
    expect(await exchange(request('GET /'))).toMatch(/^HTTP\/1\.1 500 /);
    expect(log[0].fields.err).toBeInstanceOf(RangeError);
  });

  it('answers HEAD with the head alone and serves the next request', async () => {
    const { connect, open } = await serveEvents();
    const client = (await connect()).send(request('HEAD /') + request('HEAD /'));
    const head = response('200 OK', [
      'Content-Type: text/event-stream',
      'Cache-Control: no-store',
      'X-Accel-Buffering: no',
      'Transfer-Encoding: chunked',
    ]);
    expect(undated(await client.response(true))).toBe(head);
    expect(undated(await client.response(true))).toBe(head);
    expect(open.map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  it('cannot open after the response was sent', async () => {
    const { exchange, log } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.send('a');
        res.events();
      }),
    );
    await exchange(request('GET /'));
    expect(log[0].fields.err).toEqual(new Error('events: the response was already sent'));
  });
});

describe('events.sendAll', () => {
  /** A server that sends what `source` makes, and what was noticed of it. */
  async function serveAll(source: (signal: AbortSignal) => AsyncIterable<ServerSentEvent | string>) {
    const ended: unknown[] = [];
    const served = await serve(
      (server) =>
        server.get('/', async (req, res) => {
          await res.events({ keepAlive: false }).sendAll(source(req.signal));
          ended.push(req.method);
        }),
      {},
      'tcp',
    );
    return { ...served, ended };
  }

  it('sends events and strings, then ends', async () => {
    const { connect, ended } = await serveAll(async function* () {
      yield { id: '1', data: { n: 1 } };
      yield 'two';
    });
    const client = (await connect()).send(request('GET /'));
    expect(await client.until('0\r\n\r\n')).toContain('id: 1\ndata: {"n":1}\n\n');
    expect(ended).toEqual(['GET']);
  });

  it('ends its source when the client leaves, and waits for that', async () => {
    let returned = 0;
    const next = () =>
      new Promise<IteratorResult<string>>((resolve) => setImmediate(resolve, { done: false, value: 'a' }));
    const { connect, ended } = await serveAll(() => ({
      [Symbol.asyncIterator]: () => ({
        next,
        return: async () => {
          await settled();
          returned++;
          return { done: true, value: undefined };
        },
      }),
    }));
    const client = (await connect()).send(request('GET /'));
    await client.until('data: a');
    client.destroy();
    await eventually(() => ended.length > 0, 'the source was ended');
    expect(returned).toBe(1);
  });

  it('ends a source that waits when the client leaves', async () => {
    let end: (step: IteratorResult<string>) => void = () => {};
    const done = { done: true as const, value: undefined };
    const { connect, ended } = await serveAll(() => ({
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise<IteratorResult<string>>((resolve) => {
            end = resolve;
          }),
        return: async () => {
          end(done);
          return done;
        },
      }),
    }));
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n');
    client.destroy();
    await eventually(() => ended.length > 0, 'the source was ended');
  });

  it('ends its source at once for HEAD', async () => {
    let began = false;
    const { connect, ended } = await serveAll(async function* () {
      began = true;
      yield 'a';
    });
    await (await connect()).send(request('HEAD /')).response(true);
    await eventually(() => ended.length > 0, 'it ended');
    expect(began).toBe(false);
  });

  it('ends its source where an event cannot be sent', async () => {
    let hasEnded = false;
    const { connect, log } = await serveAll(async function* () {
      try {
        yield { id: 'a\nb' };
      } finally {
        hasEnded = true;
      }
    });
    await (await connect()).send(request('GET /')).all();
    expect(hasEnded).toBe(true);
    expect(log[0].fields.err).toBeInstanceOf(TypeError);
  });

  it('cuts the stream off where its source throws, and logs it', async () => {
    // biome-ignore lint/correctness/useYield: it fails before
    const { connect, log } = await serveAll(async function* () {
      throw new Error('broken');
    });
    const client = (await connect()).send(request('GET /'));
    expect(await client.all()).not.toContain('0\r\n\r\n');
    expect(log[0].fields.err).toMatchObject({ message: 'broken' });
  });
});

describe('a topic behind a server', () => {
  const fields = (id: string | undefined) => (id === undefined ? [] : [`Last-Event-ID: ${id}`]);

  /** A server whose `/` follows `topic`. */
  async function serveTopic<Data>(topic: Topic<Data>, options: QueueOptions = {}) {
    return serve(
      (server) =>
        server.get('/', (req, res) => {
          const lastEventId = req.headers.get('last-event-id');
          return res.events().sendAll(topic.subscribe({ lastEventId, signal: req.signal, ...options }));
        }),
      {},
      'tcp',
    );
  }

  it('gives each of many clients every event in order, and forgets those that leave', async () => {
    const topic = new Topic<number>();
    const { connect } = await serveTopic(topic);
    const clients = [];
    for (let i = 0; i < 40; i++) clients.push((await connect()).send(request('GET /')));
    await eventually(() => topic.size === 40, 'all follow');
    const expected = Array.from({ length: 30 }, (_, n) => n);
    for (const n of expected) void topic.publish(n);
    for (const client of clients) {
      const stream = await client.until('data: 29\n\n\r\n');
      expect([...stream.matchAll(/^data: (\d+)$/gm)].map(([, n]) => Number(n))).toEqual(expected);
    }
    for (const client of clients) client.destroy();
    await eventually(() => topic.size === 0, 'all have left');
    expect(topic.dropped).toBe(0);
  });

  it('goes on from the last event that a client had', async () => {
    const topic = new Topic<string>();
    const [one] = [await topic.publish('a'), await topic.publish('b')];
    const { connect } = await serveTopic(topic);
    const client = (await connect()).send(request('GET /', ...fields(one)));
    const stream = await client.until('data: b\n\n');
    expect(stream).not.toContain('data: a');
  });

  it('lets go of a client that does not read, and of nobody else', async () => {
    const topic = new Topic<string>();
    const { connect } = await serveTopic(topic, { maxQueueSize: 100_000 });
    const stuck = (await connect()).send(request('GET /'));
    const reader = (await connect()).send(request('GET /'));
    await eventually(() => topic.size === 2, 'both follow');
    stuck.duplex.pause();
    const large = 'x'.repeat(50_000);
    let sent = 0;
    for (; topic.dropped === 0 && sent < 1000; sent++) {
      await topic.publish(large);
      await reader.until(`${large}\n\n\r\n`);
    }
    expect([topic.size, topic.dropped]).toEqual([1, 1]);
    await topic.publish('last');
    await reader.until('data: last\n\n');
  });

  it('lets all go when the server drains', async () => {
    const topic = new Topic<string>();
    const { connect, server } = await serveTopic(topic);
    const client = (await connect()).send(request('GET /'));
    await eventually(() => topic.size === 1, 'it follows');
    const closing = server.close();
    expect(await client.all()).toMatch(/0\r\n\r\n$/);
    expect(await closing).toMatchObject({ destroyed: 0 });
    expect(topic.size).toBe(0);
  });
});
