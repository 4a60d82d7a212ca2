import { describe, expect, it } from 'vitest';
import { type Middleware, timeout } from '../../src/index.js';
import { behind, PLACES, statusOf } from '../support/behind.js';
import { fakeTime, pass, request, serve, settled } from '../support/served.js';

const LATE = 'A request failed before its answer';

/** Takes 100 ms before it goes on. */
const slow: Middleware = async (req, res, next) => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return next(req, res);
};

describe.each(PLACES)('timeout around a %s', (place) => {
  it.each([
    ['answers 503 to what has not begun in time', 99, '/ok', 503, [LATE, 'A handler failed after its time']],
    ['lets an answer pass that begins in time', 101, '/ok', 200, []],
    ['leaves an error in time alone', 101, '/refuses', 418, []],
    ['answers one that fails too late once', 99, '/refuses', 503, [LATE, 'A handler failed after its time']],
  ])('%s', async (_title, ms, path, status, messages) => {
    fakeTime();
    const { connect, log } = await behind(place, [timeout(ms), slow]);
    const client = await connect();
    client.send(request(`GET ${path}`));
    await pass(ms);
    await pass(101 - ms + 100);
    const answer = await client.response();
    expect(statusOf(answer)).toBe(status);
    if (status === 503) expect(answer).toContain('"detail":"There was no answer within 99 ms."');
    expect(log.map(({ message }) => message)).toEqual(messages);
  });

  it('leaves an answer alone that has begun, and breaks', async () => {
    const { exchange, log } = await behind(place, [timeout(1)]);
    expect(await exchange(request('GET /breaks'))).toMatch(/part\r\n$/);
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });
});

it('ends no sooner than what it stands around', async () => {
  const ended: string[] = [];
  const { exchange, log } = await serve(
    (server) =>
      server
        .use(async (req, res, next) => {
          await next(req, res);
          ended.push('outer');
        })
        .use(timeout(60_000))
        .get('/', async (_req, res) => {
          await Promise.resolve();
          res.send();
          await new Promise((resolve) => setImmediate(resolve));
          ended.push('handler');
        }),
    { env: 'debug' },
  );
  await exchange(request('GET /'));
  await settled();
  expect([ended, log]).toEqual([['handler', 'outer'], []]);
});

it('tells of what a handler throws after its answer', async () => {
  const { exchange, log } = await serve((server) =>
    server.use(timeout(60_000)).get('/', async (_req, res) => {
      await Promise.resolve();
      res.send();
      await Promise.resolve();
      throw new Error('forgotten');
    }),
  );
  expect(statusOf(await exchange(request('GET /')))).toBe(200);
  await settled();
  expect(log).toMatchObject([{ message: 'A request failed after its answer' }]);
});

it('aborts the signal of a request whose time is up', async () => {
  fakeTime();
  let reason: unknown;
  const { connect } = await serve((server) =>
    server.use(timeout(50)).get('/', async (req) => {
      await new Promise((resolve) => req.signal.addEventListener('abort', resolve));
      reason = req.signal.reason;
    }),
  );
  const client = await connect();
  client.send(request('GET /'));
  await pass(50);
  expect(statusOf(await client.response())).toBe(503);
  expect(reason).toMatchObject({ status: 503 });
});

it('answers one that is held open', async () => {
  fakeTime();
  const { connect } = await serve((server) =>
    server.use(timeout(50)).get('/', (_req, res) => {
      res.holdOpen = true;
    }),
  );
  const client = await connect();
  client.send(request('GET /'));
  await pass(50);
  expect(statusOf(await client.response())).toBe(503);
});

it('lets a stream go on for longer', async () => {
  fakeTime();
  const { connect } = await serve((server) =>
    server.use(timeout(50)).get('/', (_req, res) =>
      res.stream(
        (async function* () {
          yield Buffer.from('a');
          await new Promise((resolve) => setTimeout(resolve, 100));
          yield Buffer.from('b');
        })(),
      ),
    ),
  );
  const client = await connect();
  client.send(request('GET /'));
  await pass(50);
  await pass(50);
  expect(await client.response()).toMatch(/1\r\na\r\n1\r\nb\r\n0\r\n\r\n$/);
});

it.each([[0], [1.5], [Number.POSITIVE_INFINITY], [2_147_483_648], ['1s']])('refuses %j when it is made', (ms) => {
  expect(() => timeout(ms as never)).toThrow(/^timeout: ms must be a whole number from 1 to 2147483647, got /);
});
