import { BurstyRateLimiter, RateLimiterMemory, RateLimiterUnion } from 'rate-limiter-flexible';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RateLimiter, type RateLimitOptions, rateLimit, trustProxy } from '../../src/index.js';
import { behind, fieldOf, PLACES, statusOf } from '../support/behind.js';
import { fakeTime, pass, request, serve } from '../support/served.js';

// What is left of a window must not depend on how fast the tests are.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** Status, RateLimit, Retry-After. */
function told(answer: string): [number, string | undefined, string | undefined] {
  return [statusOf(answer), fieldOf(answer, 'RateLimit'), fieldOf(answer, 'Retry-After')];
}

describe.each(PLACES)('rateLimit around a %s', (place) => {
  it('tells what is left, and answers 429 when nothing is', async () => {
    const { exchange } = await behind(place, [rateLimit({ quota: 2, window: 60_000 })]);
    const first = await exchange(request('GET /ok'));
    expect(fieldOf(first, 'RateLimit-Policy')).toBe('"default";q=2;w=60');
    expect(told(first)).toEqual([200, '"default";r=1;t=60', undefined]);
    expect(told(await exchange(request('GET /ok')))).toEqual([200, '"default";r=0;t=60', undefined]);
    const last = await exchange(request('GET /ok'));
    expect(told(last)).toEqual([429, '"default";r=0;t=60', '60']);
    expect(fieldOf(last, 'Content-Type')).toBe('application/problem+json');
    expect(JSON.parse(last.slice(last.indexOf('{')))).toEqual({
      title: 'Too Many Requests',
      status: 429,
      detail: 'Too many requests: there may be more in 60 s.',
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      'violated-policies': ['default'],
    });
  });

  it('gives the quota back when the window ends', async () => {
    fakeTime();
    const { connect } = await behind(place, [rateLimit({ quota: 1, window: 10_000 })]);
    const client = await connect();
    const ask = async () => {
      client.send(request('GET /ok'));
      return told(await client.response());
    };
    expect(await ask()).toEqual([200, '"default";r=0;t=10', undefined]);
    await pass(7500);
    expect(await ask()).toEqual([429, '"default";r=0;t=3', '3']);
    await pass(2500);
    expect(await ask()).toEqual([200, '"default";r=0;t=10', undefined]);
  });

  it('lets nothing that comes after it run, and counts in no place before it', async () => {
    let ran = 0;
    const { exchange } = await behind(place, [rateLimit({ quota: 1 })], () => ran++);
    await exchange(request('GET /ok'));
    await exchange(request('GET /ok'));
    expect(ran).toBe(1);
  });

  it('tells in errors too', async () => {
    const { exchange, log } = await behind(place, [rateLimit({ quota: 5 })]);
    expect(told(await exchange(request('GET /refuses')))).toEqual([418, '"default";r=4;t=60', undefined]);
    expect(told(await exchange(request('GET /fails')))).toEqual([500, '"default";r=3;t=60', undefined]);
    expect(log).toMatchObject([{ message: 'A request failed before its answer' }]);
  });

  it('tells in an answer that breaks', async () => {
    const { exchange, log } = await behind(place, [rateLimit({ quota: 5 })]);
    const answer = await exchange(request('GET /breaks'));
    expect(answer).toMatch(/part\r\n$/);
    expect(told(answer)).toEqual([200, '"default";r=4;t=60', undefined]);
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });
});

