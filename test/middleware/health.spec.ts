import { describe, expect, it, vi } from 'vitest';
import { accessLog, type HealthOptions, health } from '../../src/index.js';
import { behind, fieldOf, PLACES, statusOf } from '../support/behind.js';
import { fakeTime, pass, request, serve } from '../support/served.js';

function bodyOf(response: string): unknown {
  return JSON.parse(response.slice(response.indexOf('\r\n\r\n') + 4));
}

// On a controller it would see that controller's routes only.
describe.each(PLACES.slice(0, 2))('health around a %s', (place) => {
  it.each(['/livez', '/readyz'])('answers %s with JSON that no cache keeps', async (path) => {
    const { exchange } = await behind(place, [health()]);
    const answer = await exchange(request(`GET ${path}`));
    expect(statusOf(answer)).toBe(200);
    expect(fieldOf(answer, 'Content-Type')).toBe('application/json');
    expect(fieldOf(answer, 'Cache-Control')).toBe('no-store');
    expect(bodyOf(answer)).toEqual({ status: 'ok' });
  });

  it('answers HEAD without content', async () => {
    const { exchange } = await behind(place, [health()]);
    expect(await exchange(request('HEAD /readyz'))).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n$/s);
  });

  it.each([
    ['GET /ok', 200],
    ['GET /refuses', 418],
    ['GET /livez/', 404],
    ['GET /LIVEZ', 404],
    ['POST /livez', 404],
  ])('leaves %s to others', async (line, status) => {
    const { exchange } = await behind(place, [health()]);
    expect(statusOf(await exchange(request(line)))).toBe(status);
  });

  it('leaves an answer alone that breaks', async () => {
    const { exchange, log } = await behind(place, [health()]);
    expect(await exchange(request('GET /breaks'))).toMatch(/part\r\n$/);
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });

  it('is not logged where it stands before the access log', async () => {
    const lines: string[] = [];
    const { exchange } = await behind(place, [health(), accessLog({ write: (line) => lines.push(line) })]);
    await exchange(request('GET /livez'));
    await exchange(request('GET /ok'));
    expect(lines).toHaveLength(1);
  });
});

