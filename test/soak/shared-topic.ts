/** Has clients follow one topic through haproxy and three processes, while Redis and one of the processes are killed. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { RedisBackplane } from '../../src/engines/redis.js';
import { RedisServer } from '../support/redis-server.js';
import { Balancer } from './balancer.js';
import { EventSource, type SeenEvent } from './event-source.js';

/** How many, and for how long. */
export interface SharedTopicLoad {
  readonly clients: number;
  /** Events between one thing that happens and the next. */
  readonly events: number;
  /** Milliseconds that a publisher pauses between two. */
  readonly pauseMs: number;
  /** Milliseconds for which Redis is away. */
  readonly awayMs: number;
  /** What each process runs. */
  readonly script?: string;
}

/** What the clients got. */
export interface SharedTopicOutcome {
  /** Events that the stream holds. */
  readonly published: number;
  /** Events that reached clients, all together. */
  readonly delivered: number;
  /** Connections that the clients made beyond their first. */
  readonly reconnections: number;
  /** Publishes that were refused or broken off, and made again. */
  readonly repeated: number;
  /** Milliseconds from the last publish until everybody had everything. */
  readonly caughtUpMs: number;
  /** What is wrong, in words. */
  readonly found: readonly string[];
}

const PROCESSES = 3;
const PUBLISHERS = 4;
/** The longest that anything may take. */
const DEADLINE_MS = 180_000;
/** What was acknowledged is kept. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];
const MAX_HISTORY = 1_000_000;
const SCRIPT = fileURLToPath(new URL('./shared-server.js', import.meta.url));

/** One process of the application. */
class SharedServer {
  readonly #script: string;
  readonly #redisPath: string;
  #child: ChildProcess | undefined = undefined;
  port = 0;

  constructor(script: string, redisPath: string) {
    this.#script = script;
    this.#redisPath = redisPath;
  }

  /** Starts it, again on its port. */
  async start(): Promise<void> {
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      REDIS_PATH: this.#redisPath,
      PORT: String(this.port),
      MAX_HISTORY: String(MAX_HISTORY),
    };
    const child = spawn(process.execPath, [this.#script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (piece: Buffer) => {
        output += piece.toString('utf8');
        if (/listens on \d+\n/.test(output)) resolve();
      });
      child.once('exit', () => reject(new Error(`A process ended before it listened: ${output}`)));
    });
    this.port = Number(/listens on (\d+)/.exec(output)?.[1]);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}

/** Publishes one after the other, each until it is acknowledged. */
class Publisher {
  readonly #url: string;
  readonly #name: string;
  readonly #pauseMs: number;
  /** The id of each. */
  readonly acknowledged = new Map<string, string>();
  repeated = 0;
  #isEnough = false;

  constructor(url: string, name: string, pauseMs: number) {
    this.#url = url;
    this.#name = name;
    this.#pauseMs = pauseMs;
  }