describe('a client', () => {
  const through = (address: string) => request('GET /ok', `X-Forwarded-For: ${address}`);

  it.each([
    ['is its IPv4 address', '192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['is the same in IPv6', '192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['is its IPv6 network', '2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:3::1'],
    ['is so however it is written', '2001:db8::1', '2001:0DB8:0:0000:1:2:3:4', '2001:db8:1::1'],
    ['is so where it ends in zeros', '2001:db8:1:2::', '2001:db8:1:2::8', '2001:db8:1::2'],
    ['is so where it begins with them', '::1', '::2', '1::'],
  ])('%s', async (_title, one, same, other) => {
    const { exchange } = await behind('server', [trustProxy({ trust: 1 }), rateLimit({ quota: 1 })]);
    expect(statusOf(await exchange(through(one)))).toBe(200);
    expect(statusOf(await exchange(through(same)))).toBe(429);
    expect(statusOf(await exchange(through(other)))).toBe(200);
  });

  it('is whoever the key says, and nobody without one is limited', async () => {
    const key = ({ headers }: { headers: { get(name: string): string | undefined } }) => headers.get('x-user');
    const { exchange } = await behind('server', [rateLimit({ quota: 1, key })]);
    const ask = async (...fields: string[]) => told(await exchange(request('GET /ok', ...fields)));
    expect(await ask('X-User: ada')).toEqual([200, '"default";r=0;t=60', undefined]);
    expect((await ask('X-User: ada'))[0]).toBe(429);
    expect((await ask('X-User: grace'))[0]).toBe(200);
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual([200, undefined, undefined]);
  });
});

it('takes as many points as a request costs', async () => {
  const cost: RateLimitOptions['cost'] = (req) => Number(req.url.query.get('cost') ?? 1);
  const { exchange } = await behind('server', [rateLimit({ quota: 10, cost })]);
  expect(told(await exchange(request('GET /ok?cost=7')))).toEqual([200, '"default";r=3;t=60', undefined]);
  expect(told(await exchange(request('GET /ok?cost=4')))).toEqual([429, '"default";r=0;t=60', '60']);
});

it('tells a line of each policy, the outer first', async () => {
  const { exchange } = await behind('server', [
    rateLimit({ name: 'day', quota: 1000, window: 86_400_000 }),
    rateLimit({ name: 'burst', quota: 1, window: 1500 }),
  ]);
  const answer = await exchange(request('GET /ok'));
  expect(answer).toContain('RateLimit-Policy: "day";q=1000;w=86400\r\nRateLimit: "day";r=999;t=86400\r\n');
  expect(answer).toContain('RateLimit-Policy: "burst";q=1\r\nRateLimit: "burst";r=0;t=2\r\n');
  const refused = await exchange(request('GET /ok'));
  expect(refused).toContain('"violated-policies":["burst"]');
  expect(refused).toContain('RateLimit: "day";r=998;t=86400\r\n');
});

it('limits one route alone', async () => {
  const limit = rateLimit({ quota: 1 });
  const { exchange } = await serve((server) =>
    server
      .get('/limited', (req, res) => limit(req, res, (_req, inner) => void inner.send()))
      .get('/free', (_req, res) => void res.send()),
  );
  expect(statusOf(await exchange(request('GET /limited')))).toBe(200);
  expect(statusOf(await exchange(request('GET /limited')))).toBe(429);
  expect(told(await exchange(request('GET /free')))).toEqual([200, undefined, undefined]);
});

describe('a limiter of rate-limiter-flexible', () => {
  it.each<[string, () => Pick<RateLimitOptions, 'limiter' | 'quota' | 'window'>, string, number[]]>([
    [
      'counts',
      () => ({ limiter: new RateLimiterMemory({ points: 2, duration: 10 }) }),
      '"default";q=2;w=10',
      [200, 200, 429],
    ],
    [
      'that never forgets has no window',
      () => ({ limiter: new RateLimiterMemory({ points: 1, duration: 0 }) }),
      '"default";q=1',
      [200, 429],
    ],
    [
      'allows bursts',
      () => ({
        limiter: new BurstyRateLimiter(
          new RateLimiterMemory({ points: 1, duration: 10 }),
          new RateLimiterMemory({ points: 1, duration: 60, keyPrefix: 'burst' }),
        ) as RateLimiter,
        window: 10_000,
      }),
      '"default";q=1;w=10',
      [200, 200, 429],
    ],
    [
      'is made of several, of which the worst counts',
      () => ({
        limiter: new RateLimiterUnion(
          new RateLimiterMemory({ points: 9, duration: 60, keyPrefix: 'a' }),
          new RateLimiterMemory({ points: 2, duration: 10, keyPrefix: 'b' }),
        ),
        quota: 2,
      }),
      '"default";q=2',
      [200, 200, 429],
    ],
  ])('%s', async (_title, options, policy, statuses) => {
    const { exchange } = await behind('server', [rateLimit(options())]);
    const answers: string[] = [];
    for (const _ of statuses) answers.push(await exchange(request('GET /ok')));
    expect(answers.map(statusOf)).toEqual(statuses);
    expect(answers.map((answer) => fieldOf(answer, 'RateLimit-Policy'))).toEqual(answers.map(() => policy));
    expect(answers.map((answer) => fieldOf(answer, 'RateLimit'))).toEqual(
      answers.map(() => expect.stringMatching(/^"default";r=\d+(?:;t=\d+)?$/)),
    );
  });

  it('tells what the worst of several says', async () => {
    const limiter = new RateLimiterUnion(
      new RateLimiterMemory({ points: 9, duration: 60, keyPrefix: 'a' }),
      new RateLimiterMemory({ points: 2, duration: 10, keyPrefix: 'b' }),
    );
    const { exchange } = await behind('server', [rateLimit({ limiter, quota: 2 })]);
    expect(told(await exchange(request('GET /ok')))).toEqual([200, '"default";r=1;t=10', undefined]);
  });

  it('tells no time where there is none', async () => {
    const limiter = new RateLimiterMemory({ points: 1, duration: 0 });
    const { exchange } = await behind('server', [rateLimit({ limiter })]);
    expect(told(await exchange(request('GET /ok')))).toEqual([200, '"default";r=0', undefined]);
  });
});

describe('a store that fails', () => {
  const broken = new Error('ECONNREFUSED');
  const FAILS = { level: 'error', message: 'The store of a rate limit fails' };

  function failing(consume: RateLimiter['consume']): RateLimiter {
    return { points: 1, duration: 60, consume };
  }

  it.each<[string, RateLimiter['consume']]>([
    ['rejects', () => Promise.reject(broken)],
    [
      'throws',
      () => {
        throw broken;
      },
    ],
  ])('lets requests pass where it %s, and is logged once', async (_title, consume) => {
    const { exchange, log } = await behind('server', [rateLimit({ limiter: failing(consume) })]);
    for (let i = 0; i < 3; i++) expect(told(await exchange(request('GET /ok')))).toEqual([200, undefined, undefined]);
    expect(log).toMatchObject([{ ...FAILS, fields: { err: broken, policy: 'default' } }]);
  });

  it('lets none pass where it is told to, with 503', async () => {
    const limiter = failing(() => Promise.reject(broken));
    const { exchange } = await behind('server', [rateLimit({ limiter, whenStoreFails: 'refuse' })]);
    const answer = await exchange(request('GET /ok'));
    expect(told(answer)).toEqual([503, undefined, '1']);
    expect(answer).not.toContain('ECONNREFUSED');
  });

  it('has its time to answer', async () => {
    fakeTime();
    const limiter = failing(() => new Promise(() => {}));
    const { connect, log } = await behind('server', [rateLimit({ limiter, storeTimeout: 200 })]);
    const client = await connect();
    client.send(request('GET /ok'));
    await pass(199);
    expect(client.received).toBe('');
    await pass(1);
    expect(statusOf(await client.response())).toBe(200);
    expect(log).toMatchObject([FAILS]);
  });

  it('may say nothing that makes sense', async () => {
    const { exchange, log } = await behind('server', [rateLimit({ limiter: failing(async () => ({})) })]);
    expect(statusOf(await exchange(request('GET /ok')))).toBe(200);
    expect(log).toMatchObject([FAILS]);
  });

  it('is logged again when it answers, and when it fails anew', async () => {
    let isBroken = true;
    const limiter = failing(async () => {
      if (isBroken) throw broken;
      return { remainingPoints: 1, msBeforeNext: 1 };
    });
    const { exchange, log } = await behind('server', [rateLimit({ limiter })]);
    for (const next of [false, true, true]) {
      await exchange(request('GET /ok'));
      isBroken = next;
    }
    await exchange(request('GET /ok'));
    expect(log).toMatchObject([FAILS, { level: 'info', message: 'The store of a rate limit answers again' }, FAILS]);
  });

  it('is not what a handler throws', async () => {
    const { exchange, log } = await behind('server', [rateLimit({ quota: 9 })]);
    expect(statusOf(await exchange(request('GET /fails')))).toBe(500);
    expect(log).toMatchObject([{ message: 'A request failed before its answer' }]);
  });
});

it.each([
  [{}, 'rateLimit: quota must be a whole number from 1, got undefined'],
  [{ quota: 0 }, 'rateLimit: quota must be a whole number from 1, got 0'],
  [{ quota: 1, window: '1m' }, 'rateLimit: window must be a whole number from 1, got "1m"'],
  [{ quota: 1, name: 'a"b' }, 'rateLimit: name must be printable ASCII without quotes, got "a\\"b"'],
  [{ quota: 1, name: '' }, 'got ""'],
  [{ quota: 1, key: 'ip' }, 'rateLimit: key must be a function, got "ip"'],
  [{ quota: 1, cost: 2 }, 'rateLimit: cost must be a function, got 2'],
  [{ quota: 1, whenStoreFails: 'open' }, 'rateLimit: whenStoreFails must be "allow" or "refuse", got "open"'],
  [{ quota: 1, storeTimeout: 0 }, 'rateLimit: storeTimeout must be a whole number from 1 to 2147483647, got 0'],
  [{ limiter: {} }, 'rateLimit: limiter must be a limiter of rate-limiter-flexible, got Object'],
  [{ limiter: { consume: () => {} } }, 'rateLimit: quota must be a whole number from 1, got undefined'],
  [{ max: 1 }, 'rateLimit: unknown option "max"; known are quota, window'],
])('refuses %j when it is made', (options, message) => {
  expect(() => rateLimit(options as never)).toThrow(message);
});
