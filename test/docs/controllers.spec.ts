import { describe, expect, it } from 'vitest';
import { type AppSetup, type Class, createApp, explainRequest, type ServerSentEvent } from '../../src/index.js';
import { testGuide } from './guide.js';

const guide = await testGuide('controllers.md');

describe('the guide to controllers', () => {
  it('starts its application', async () => {
    process.env.PORT = '0';
    const { app } = await guide.load<{ app: AppSetup }>('app.ts');
    await guide.load('main.ts');
    const running = await app;
    expect(await (await fetch(`${running.url}/todos`)).json()).toEqual([]);
    await running.close();
  });

  it('explains a request as it says', async () => {
    const { app } = await guide.load<{ app: AppSetup }>('app.ts');
    const said = explainRequest(app, 'GET /todos/1').replaceAll(/ +$/gm, '');
    expect(guide.text).toContain(`\`\`\`text\n${said}\`\`\``);
  });

  it.each([
    ['/search?q=a', { q: 'a', tags: [], sort: 'title' }],
    ['/search?q=a&tag=x&tag=y&since=2026-11-22&sort=age', { q: 'a', tags: ['x', 'y'], since: '2026-11-22T00:00:00.000Z', sort: 'age' }], // biome-ignore format: one row
    ['/search/pages?page=2', { page: 2, size: 20 }],
    ['/search/in/a/b', { path: 'a/b' }],
  ])('reads %s', async (url, value) => {
    const { SearchController } = await guide.load<{ SearchController: Class }>('search.ts');
    await using t = await createApp({ controllers: [SearchController] }).test();
    expect(await (await t.get(url)).json()).toEqual(value);
  });

  it('goes on with events from where the client left off', async () => {
    const { SearchController } = await guide.load<{ SearchController: Class<{ live(id?: string): AsyncGenerator<ServerSentEvent> }> }>('search.ts'); // biome-ignore format: one line
    await using t = await createApp({ controllers: [SearchController] }).test();
    expect(await (await t.of(SearchController).live('2')).text()).toBe(':\n\nid: 3\ndata: result 3\n\n');
  });

  it('injects what its providers say', async () => {
    const { app } = await guide.load<{ app: AppSetup }>('mailer.ts');
    await using t = await app.test();
    expect(await (await t.get('/mail')).text()).toBe('ada by localhost');
  });

  it('makes a tenant for each request', async () => {
    const { WhoAmIController } = await guide.load<{ WhoAmIController: Class }>('scoped.ts');
    await using t = await createApp({ controllers: [WhoAmIController] }).test();
    expect(await (await t.get('/whoami', { headers: { 'x-tenant': 'acme' } })).text()).toBe('acme');
    expect(await (await t.get('/whoami')).text()).toBe('nobody');
  });

  it('limits time and content, and keeps the context', async () => {
    const { app } = await guide.load<{ app: AppSetup }>('around.ts');
    const silent = { error() {}, warn() {}, info() {} };
    await using t = await createApp({ ...app.options, logger: silent }).test();
    const slow = await t.get('/work/slow');
    expect([slow.status, slow.headers.has('x-request-id')]).toEqual([503, true]);
    const uploaded = await t.post('/work/upload', { body: 'x'.repeat(2_000_000) });
    expect(await uploaded.json()).toEqual({ bytes: 2_000_000, id: true });
    expect((await t.post('/work/upload', { body: 'x'.repeat(5_000_001) })).status).toBe(413);
  });

  it('traces requests with OpenTelemetry', async () => {
    const { traceRequests } = await guide.load<{ traceRequests(tracer: unknown): () => void }>('tracing.ts');
    const { OrderController, onError } = await guide.load<{ OrderController: Class; onError: never }>('orders.ts');
    const spans: unknown[][] = [];
    const startSpan = (name: string, { attributes }: { attributes: object }) => {
      const said: unknown[] = [name, attributes];
      spans.push(said);
      const span: Record<string, (...args: unknown[]) => unknown> = {};
      for (const method of ['recordException', 'setStatus', 'updateName', 'setAttribute', 'end']) {
        span[method] = (...args) => {
          said.push([method, ...args]);
          return span;
        };
      }
      return span;
    };
    const stop = traceRequests({ startSpan });
    await using t = await createApp({ controllers: [OrderController], onError }).test();
    await t.get('/orders/book');
    await t.get('/orders/yacht');
    stop();
    await t.get('/orders/book');
    const named = [
      ['updateName', 'GET /orders/:item'],
      ['setAttribute', 'http.route', '/orders/:item'],
    ];
    expect(spans).toEqual([
      ['GET', { 'url.path': '/orders/book' }, ...named, ['setAttribute', 'http.response.status_code', 200], ['end']],
      [
        'GET',
        { 'url.path': '/orders/yacht' },
        ['recordException', expect.objectContaining({ message: 'declined' })],
        ['setStatus', { code: 2 }],
        ...named,
        ['setAttribute', 'http.response.status_code', 402],
        ['end'],
      ],
    ]);
  });
});
