/** Keeps the events of a topic in a Redis stream. */

import { randomUUID } from 'node:crypto';
import type { Backplane, Replay, TopicEvent, TopicMessage } from '../../http/events/backplane.js';
import type { Logger } from '../../http/logger.js';
import { MAX_TIMER_MS } from '../../http/time-limit.js';
import { checkNames, checkWhole, optionError } from '../../middleware/option-error.js';
import { consoleLogger } from '../../server/logger.js';
import { type KeptEvent, readReplay } from '../kept-events.js';
import { Tail } from '../tail.js';
import { type AwayOptions, whileAway } from '../while-away.js';
import { sendCommand } from './redis-client.js';
import type { DuplicableRedisClient } from './redis-connection.js';
import { eventOf, isAfter, type StreamEntry } from './stream-entry.js';
import { StreamReader } from './stream-reader.js';

/** How much of a topic is kept, and where. */
export interface RedisBackplaneOptions extends AwayOptions {
  /** Events kept, at least: Redis forgets the oldest in groups of some 100. Default 1000. */
  readonly maxHistory?: number;
  /** What the name of the stream begins with; the topic follows. Default `topic:`. */
  readonly prefix?: string;
  /** Told when Redis goes away and comes back, and of events that were lost. Default standard error. */
  readonly logger?: Logger;
}

/** What Redis keeps of an event that was published, beyond the time in which it may be published again. */
const REMEMBERED_MS = 60_000;
/** The id that all others are after. */
const FIRST_ID = '0-0';
const ID = /^(?:0|[1-9]\d{0,18})-(?:0|[1-9]\d{0,18})$/;

/**
 * Appends an event, once however often it is asked to: a client that has lost its connection asks again, and cannot know
 * whether it was heard. KEYS: the stream, what was published. ARGV: most events, milliseconds, fields.
 */
const PUBLISH = `
local published = redis.call('GET', KEYS[2])
if published then return published end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*',
  'after', newest and newest[1] or '${FIRST_ID}', unpack(ARGV, 3))
redis.call('SET', KEYS[2], id, 'PX', ARGV[2])
return id`;

/**
 * A {@link Backplane} over a Redis stream, of Redis 6.2 or later. Its events are read on one connection for all topics of
 * a client, which comes back by itself; what it missed in between it reads then, nothing twice. While Redis is away,
 * what is asked of it waits for `timeout`, then rejects. How much survives the end of Redis is for its `appendonly` to say.
 */
export class RedisBackplane<Data> implements Backplane<Data> {
  readonly #client: DuplicableRedisClient;
  readonly #topic: string;
  readonly #key: string;
  readonly #maxHistory: number;
  readonly #timeoutMs: number;
  readonly #logger: Logger;

  /** `client` is opened, and closed, by the application. @throws TypeError for an option that is malformed. */
  constructor(client: DuplicableRedisClient, topic: string, options: RedisBackplaneOptions = {}) {
    checkNames('RedisBackplane', options, ['maxHistory', 'prefix', 'timeout', 'logger']);
    const { maxHistory = 1000, prefix = 'topic:', timeout = 10_000, logger = consoleLogger } = options;
    if (typeof topic !== 'string' || topic === '') throw optionError('RedisBackplane: topic', 'a name', topic);
    if (typeof prefix !== 'string') throw optionError('RedisBackplane: prefix', 'a string', prefix);
    this.#client = client;
    this.#topic = topic;
    this.#key = prefix + topic;
    this.#maxHistory = checkWhole('RedisBackplane: maxHistory', maxHistory, 1);
    this.#timeoutMs = checkWhole('RedisBackplane: timeout', timeout, 1, MAX_TIMER_MS);
    this.#logger = logger;
  }

  /** Rejects where Redis refuses the event, or was away for `timeout`: it may have been published even so. */
  async publish({ data, event }: TopicMessage<Data>): Promise<string> {
    const json = JSON.stringify(data) as string | undefined;
    const fields = [...(event === undefined ? [] : ['event', event]), ...(json === undefined ? [] : ['data', json])];
    const remembered = String(this.#timeoutMs + REMEMBERED_MS);
    const keys = ['2', this.#key, `${this.#key}:${randomUUID()}`];
    return String(await this.#send('EVAL', PUBLISH, ...keys, String(this.#maxHistory), remembered, ...fields));
  }

  /** Rejects where Redis was away for `timeout`. */
  async read(id: string | undefined): Promise<Replay<Data>> {
    return readReplay<Data>(
      {
        newestId: () => this.#newestId(),
        list: (after) => this.#list(after),
        isId: (text) => ID.test(text),
      },
      id,
    );
  }

  /** Rejects where Redis was away for `timeout`. */
  async subscribe(listener: (event: TopicEvent<Data>) => void, onGap: () => void): Promise<() => void> {
    const listening = { topic: this.#topic, listener, onGap, isAfter, logger: this.#logger };
    return StreamReader.of(this.#client).follow(this.#key, new Tail(await this.#newestId(), listening));
  }

  isAfter(id: string, other: string): boolean {
    return isAfter(id, other);
  }

  async #newestId(): Promise<string> {
    const [newest] = (await this.#send('XREVRANGE', this.#key, '+', '-', 'COUNT', '1')) as StreamEntry[];
    return newest?.[0] ?? FIRST_ID;
  }

  async #list(after?: string): Promise<KeptEvent<Data>[]> {
    const start = after === undefined ? '-' : `(${after}`;
    const entries = (await this.#send('XRANGE', this.#key, start, '+')) as StreamEntry[];
    return entries.map((entry) => eventOf<Data>(entry));
  }

  #send(name: string, ...args: string[]): Promise<unknown> {
    return whileAway(this.#timeoutMs, isAway, async () => sendCommand(this.#client, name, ...args));
  }
}

/** Whether the same may succeed soon: no answer of Redis, or one that says so. */
function isAway(error: unknown): boolean {
  const { message } = error as Error;
  return !/^[A-Z]{2,} /.test(message) || /^(?:LOADING|READONLY|MASTERDOWN|TRYAGAIN|BUSY) /.test(message);
}
