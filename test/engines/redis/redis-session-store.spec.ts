import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sendCommand } from '../../../src/engines/redis/redis-client.js';
import { type RedisClient, RedisSessionStore, type RedisSessionStoreOptions } from '../../../src/engines/redis.js';
import { Server, session, sessionOf } from '../../../src/index.js';
import { RedisServer } from '../../support/redis-server.js';
import { loggerInto } from '../../support/served.js';
import { CLIENTS } from './redis-clients.js';

declare module '../../../src/index.js' {
  interface SessionFields {
    visits?: number;
  }
}

const NEW = { maxAge: 60, isNew: true };
const KNOWN = { maxAge: 60, isNew: false };

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

/** One process of an application, with a client of its own. */
function serve(client: RedisClient, options: RedisSessionStoreOptions = {}): Server {
  // Machines are shared: only who tests the time of the store has little of it.
  const store = new RedisSessionStore(client, { timeout: 10_000, ...options });
  return Server.new({ logger: loggerInto([]) })
    .use(session({ store, maxAge: 3600 }))
    .get('/', (_req, res) => void res.send('open to all'))
    .get('/visits', async (req, res) => void res.json((await sessionOf(req)).values.visits ?? 0))
    .post('/visits', async (req, res) => {
      const current = await sessionOf(req);
      await current.update({ visits: (current.values.visits ?? 0) + 1 });
      res.json(current.values.visits);
    })
    .post('/renewed', async (req) => (await sessionOf(req)).regenerate())
    .delete('/visits', async (req) => (await sessionOf(req)).destroy());
}

interface Said {
  readonly status: number;
  readonly said: unknown;
  /** The cookie it sets. */
  readonly cookie: string;
}

async function send(server: Server, method: string, url: string, sent = ''): Promise<Said> {
  const answer = await server.inject({ method, url, headers: sent === '' ? {} : { cookie: sent } });
  const [set = ''] = answer.headers.getSetCookie();
  const text = await answer.text();
  return { status: answer.status, said: text === '' ? '' : JSON.parse(text), cookie: set.split(';', 1)[0] as string };
}

/** Sends until there is a session: a connection may be slower than the store has time. */
function begin(server: Server): Promise<Said> {
  return vi.waitFor(async () => {
    const begun = await send(server, 'POST', '/visits');
    expect(begun).toMatchObject(visits(1));
    return begun;
  }, 20_000);
}

const visits = (said: number) => ({ status: 200, said });

describe.each(CLIENTS)('by a client of the package %s', (_name, connect) => {
  it('a session is the same in all processes', async () => {
    const [one, two] = [serve(await connect(redis)), serve(await connect(redis))];
    const { cookie } = await send(one, 'POST', '/visits');
    expect(await send(two, 'POST', '/visits', cookie)).toMatchObject(visits(2));
    expect(await send(one, 'GET', '/visits', cookie)).toMatchObject(visits(2));
    expect(await send(one, 'GET', '/visits')).toMatchObject(visits(0));
    await send(two, 'DELETE', '/visits', cookie);
    expect(await send(one, 'GET', '/visits', cookie)).toMatchObject(visits(0));
  });

  it('a session that goes on as another is gone under its old id', async () => {
    const [one, two] = [serve(await connect(redis)), serve(await connect(redis))];
    const { cookie: old } = await send(one, 'POST', '/visits');
    const { cookie } = await send(two, 'POST', '/renewed', old);
    expect(cookie).not.toBe(old);
    expect(await send(one, 'GET', '/visits', old)).toMatchObject(visits(0));
    expect(await send(one, 'GET', '/visits', cookie)).toMatchObject(visits(1));
  });

  it('a session is read by many at once', async () => {
    const servers = [serve(await connect(redis)), serve(await connect(redis))];
    const { cookie } = await send(servers[0]!, 'POST', '/visits');
    const asked = Array.from({ length: 100 }, (_none, i) => send(servers[i % 2]!, 'GET', '/visits', cookie));
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject(visits(1));
  });

  it('an ended session is not brought back by who still has it', async () => {
    const store = new RedisSessionStore(await connect(redis));
    expect(await store.set('ended', '1', NEW)).toBe(true);
    expect(await store.set('ended', '2', KNOWN)).toBe(true);
    await store.destroy('ended');
    expect(await store.set('ended', '3', KNOWN)).toBe(false);
    expect(await store.get('ended')).toBeUndefined();
  });

  it('a session is one key, which Redis forgets', async () => {
    const client = await connect(redis);
    await sendCommand(client, 'FLUSHALL');
    const server = serve(client, { prefix: 'shop:visitors:' });
    const { cookie } = await send(server, 'POST', '/visits');
    const [key, ...others] = (await sendCommand(client, 'KEYS', '*')) as string[];
    expect([key, others]).toEqual([expect.stringMatching(/^shop:visitors:[\w-]{43}$/), []]);
    const left = await sendCommand(client, 'TTL', key as string);
    expect(left).toBeGreaterThan(3500);
    expect(left).toBeLessThanOrEqual(3600);
    // The cookie leads to it by a hash alone.
    expect(key).not.toContain(cookie.split('=')[1]);
    await sendCommand(client, 'PEXPIRE', key as string, '0');
    expect(await send(server, 'GET', '/visits', cookie)).toMatchObject(visits(0));
  });

  it('whoever asks for a session while Redis is away gets 503, others are served, and all are when it is back', async () => {
    await using own = await RedisServer.start();
    // Whether the client fails at once or waits for Redis: nobody waits for longer.
    const server = serve(await connect(own), { timeout: 100 });
    const { cookie } = await begin(server);
    await own.kill();
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await server.inject({ method, url: '/visits', headers: { cookie } });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await answer.json()).toMatchObject({ detail: 'Sessions are not available at the moment.' });
    }
    expect((await server.inject({ url: '/' })).status).toBe(200);
    await own.start();
    await begin(server);
  });

  it('a Redis that hangs is away', async () => {
    await using own = await RedisServer.start();
    const server = serve(await connect(own), { timeout: 100 });
    const { cookie } = await begin(server);
    own.pause();
    expect((await send(server, 'GET', '/visits', cookie)).status).toBe(503);
    own.resume();
    await vi.waitFor(async () => expect(await send(server, 'GET', '/visits', cookie)).toMatchObject(visits(1)), 20_000);
  });
});

it.each([
  [{ prefix: 1 }, 'RedisSessionStore: prefix must be a string, got 1'],
  [{ timeout: 0 }, 'RedisSessionStore: timeout must be a whole number from 1 to 2147483647, got 0'],
  [{ ttl: 1 }, 'RedisSessionStore: unknown option "ttl"; known are prefix, timeout'],
])('refuses %j when it is made', (options, message) => {
  expect(() => new RedisSessionStore({ sendCommand: async () => null }, options as never)).toThrow(message);
});
