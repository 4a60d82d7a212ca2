/** Runs what topics are shared over, and connects to it as processes of an application would. */

import { connect as connectToNats } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createClient } from 'redis';
import { NatsBackplane } from '../../src/engines/nats/nats-backplane.js';
import { PostgresBackplane } from '../../src/engines/postgres/postgres-backplane.js';
import type { PostgresPool } from '../../src/engines/postgres/postgres-pool.js';
import { RedisBackplane } from '../../src/engines/redis/redis-backplane.js';
import type { DuplicableRedisClient } from '../../src/engines/redis/redis-connection.js';
import type { Backplane } from '../../src/http/events/backplane.js';
import { MemoryBackplane } from '../../src/http/events/memory-backplane.js';
import type { Logger } from '../../src/http/logger.js';
import { PostgresServer } from '../samples/support/postgres-server.js';
import { NatsServer } from '../support/nats-server.js';
import { RedisServer } from '../support/redis-server.js';

export interface BackplaneOptions {
  readonly maxHistory?: number;
  readonly timeout?: number;
  readonly logger?: Logger;
}

/** One process of an application, as the engine sees it. */
export interface Connected {
  /** The same topic is the same in all processes. */
  backplane<Data>(topic: string, options?: BackplaneOptions): Backplane<Data>;
  /** Has the engine do the next thing it is asked to, and loses what it answers. */
  loseAnswer(): void;
  close(): Promise<unknown>;
}

export interface Engine {
  connect(): Promise<Connected>;
  /** Loses all of a topic, as an engine does that was restored from nothing. */
  forget(topic: string): Promise<unknown>;
  /** Ends it as a power failure would. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Loses the answer of one call of a method. */
class Loser {
  isArmed = false;

  wrap<Args extends unknown[], Answer>(
    call: (...args: Args) => Promise<Answer>,
    isMeant: (...args: Args) => boolean = () => true,
  ) {
    return async (...args: Args): Promise<Answer> => {
      const answer = await call(...args);
      if (!this.isArmed || !isMeant(...args)) return answer;
      this.isArmed = false;
      throw new Error('Socket closed unexpectedly');
    };
  }
}

/** What was acknowledged is kept. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

class RedisEngine implements Engine {
  readonly #server = new RedisServer();
  readonly #open: (path: string) => Promise<Connected>;

  constructor(open: (path: string) => Promise<Connected>) {
    this.#open = open;
  }

  restart(): Promise<void> {
    return this.#server.start(...DURABLE);
  }
  connect(): Promise<Connected> {
    return this.#open(this.#server.path);
  }
  async forget(topic: string): Promise<void> {
    const client = createClient({ url: `unix://${this.#server.path}` });
    await client.connect();
    await client.del(`topic:${topic}`);
    client.destroy();
  }
  kill(): Promise<void> {
    return this.#server.kill();
  }
  async stop(): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

async function nodeRedis(path: string): Promise<Connected> {
  const client = createClient({ socket: { path, tls: false, reconnectStrategy: 20 } }).on('error', () => {});
  await client.connect();
  const loser = new Loser();
  const losing: DuplicableRedisClient = {
    sendCommand: loser.wrap((command: string[]) => client.sendCommand(command)),
    duplicate: () => client.duplicate(),
  };
  return {
    backplane: (topic, options) => new RedisBackplane(losing, topic, options),
    loseAnswer: () => {
      loser.isArmed = true;
    },
    close: async () => client.destroy(),
  };
}

async function ioRedis(path: string): Promise<Connected> {
  const client = new Redis({ path, retryStrategy: () => 20 }).on('error', () => {});
  const loser = new Loser();
  const losing: DuplicableRedisClient = {
    call: loser.wrap((name: string, ...args: string[]) => client.call(name, ...args)),
    duplicate: () => client.duplicate(),
  };
  return {
    backplane: (topic, options) => new RedisBackplane(losing, topic, options),
    loseAnswer: () => {
      loser.isArmed = true;
    },
    close: async () => client.disconnect(),
  };
}

class PostgresEngine implements Engine {
  #server: PostgresServer | undefined = undefined;
  #url = '';

  async restart(): Promise<void> {
    if (this.#server !== undefined) return this.#server.restart();
    this.#server = PostgresServer.start();
    this.#url = await this.#server.makeDatabase();
    await using pool = poolOf(this.#url);
    await new PostgresBackplane(pool, 'any').createTables();
  }
  async connect(): Promise<Connected> {
    const pool = poolOf(this.#url);
    const loser = new Loser();
    const losing: PostgresPool = {
      query: loser.wrap((statement: string, values?: unknown[]) => pool.query(statement, values)),
      connect: () => pool.connect(),
    };
    return {
      backplane: (topic, options) => new PostgresBackplane(losing, topic, options),
      loseAnswer: () => {
        loser.isArmed = true;
      },
      close: () => pool.end(),
    };
  }
  async forget(topic: string): Promise<void> {
    await using pool = poolOf(this.#url);
    for (const table of ['topic_events', 'topic_events_heads']) {
      await pool.query(`delete from ${table} where topic = $1`, [topic]);
    }
  }
  async kill(): Promise<void> {
    this.#server?.kill();
  }
  async stop(): Promise<void> {
    this.#server?.stop();
  }
}

class NatsEngine implements Engine {
  readonly #server = new NatsServer();

  restart(): Promise<void> {
    return this.#server.start();
  }
  async connect(): Promise<Connected> {
    const nats = await connectToNats({ port: this.#server.port, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
    const loser = new Loser();
    const { request } = nats;
    // Publishing to JetStream is a request.
    nats.request = loser.wrap(request.bind(nats), (subject) => subject.startsWith('topic.'));
    return {
      backplane: (topic, options) => new NatsBackplane(nats, topic, options),
      loseAnswer: () => {
        loser.isArmed = true;
      },
      close: () => nats.close(),
    };
  }
  async forget(): Promise<void> {
    await this.#server.kill();
    this.#server.wipe();
    await this.#server.start();
  }
  kill(): Promise<void> {
    return this.#server.kill();
  }
  async stop(): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

function poolOf(connectionString: string) {
  const pool = new pg.Pool({ connectionString }).on('error', () => {});
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}

/** One process has it all to itself, so that all that connect share what it holds. */
export class MemoryEngine {
  readonly #topics = new Map<string, Backplane<unknown>>();

  async connect(): Promise<Connected> {
    return {
      backplane: <Data>(topic: string, { maxHistory = 1000 }: BackplaneOptions = {}) => {
        const backplane = this.#topics.get(topic) ?? new MemoryBackplane<unknown>({ maxHistory });
        this.#topics.set(topic, backplane);
        return backplane as Backplane<Data>;
      },
      loseAnswer: () => {},
      close: async () => {},
    };
  }

  async stop(): Promise<void> {}
}

/** Those that are shared, each started by `restart`. */
export const ENGINES: readonly (readonly [name: string, make: () => Engine])[] = [
  ['Redis by redis', () => new RedisEngine(nodeRedis)],
  ['Redis by ioredis', () => new RedisEngine(ioRedis)],
  ['PostgreSQL', () => new PostgresEngine()],
  ['NATS', () => new NatsEngine()],
];
