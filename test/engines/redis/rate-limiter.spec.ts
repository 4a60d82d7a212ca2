import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sendCommand } from '../../../src/engines/redis/redis-client.js';
import type { RedisClient } from '../../../src/engines/redis.js';
import { type RateLimiter, type RateLimitOptions, rateLimit, Server } from '../../../src/index.js';
import { RedisServer } from '../../support/redis-server.js';
import { type LogEntry, loggerInto } from '../../support/served.js';
import { CLIENTS, type Connect } from './redis-clients.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

interface LimiterParts {
  readonly points?: number;
  readonly insured?: boolean;
}

/** As the guide makes one. */
function limiterOver(client: RedisClient, { points = 5, insured = false }: LimiterParts = {}): RateLimiter {
  const quota = { points, duration: 60 };
  return new RateLimiterRedis({
    ...quota,
    storeClient: client,
    useRedisPackage: !('call' in client),
    rejectIfRedisNotReady: true,
    ...(insured ? { insuranceLimiter: new RateLimiterMemory(quota) } : {}),
  });
}

interface Process {
  readonly log: LogEntry[];
  /** Sends requests one after the other; gives what was told of each: status, RateLimit, Retry-After. */
  ask(times?: number): Promise<[number, string | null, string | null][]>;
}

/** One process of an application, with a limiter of its own. */
function serve(limiter: RateLimiter, options: RateLimitOptions = {}): Process {
  const log: LogEntry[] = [];
  const server = Server.new({ logger: loggerInto(log) })
    .use(rateLimit({ limiter, storeTimeout: 10_000, ...options }))
    .get('/', (_req, res) => void res.send('counted'));
  return {
    log,
    async ask(times = 1) {
      const told: [number, string | null, string | null][] = [];
      for (let i = 0; i < times; i++) {
        const { status, headers } = await server.inject({ url: '/' });
        told.push([status, headers.get('ratelimit'), headers.get('retry-after')]);
      }
      return told;
    },
  };
}

/** What is told while `left` requests are left; the window has just begun. */
const served = (left: number) => [200, expect.stringMatching(`^"default";r=${left};t=(?:60|5\\d)$`), null];
const unlimited = [200, null, null];

async function connectTwo(connect: Connect): Promise<[RedisClient, RedisClient]> {
  return [await connect(redis), await connect(redis)];
}

describe.each(CLIENTS)('rateLimit over a client of the package %s', (_name, connect) => {
  beforeEach(async () => void (await sendCommand(await connect(redis), 'FLUSHALL')));

  it('counts what two processes serve as one, and tells what is left of it', async () => {
    const [one, two] = (await connectTwo(connect)).map((client) => serve(limiterOver(client)));
    expect(await one?.ask(2)).toEqual([served(4), served(3)]);
    expect(await two?.ask(3)).toEqual([served(2), served(1), served(0)]);
    const refused = [429, expect.stringMatching(/^"default";r=0;t=(?:60|5\d)$/), expect.stringMatching(/^(?:60|5\d)$/)];
    expect(await one?.ask()).toEqual([refused]);
    expect(await two?.ask()).toEqual([refused]);
  });

  it('lets no more than the quota pass of what comes at once', async () => {
    const processes = (await connectTwo(connect)).map((client) => serve(limiterOver(client, { points: 30 })));
    const asked = Array.from({ length: 100 }, (_none, i) => processes[i % 2]!.ask());
    const statuses = (await Promise.all(asked)).map(([first]) => first?.[0]);
    expect([200, 429].map((each) => statuses.filter((status) => status === each).length)).toEqual([30, 70]);
  });

  it('begins anew when Redis has forgotten the window', async () => {
    const client = await connect(redis);
    const { ask } = serve(limiterOver(client, { points: 1 }));
    expect((await ask(2)).map(([status]) => status)).toEqual([200, 429]);
    const [key = ''] = (await sendCommand(client, 'KEYS', '*')) as string[];
    expect(await sendCommand(client, 'TTL', key)).toBeGreaterThan(50);
    await sendCommand(client, 'PEXPIRE', key, '0');
    expect(await ask()).toEqual([served(0)]);
  });

  it('allows bursts that all processes share', async () => {
    const [one, two] = (await connectTwo(connect)).map((client) => {
      const redisQuota = { storeClient: client, useRedisPackage: !('call' in client) };
      const limiter = new BurstyRateLimiter(
        new RateLimiterRedis({ ...redisQuota, points: 1, duration: 60 }),
        new RateLimiterRedis({ ...redisQuota, points: 2, duration: 60, keyPrefix: 'burst' }),
      );
      return serve(limiter as RateLimiter, { window: 60_000 });
    });
    const statuses = [...(await one!.ask(2)), ...(await two!.ask(2))].map(([status]) => status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  describe('while Redis is away', () => {
    it.each<[string, LimiterParts, RateLimitOptions, (answers: Process) => Promise<void>]>([
      [
        'lets requests pass, uncounted',
        {},
        {},
        async ({ ask, log }) => {
          expect(await ask(7)).toEqual(Array(7).fill(unlimited));
          expect(log).toMatchObject([{ level: 'error', message: 'The store of a rate limit fails' }]);
        },
      ],
      [
        'lets none pass where it is told to',
        {},
        { whenStoreFails: 'refuse' },
        async ({ ask }) => expect(await ask(2)).toEqual(Array(2).fill([503, null, '1'])),
      ],
      [
        'goes on counting where it is insured',
        { insured: true },
        {},
        async ({ ask, log }) => {
          expect(await ask(6)).toEqual(
            [4, 3, 2, 1, 0].map(served).concat([[429, expect.anything(), expect.anything()]]),
          );
          expect(log).toEqual([]);
        },
      ],
    ])('%s, and counts again when it is back', async (_title, parts, options, check) => {
      await using own = await RedisServer.start();
      const client = await connect(own);
      const process = serve(limiterOver(client, parts), options);
      expect(await process.ask()).toEqual([served(4)]);
      await own.kill();
      await check(process);
      await own.start();
      await vi.waitFor(async () => expect(await process.ask()).toEqual([served(4)]), 20_000);
    });
  });

  it('does not wait for a Redis that hangs', async () => {
    await using own = await RedisServer.start();
    const { ask } = serve(limiterOver(await connect(own)), { storeTimeout: 100 });
    await vi.waitFor(async () => expect(await ask()).not.toEqual([unlimited]), 20_000);
    own.pause();
    expect(await ask()).toEqual([unlimited]);
    own.resume();
    await vi.waitFor(async () => expect(await ask()).not.toEqual([unlimited]), 20_000);
  });
});
