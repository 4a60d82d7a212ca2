import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type AppSetup,
  Controller,
  CurrentSession,
  createApp,
  explainRequest,
  From,
  type Server,
  type Session,
  Signal,
  Socket,
  Sse,
  sessionOf,
  type TestApp,
  WebSocket,
  WebSocketConnection,
} from '../../src/index.js';
import { PostgresServer } from '../samples/support/postgres-server.js';
import { RedisServer } from '../support/redis-server.js';
import { testGuide } from './guide.js';

const guide = await testGuide('middleware.md');

/** What a page of another origin of the shop sends by way of its gateway, and one of a stranger. */
const fromPay = { origin: 'https://pay.example', 'sec-fetch-site': 'cross-site' };
const fromStranger = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
const byGateway = {
  'x-forwarded-for': '192.0.2.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'shop.example',
};

describe('the order of middleware', () => {
  const lines: Record<string, unknown>[] = [];
  let shop: (folder: string, write: (line: string) => void) => AppSetup;

  beforeAll(async () => {
    ({ shop } = await guide.load<{ shop: typeof shop }>('shop.ts'));
  });

  /** The shop with a folder of one script, compressible, and its log. */
  async function open(): Promise<TestApp> {
    const folder = await mkdtemp(join(tmpdir(), 'guide-'));
    await writeFile(join(folder, 'app.js'), 'let a;\n'.repeat(300));
    lines.length = 0;
    const t = await shop(folder, (line) => lines.push(JSON.parse(line))).test();
    onTestFinished(async () => {
      await t[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });
    return t;
  }

  it('is explained as the guide says', async () => {
    const said = explainRequest(
      shop(tmpdir(), () => {}),
      'GET /basket',
    ).replaceAll(/ +$/gm, '');
    expect(guide.text).toContain(`\`\`\`text\n${said}\`\`\``);
  });

  it('keeps probes out of the log, the quota and everything else', async () => {
    const t = await open();
    const probe = await t.get('/livez');
    expect([probe.status, probe.headers.has('ratelimit'), probe.headers.has('x-request-id')]).toEqual([
      200,
      false,
      false,
    ]);
    expect(lines).toEqual([]);
  });

  it('names, logs and guards whatever is refused, and lets pages read it', async () => {
    const t = await open();
    const codes: number[] = [];
    for (let i = 0; i < 11; i++)
      codes.push((await t.get('/nowhere', { headers: { ...byGateway, ...fromPay } })).status);
    expect(codes).toEqual([...Array(10).fill(404), 429]);
    const refused = await t.get('/basket', { headers: { ...byGateway, ...fromPay } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([429, 'https://pay.example']);
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    expect(lines.at(-1)).toMatchObject({
      id: refused.headers.get('x-request-id'),
      status: 429,
      remoteAddress: '192.0.2.7',
    });
    // Another client behind the same gateway has a quota of its own.
    expect((await t.get('/basket', { headers: { 'x-forwarded-for': '192.0.2.8' } })).status).toBe(200);
  });

  it('answers preflights with all fields, and does not count them', async () => {
    const t = await open();
    const preflight = await t.options('/basket', {
      headers: { ...byGateway, origin: 'https://pay.example', 'access-control-request-method': 'PUT' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://pay.example',
    ]);
    expect([preflight.headers.has('x-content-type-options'), preflight.headers.has('ratelimit')]).toEqual([
      true,
      false,
    ]);
    expect(lines).toMatchObject([{ method: 'OPTIONS', status: 204 }]);
  });

  it('does not charge a visitor for what another site sends', async () => {
    const t = await open();
    const json = { item: 'lamp' };
    const forged = await t.post('/basket', { json, headers: { ...byGateway, ...fromStranger } });
    expect([forged.status, forged.headers.has('ratelimit')]).toEqual([403, false]);
    expect(forged.headers.has('access-control-allow-origin')).toBe(false);
    // One that may read can read why it may not send.
    const blog = 'https://blog.example';
    const refused = await t.post('/basket', { json, headers: { ...byGateway, ...fromStranger, origin: blog } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, blog]);
    const sent = await t.post('/basket', { json, headers: { ...byGateway, ...fromPay } });
    expect([sent.status, sent.headers.get('ratelimit')]).toEqual([204, '"default";r=9;t=60']);
    // The page's own host, which the gateway tells, where a browser has no Sec-Fetch-Site.
    const own = await t.post('/basket', { json, headers: { ...byGateway, origin: 'https://shop.example' } });
    expect(own.status).toBe(204);
  });

  it('compresses what is tagged, and makes nothing for who holds it', async () => {
    const t = await open();
    const takes = { ...byGateway, 'accept-encoding': 'br' };
    const script = await t.get('/assets/app.js', { headers: takes });
    const bytes = (await script.arrayBuffer()).byteLength;
    expect([script.status, script.headers.get('content-encoding')]).toEqual([200, 'br']);
    expect(lines.at(-1)).toMatchObject({ status: 200, bytes });
    expect(bytes).toBeLessThan(200);
    const etag = script.headers.get('etag') as string;
    expect(etag).toMatch(/^W\//);
    const again = await t.get('/assets/app.js', { headers: { ...takes, 'if-none-match': etag } });
    expect([again.status, again.headers.get('etag'), again.headers.get('vary')]).toEqual([
      304,
      etag,
      'Accept-Encoding, Origin',
    ]);
    // A file opens no session, so it does not vary by one.
    expect(script.headers.get('vary')).not.toContain('Cookie');
  });

  it('lets events and WebSockets through, as they come', async () => {
    @Controller('/live')
    class LiveController {
      @Sse('/events')
      async *events(@Signal() signal: AbortSignal): AsyncGenerator<string> {
        yield 'first';
        await once(signal, 'abort');
      }

      @WebSocket('/socket')
      async *socket(@From(CurrentSession) session: Session, @Socket() socket: WebSocketConnection) {
        for await (const message of socket) yield `${message}, ${session.isNew}`;
      }
    }
    lines.length = 0;
    const { options } = shop(tmpdir(), (line) => lines.push(JSON.parse(line)));
    await using t = await createApp({ ...options, controllers: [LiveController] }).test();
    const events = await t.get('/live/events', { headers: { ...byGateway, 'accept-encoding': 'br' } });
    const reader = (events.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('first')) text += Buffer.from((await reader.read()).value as Uint8Array);
    expect(events.headers.has('content-encoding')).toBe(false);
    await reader.cancel();

    const socket = await t.webSocket('/live/socket', { headers: byGateway });
    socket.send('hello');
    expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: 'hello, true' });
    socket.close();
    await socket.closed;
    await vi.waitFor(() => expect(lines).toMatchObject([{ status: 200 }, { status: 101, complete: true }]));
    // A page of a stranger gets no socket, whatever its visitor's cookies.
    const foreign = t.webSocket('/live/socket', { headers: { ...byGateway, origin: 'https://evil.example' } });
    await expect(foreign).rejects.toThrow('was answered 403');
  });

  it('tags what handlers make of a session, whose cookie is for TLS', async () => {
    const t = await open();
    const added = await t.post('/basket', { json: { item: 'lamp' }, headers: byGateway });
    const [cookie = ''] = added.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-session=.*; Secure/);
    const headers = { ...byGateway, cookie: cookie.split(';', 1)[0] as string };
    const basket = await t.get('/basket', { headers });
    expect(await basket.json()).toEqual(['lamp']);
    expect(basket.headers.get('vary')).toContain('Cookie');
    const etag = basket.headers.get('etag') as string;
    expect((await t.get('/basket', { headers: { ...headers, 'if-none-match': etag } })).status).toBe(304);
  });
});

describe('what several processes share', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let databaseUrl: string;
  let shops: Server[];

  beforeAll(async () => {
    redis = await RedisServer.start();
    postgres = PostgresServer.start();
    databaseUrl = await postgres.makeDatabase();
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    postgres.stop();
  });

  /** Two processes of the guide's shop, with orders. */
  beforeEach(async () => {
    const { openShop } = await guide.load<{
      openShop(redisUrl: string, databaseUrl: string): Promise<[Server, () => Promise<void>]>;
    }>('shared.ts');
    const redisUrl = `unix://${redis.path}`;
    const opened = await Promise.all([openShop(redisUrl, databaseUrl), openShop(redisUrl, databaseUrl)]);
    onTestFinished(async () => void (await Promise.all(opened.map(([, close]) => close()))));
    let orders = 0;
    shops = opened.map(([server]) =>
      server
        .post('/session', async (req) => (await sessionOf(req)).update({ user: 'ada' } as object))
        .post('/orders', (_req, res) => void res.setStatus(201).json(++orders)),
    );
  });

  it('is as the guide says: quotas, sessions and keys', async () => {
    const [one, two] = shops as [Server, Server];
    const signedIn = await one.inject({ method: 'POST', url: '/session' });
    const [cookie = ''] = (signedIn.headers.getSetCookie()[0] as string).split(';');
    const headers = { cookie, 'idempotency-key': '"k"' };
    const answers = [
      await two.inject({ method: 'POST', url: '/orders', headers }),
      await one.inject({ method: 'POST', url: '/orders', headers }),
    ];
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([1, 1]);
    const left = [signedIn, ...answers].map((answer) => answer.headers.get('ratelimit'));
    expect(left).toEqual([99, 98, 97].map((r) => expect.stringContaining(`"default";r=${r};t=`)));
  });

  it('has a table that is made as the guide makes it', async () => {
    const [, statements = ''] = /^```sql\n(.*?)^```$/ms.exec(guide.text) ?? [];
    const pool = new pg.Pool({ connectionString: await postgres.makeDatabase() });
    onTestFinished(() => pool.end());
    await pool.query(statements);
    const columns = async (from: pg.Pool) =>
      (
        await from.query(
          `select column_name, data_type, is_nullable from information_schema.columns
          where table_name = 'idempotency_keys' order by ordinal_position`,
        )
      ).rows;
    const made = new pg.Pool({ connectionString: databaseUrl });
    onTestFinished(() => made.end());
    expect(await columns(pool)).toEqual(await columns(made));
    expect(await columns(pool)).toHaveLength(5);
  });
});