  async run(): Promise<void> {
    for (let n = 0; !this.#isEnough; n++) {
      const body = `${this.#name}-${n}`;
      this.acknowledged.set(body, await this.#publish(body));
      await wait(this.#pauseMs);
    }
  }

  stop(): void {
    this.#isEnough = true;
  }

  async #publish(body: string): Promise<string> {
    for (;;) {
      try {
        const answer = await fetch(this.#url, { method: 'POST', body, signal: AbortSignal.timeout(DEADLINE_MS) });
        const text = await answer.text();
        if (answer.status === 200) return text;
      } catch {
        // The process has gone: it may have been published all the same.
      }
      this.repeated++;
      await wait(100);
    }
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const startedAt = Date.now(); !holds(); await wait(10)) {
    if (Date.now() - startedAt > DEADLINE_MS) throw new Error(`waited in vain until ${what}`);
  }
}

/** What is wrong with what a client has seen. */
function compare(published: readonly SeenEvent[], { seen, starts }: EventSource, name: string): string[] {
  const found = starts.length === 1 ? [] : [`${name} was told ${starts.join()} of where it stands`];
  if (seen.length !== published.length) found.push(`${name} got ${seen.length} events of ${published.length}`);
  const i = published.findIndex(({ id, data }, at) => seen[at]?.id !== id || seen[at]?.data !== data);
  if (i !== -1) found.push(`${name} got ${seen[i]?.data} for ${published[i]?.data} as number ${i}`);
  return found;
}

/** What Redis holds in the end. */
async function readAll(path: string): Promise<SeenEvent[]> {
  const redis = createClient({ socket: { path, tls: false } });
  await redis.connect();
  const { events } = await new RedisBackplane<string>(redis, 'shared').read('none');
  redis.destroy();
  return events.map(({ id, data }) => ({ id, data }));
}

/** `tell` hears of each step. */
export async function shareTopic(
  load: SharedTopicLoad,
  tell: (step: string) => void = () => {},
): Promise<SharedTopicOutcome> {
  const redis = new RedisServer();
  const servers = Array.from({ length: PROCESSES }, () => new SharedServer(load.script ?? SCRIPT, redis.path));
  const sources: EventSource[] = [];
  let balancer: Balancer | undefined;
  try {
    await redis.start(...DURABLE);
    await Promise.all(servers.map((server) => server.start()));
    balancer = await Balancer.start(servers.map(({ port }) => port));
    const url = `http://127.0.0.1:${balancer.port}/events`;
    sources.push(...(await Promise.all(Array.from({ length: load.clients }, () => EventSource.open(url)))));
    tell(`${sources.length} clients follow`);

    const publishers = Array.from({ length: PUBLISHERS }, (_, i) => new Publisher(url, String(i), load.pauseMs));
    const publishing = Promise.all(publishers.map((publisher) => publisher.run()));
    const everyone = async (count: number) => {
      const next = Math.min(...sources.map(({ seen }) => seen.length)) + count;
      await until(() => sources.every(({ seen }) => seen.length >= next), `everybody had ${next} events`);
    };
    await everyone(load.events);
    await redis.kill();
    tell('Redis is killed');
    await wait(load.awayMs);
    await redis.start(...DURABLE);
    tell('Redis is started again');
    await everyone(load.events);
    const [victim] = servers;
    await victim?.kill();
    tell('one process is killed');
    await everyone(load.events);
    await victim?.start();
    tell('it is started again');
    await everyone(load.events);
    for (const publisher of publishers) publisher.stop();
    await publishing;

    const stoppedAt = performance.now();
    const published = await readAll(redis.path);
    await until(() => sources.every(({ seen }) => seen.length >= published.length), 'everybody had all').catch(
      () => {},
    );
    const caughtUpMs = performance.now() - stoppedAt;
    const kept = new Map(published.map(({ id, data }) => [id, data]));
    const acknowledged = publishers.flatMap((publisher) => [...publisher.acknowledged]);
    const lost = acknowledged.filter(([data, id]) => kept.get(id) !== data);
    return {
      published: published.length,
      delivered: sources.reduce((sum, { seen }) => sum + seen.length, 0),
      reconnections: sources.reduce((sum, { connections }) => sum + connections - 1, 0),
      repeated: publishers.reduce((sum, { repeated }) => sum + repeated, 0),
      caughtUpMs,
      found: [
        ...lost.map(([data]) => `${data} was acknowledged, and is lost`),
        ...sources.flatMap((source, i) => compare(published, source, `client ${i}`)),
      ],
    };
  } finally {
    for (const source of sources) source.close();
    await balancer?.[Symbol.asyncDispose]();
    await Promise.all(servers.map((server) => server.kill()));
    await redis[Symbol.asyncDispose]();
  }
}

/** Runs it with `clients`. Resolves with whether every client got every event exactly once, in order. */
export async function sharedTopic(clients: number): Promise<boolean> {
  const startedAt = performance.now();
  const load = { clients, events: 150, pauseMs: 200, awayMs: 5_000 };
  const { found, ...figures } = await shareTopic(load, (step) =>
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${step}`),
  );
  console.log(
    `${figures.published} events to ${clients} clients: ${figures.delivered} delivered, all caught up ` +
      `${figures.caughtUpMs.toFixed(0)} ms after the last; ${figures.reconnections} connections made again, ` +
      `${figures.repeated} publishes made again`,
  );
  console.log(
    found.length === 0 ? 'shared-topic: nothing found' : `shared-topic:\n  ${found.slice(0, 50).join('\n  ')}`,
  );
  return found.length === 0;
}
