import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PostgresIdempotencyStore } from '../../../src/engines/postgres.js';
import { type IdempotencyStore, idempotency, Server } from '../../../src/index.js';
import { testIdempotencyStore } from '../../middleware/idempotency/idempotency-stores.js';
import { PostgresServer } from '../../samples/support/postgres-server.js';
import { loggerInto } from '../../support/served.js';

const CLAIM = { owner: 'one', fingerprint: 'f', lockTimeout: 60_000 };

let server: PostgresServer;
let url: string;
/** Each is what one process has. */
let pools: pg.Pool[];

beforeAll(async () => {
  server = PostgresServer.start();
  url = await server.makeDatabase();
  pools = [1, 2].map(() => new pg.Pool({ connectionString: url }));
  await new PostgresIdempotencyStore(pools[0]!).createTable();
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  server.stop();
});

/** One that asks another process each time. */
function alternating(): IdempotencyStore {
  const stores = pools.map((pool) => new PostgresIdempotencyStore(pool));
  let calls = 0;
  const next = () => stores[calls++ % stores.length]!;
  return {
    claim: (...args) => next().claim(...args),
    keep: (...args) => next().keep(...args),
    release: (...args) => next().release(...args),
  };
}

const run = async (statement: string) => (await pools[0]!.query(statement)).rows;
const expire = async () => void (await run(`update idempotency_keys set expires_at = now() - interval '1 second'`));

testIdempotencyStore('two processes with a PostgresIdempotencyStore', async () => {
  await run('truncate idempotency_keys');
  return { store: alternating(), expire };
});

describe('its table', () => {
  it('is made once, by however many processes at once', async () => {
    const table = 'keys_of_all';
    const stores = [...pools, ...pools, ...pools].map((pool) => new PostgresIdempotencyStore(pool, { table }));
    await Promise.all(stores.map((store) => store.createTable()));
    expect(await stores[0]!.claim('a', CLAIM)).toBeUndefined();
  });

  it('may be in a schema', async () => {
    await run('create schema shop');
    const store = new PostgresIdempotencyStore(pools[0]!, { table: 'shop.keys' });
    await store.createTable();
    expect(await store.claim('a', CLAIM)).toBeUndefined();
    expect(await run('select id from shop.keys')).toEqual([{ id: 'a' }]);
  });

  it.each(['Keys', 'a-b', 'a.b.c', '', 'x; drop table y', 7])('is not called %j', (table) => {
    expect(() => new PostgresIdempotencyStore(pools[0]!, { table: table as string })).toThrow(
      'PostgresIdempotencyStore: table must be a name in lower case',
    );
  });

  it('loses what has expired when a minute has passed, a thousand rows at a time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const fill = `insert into idempotency_keys select n, 'one', 'f', 'old', now() from generate_series(1, 2500) as n`;
    const left = async () => Number((await run(`select count(*) from idempotency_keys where answer = 'old'`))[0].count);
    const store = new PostgresIdempotencyStore(pools[0]!);
    await store.claim('first', CLAIM);
    await run('truncate idempotency_keys');
    await run(fill);
    vi.setSystemTime(Date.now() + 59_999);
    await store.claim('soon', CLAIM);
    expect(await left()).toBe(2500);
    vi.setSystemTime(Date.now() + 1);
    const counts: number[] = [];
    for (let i = 0; i < 4; i++) {
      await store.claim(`later-${i}`, CLAIM);
      counts.push(await left());
    }
    expect(counts).toEqual([1500, 500, 0, 0]);
    expect(await store.claim('soon', CLAIM)).toBeDefined();
  });
});

it('goes on when a key is given back between its statements', async () => {
  await run('truncate idempotency_keys');
  const store = new PostgresIdempotencyStore({
    query: async (statement, values) => {
      const result = await pools[0]!.query(statement, values);
      if (statement.startsWith('insert') && result.rows.length === 0) await run('truncate idempotency_keys');
      return result;
    },
  });
  await store.claim('a', CLAIM);
  expect(await store.claim('a', { ...CLAIM, owner: 'two' })).toBeUndefined();
});

describe('two processes', () => {
  /** Orders that are made, each by the process `i`. */
  async function process(i: number, made: string[], serving: Promise<void> = Promise.resolve()): Promise<Server> {
    const store = new PostgresIdempotencyStore(pools[i]!);
    const log: never[] = [];
    return (
      Server.new({ logger: loggerInto(log) })
        // Connections take a while where many processes share a machine.
        .use(idempotency({ scope: (req) => req.headers.get('x-user'), store, storeTimeout: 30_000 }))
        .post('/orders', async (req, res) => {
          made.push(`${i}: ${await req.text()}`);
          await serving;
          res.setStatus(201).setHeader('Location', `/orders/${made.length}`).json({ number: made.length });
        })
    );
  }

  const order = (server: Server, key: string, body = 'lamp', user = 'ada') =>
    server.inject({ method: 'POST', url: '/orders', headers: { 'idempotency-key': `"${key}"`, 'x-user': user }, body });

  it('make one order of two that have the same key, and answer both the same', async () => {
    const made: string[] = [];
    const [one, two] = [await process(0, made), await process(1, made)];
    const first = await order(one, 'k1');
    const again = await order(two, 'k1');
    expect(made).toEqual(['0: lamp']);
    for (const answer of [first, again]) {
      expect([answer.status, answer.headers.get('location')]).toEqual([201, '/orders/1']);
      expect(await answer.json()).toEqual({ number: 1 });
    }
    expect((await order(two, 'k1', 'chair')).status).toBe(422);
    expect((await order(two, 'k1', 'lamp', 'grace')).status).toBe(201);
  });

  it('make one order of many at once', async () => {
    const made: string[] = [];
    const servers = [await process(0, made), await process(1, made)];
    const answers = await Promise.all(Array.from({ length: 20 }, (_none, i) => order(servers[i % 2]!, 'k2')));
    expect(made).toHaveLength(1);
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 409)).toEqual([201]);
    expect((await order(servers[1]!, 'k2')).status).toBe(201);
    expect(made).toHaveLength(1);
  });

  it('refuse the second while the first is served by the other', async () => {
    const made: string[] = [];
    let serve = () => {};
    const serving = new Promise<void>((resolve) => {
      serve = resolve;
    });
    const [one, two] = [await process(0, made, serving), await process(1, made, serving)];
    const first = order(one, 'k3');
    await vi.waitFor(() => expect(made).toHaveLength(1));
    const second = await order(two, 'k3');
    expect([second.status, second.headers.get('retry-after')]).toEqual([409, '1']);
    serve();
    expect((await first).status).toBe(201);
    expect((await order(two, 'k3')).status).toBe(201);
    expect(made).toHaveLength(1);
  });
});

it('serves nothing while PostgreSQL is away', async () => {
  const pool = new pg.Pool({ host: '/nowhere' });
  const made: string[] = [];
  const server = Server.new({ logger: loggerInto([]) })
    .use(idempotency({ scope: () => 'ada', store: new PostgresIdempotencyStore(pool) }))
    .post('/', () => void made.push('made'));
  const answer = await server.inject({ method: 'POST', url: '/', headers: { 'idempotency-key': '"a"' } });
  expect([answer.status, answer.headers.get('retry-after'), made]).toEqual([503, '1', []]);
  await pool.end();
});
