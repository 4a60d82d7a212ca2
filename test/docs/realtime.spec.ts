import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Class, createApp, type Server, type Topic } from '../../src/index.js';
import { PostgresServer } from '../samples/support/postgres-server.js';
import { NatsServer } from '../support/nats-server.js';
import { RedisServer } from '../support/redis-server.js';
import { testGuide } from './guide.js';

const guide = await testGuide('realtime.md');

afterEach(() => void vi.useRealTimers());

/** Reads an event stream up to what it says, then leaves. */
async function read(answer: Response, enough: string): Promise<string> {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!text.includes(enough)) {
    const { value, done } = await reader.read();
    expect(done, `the end of ${text}`).toBe(false);
    text += Buffer.from(value as Uint8Array);
  }
  await reader.cancel();
  return text;
}

type Open<Opened> = (url: string) => Promise<Opened>;

interface Orders {
  readonly orders: Topic<unknown>;
  place(item: string): Promise<void>;
  close(): Promise<void>;
}

/** That what `publish` publishes is the first that followers here and elsewhere are given. */
async function reaches<Data>(here: Topic<Data>, elsewhere: Topic<Data>, publish: () => Promise<unknown>, data: Data) {
  const { signal } = new AbortController();
  // Each is told where it stands first, so that nothing is published before it follows.
  const following = [here, elsewhere].map((topic) =>
    topic.subscribe({ signal, snapshot: () => ({ data: 'snapshot' }) }),
  );
  const next = () => Promise.all(following.map(async (events) => (await events.next()).value?.data));
  expect(await next()).toEqual(['snapshot', 'snapshot']);
  await publish();
  expect(await next()).toEqual([data, data]);
}

describe('the guide to events', () => {
  it('ticks', async () => {
    const { ClockController, server } = await guide.load<{ ClockController: Class; server: Server }>('clock.ts');
    await using t = await createApp({ controllers: [ClockController] }).test();
    expect(await read(await t.get('/clock'), '{"n":0}\n\n')).toBe(':\n\nid: 0\nevent: tick\ndata: {"n":0}\n\n');

    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const ticks = await server.inject({ url: '/ticks' });
    vi.advanceTimersByTime(1000);
    expect(await read(ticks, '\n\ndata: ')).toMatch(/^:\n\ndata: \{"now":\d+\}\n\n$/);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0));
  });

  it('shows a board as it is, and who comes back what has changed', async () => {
    const { BoardController } = await guide.load<{ BoardController: Class }>('board.ts');
    await using t = await createApp({ controllers: [BoardController] }).test();
    await t.post('/board/cards', { json: { text: 'first' } });
    const seen = await read(await t.get('/board/changes'), ']\n\n');
    const [, id = ''] = /^:\n\nid: (\d+)\nevent: board\ndata: \[\{"n":0,"text":"first"\}\]\n\n$/.exec(seen) ?? [];
    await t.post('/board/cards', { json: { text: 'second' } });
    const missed = await read(await t.get('/board/changes', { headers: { 'last-event-id': id } }), 'second');
    expect(missed).toMatch(/^:\n\nid: \d+\nevent: card\ndata: \{"n":1,"text":"second"\}\n\n$/);
  });

  it('tells news without controllers', async () => {
    const { news, newsServer } = await guide.load<{ news: Topic<string>; newsServer: Server }>('news.ts');
    const answer = await newsServer.inject({ url: '/news' });
    await vi.waitFor(() => expect(news.size).toBe(1));
    await news.publish('good');
    expect(await read(answer, 'good')).toMatch(/\nid: \d+\ndata: good\n\n$/);
    await vi.waitFor(() => expect(news.size).toBe(0));
  });

  it('shares a topic over Redis', async () => {
    await using redis = await RedisServer.start();
    const { openNews } = await guide.load<{ openNews: Open<[Topic<string>, () => Promise<void>]> }>('shared-redis.ts');
    const [here, elsewhere] = [await openNews(`unix://${redis.path}`), await openNews(`unix://${redis.path}`)];
    await reaches(here[0], elsewhere[0], () => here[0].publish('good'), 'good');
    await Promise.all([here[1](), elsewhere[1]()]);
  });

  it('shares a topic over PostgreSQL, and publishes with the transaction or not at all', async () => {
    const postgres = PostgresServer.start();
    onTestFinished(() => postgres.stop());
    const { openOrders } = await guide.load<{ openOrders: Open<Orders> }>('shared-postgres.ts');
    const url = await postgres.makeDatabase();
    // One after the other: two that make the table of orders at once may collide in PostgreSQL's catalogue.
    const [here, elsewhere] = [await openOrders(url), await openOrders(url)];
    await expect(here.place('\0')).rejects.toThrow();
    await reaches(here.orders, elsewhere.orders, () => here.place('tea'), { item: 'tea' });
    await Promise.all([here.close(), elsewhere.close()]);
  });

  it('shares a topic over NATS', async () => {
    await using nats = new NatsServer();
    await nats.start();
    const { openScores } = await guide.load<{ openScores: Open<[Topic<number>, () => Promise<void>]> }>(
      'shared-nats.ts',
    );
    const server = `127.0.0.1:${nats.port}`;
    const [here, elsewhere] = [await openScores(server), await openScores(server)];
    await reaches(here[0], elsewhere[0], () => here[0].publish(3), 3);
    await Promise.all([here[1](), elsewhere[1]()]);
  });

  it('shares a topic', async () => {
    const { here, elsewhere } = await guide.load<{ here: Topic<string>; elsewhere: Topic<string> }>('shared.ts');
    const first = await here.publish('first');
    await here.publish('second');
    const { signal } = new AbortController();
    const following = elsewhere.subscribe({ signal, lastEventId: first });
    expect(await following.next()).toMatchObject({ value: { data: 'second' } });
    await here.publish('third');
    expect(await following.next()).toMatchObject({ value: { data: 'third' } });
    await Promise.all([here.close(), elsewhere.close()]);
  });
});

describe('the guide to WebSockets', () => {
  it('shows its page to who asks for no socket', async () => {
    const { ChatController } = await guide.load<{ ChatController: Class }>('chat.ts');
    await using t = await createApp({ controllers: [ChatController] }).test();
    expect(await (await t.get('/rooms/1')).text()).toBe('Open a WebSocket here to talk in 1.');
    const socket = await t.webSocket('/rooms/1', { headers: { 'x-user': 'ada' } });
    socket.json({ text: '' });
    expect((await socket.closed).code).toBe(1008);
  });

  it('doubles', async () => {
    const { DoublerController } = await guide.load<{ DoublerController: Class }>('doubler.ts');
    await using t = await createApp({ controllers: [DoublerController] }).test();
    const socket = await t.webSocket('/double');
    socket.json(21);
    const { value } = await socket[Symbol.asyncIterator]().next();
    expect(value).toBe('{"n":21,"twice":42}');
  });

  it('echoes without controllers', async () => {
    const { echoServer } = await guide.load<{ echoServer: Server }>('echo.ts');
    await echoServer.setIp('127.0.0.1').listen(0);
    void echoServer.run();
    onTestFinished(() => void echoServer.close({ timeout: 0 }));
    const client = new WebSocket(`${echoServer.url.replace('http', 'ws')}/echo`, ['echo']);
    const heard = new Promise((resolve) => client.on('message', (message) => resolve(String(message))));
    client.on('open', () => client.send('hello'));
    expect(await heard).toBe('hello');
    expect(client.protocol).toBe('echo');
    client.close();
    expect(await new Promise((resolve) => client.on('close', resolve))).toBe(1005);
  });
});