describe('readiness', () => {
  async function ready(checks: HealthOptions['checks'] = {}) {
    return behind('server', [health({ checks, timeout: 1000 })]);
  }

  it('is 503 while the server drains, and no check is made; life goes on', async () => {
    const check = vi.fn();
    const { server, connect } = await behind('server', [health({ checks: { check } })], undefined, {
      drainDelay: 1000,
    });
    fakeTime();
    const closing = server.close();
    const client = await connect();
    client.send(request('GET /readyz'));
    const answer = await client.response();
    expect([statusOf(answer), bodyOf(answer)]).toEqual([503, { status: 'draining' }]);
    // Each connection has one more answer.
    const other = await connect();
    other.send(request('GET /livez'));
    expect(statusOf(await other.response())).toBe(200);
    expect(check).not.toHaveBeenCalled();
    for (const each of [client, other]) each.destroy();
    await pass(1000);
    await closing;
  });

  it.each<[string, NonNullable<HealthOptions['checks']>, number, object]>([
    ['passes', { store: () => {}, queue: async () => 1 }, 200, { status: 'ok', checks: { store: 'ok', queue: 'ok' } }],
    [
      'fails by throwing',
      {
        store: () => {
          throw new Error('secret');
        },
        queue: () => true,
      },
      503,
      { status: 'failing', checks: { store: 'failed', queue: 'ok' } },
    ],
    [
      'fails by rejecting',
      {
        store: async () => {
          throw new Error('secret');
        },
      },
      503,
      { status: 'failing', checks: { store: 'failed' } },
    ],
    ['fails by giving false', { store: () => false }, 503, { status: 'failing', checks: { store: 'failed' } }],
  ])('says which check %s, and never why', async (_title, checks, status, body) => {
    const { exchange } = await ready(checks);
    const answer = await exchange(request('GET /readyz'));
    expect([statusOf(answer), bodyOf(answer)]).toEqual([status, body]);
    expect(answer).not.toContain('secret');
  });

  it('gives each check its time, then aborts its signal', async () => {
    fakeTime();
    let signal: AbortSignal | undefined;
    const { connect } = await ready({
      store: (given) =>
        new Promise(() => {
          signal = given;
        }),
      queue: () => {},
    });
    const client = await connect();
    client.send(request('GET /readyz'));
    await pass(999);
    expect(client.received).toBe('');
    expect(signal?.aborted).toBe(false);
    await pass(1);
    const answer = await client.response();
    expect([statusOf(answer), bodyOf(answer)]).toEqual([
      503,
      { status: 'failing', checks: { store: 'timeout', queue: 'ok' } },
    ]);
    expect(signal?.aborted).toBe(true);
  });

  it('makes each check once for all probes that wait for it, and anew for the next', async () => {
    let finish = () => {};
    const check = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const { connect } = await ready({ check });
    const clients = [await connect(), await connect()];
    for (const client of clients) client.send(request('GET /readyz'));
    await vi.waitFor(() => expect(check).toHaveBeenCalled());
    finish();
    for (const client of clients) expect(statusOf(await client.response())).toBe(200);
    expect(check).toHaveBeenCalledTimes(1);
    clients[0].send(request('GET /readyz'));
    await vi.waitFor(() => expect(check).toHaveBeenCalledTimes(2));
    finish();
    expect(statusOf(await clients[0].response())).toBe(200);
  });

  it('logs why a check fails when it begins to, and that it passes again', async () => {
    let error: Error | undefined = new Error('no route to host');
    const { exchange, log } = await ready({
      store: () => {
        if (error) throw error;
      },
    });
    const probe = () => exchange(request('GET /readyz'));
    await probe();
    await probe();
    expect(log).toMatchObject([
      { level: 'warn', message: 'A health check fails', fields: { check: 'store', err: error } },
    ]);
    error = undefined;
    await probe();
    await probe();
    expect(log.slice(1)).toMatchObject([
      { level: 'info', message: 'A health check passes again', fields: { check: 'store' } },
    ]);
  });
});

it('answers at paths of your own, instead of the others', async () => {
  const { exchange } = await serve((server) => server.use(health({ live: '/healthz', ready: '/ready' })));
  expect(statusOf(await exchange(request('GET /healthz?verbose')))).toBe(200);
  expect(statusOf(await exchange(request('GET /ready')))).toBe(200);
  expect(statusOf(await exchange(request('GET /livez')))).toBe(404);
});

it('tells of all workers, and stays ready in one that is replaced', async () => {
  // What a worker knows is kept by its process: here by modules of this test alone.
  vi.resetModules();
  fakeTime();
  const workers = await import('../../src/http/workers.js');
  const { health } = await import('../../src/middleware/health.js');
  const { server, connect } = await serve((app) => app.use(health()), { drainDelay: 60_000 }, 'tcp');
  // Each connection has one more answer.
  const [client, other] = [await connect(), await connect()];
  workers.noteWorkersState({ wanted: 2, ready: 1, restarts: 3 });
  void server.close();
  client.send(request('GET /readyz'));
  const draining = await client.response();
  expect(statusOf(draining)).toBe(503);
  expect(bodyOf(draining)).toEqual({ status: 'draining', workers: { wanted: 2, ready: 1, restarts: 3 } });
  workers.noteReplaced();
  other.send(request('GET /readyz'));
  expect(statusOf(await other.response())).toBe(200);
  await pass(60_000);
});

it.each([
  [{ live: 'livez' }, 'health: live must be a path, got "livez"'],
  [{ live: '/readyz' }, 'health: ready must be another path than live, got "/readyz"'],
  [{ timeout: 0 }, 'health: timeout must be a whole number from 1 to 2147483647, got 0'],
  [{ checks: { store: true } }, 'health: checks.store must be a function, got true'],
  [{ path: '/health' }, 'health: unknown option "path"; known are live, ready, checks, timeout'],
])('refuses %j when it is made', (options, message) => {
  expect(() => health(options as never)).toThrow(message);
});
