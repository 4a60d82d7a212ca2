/** Keeps the events of a topic in a table of PostgreSQL. */

import { randomUUID } from 'node:crypto';
import type { Backplane, Replay, TopicEvent, TopicMessage } from '../../http/events/backplane.js';
import type { Logger } from '../../http/logger.js';
import { MAX_TIMER_MS } from '../../http/time-limit.js';
import { checkNames, checkWhole, optionError } from '../../middleware/option-error.js';
import { consoleLogger } from '../../server/logger.js';
import { type KeptEvent, readReplay } from '../kept-events.js';
import { Tail } from '../tail.js';
import { type AwayOptions, whileAway } from '../while-away.js';
import { EventListener } from './event-listener.js';
import {
  type EventRow,
  type EventStatements,
  eventOf,
  eventStatements,
  FIRST_ID,
  isAfter,
  isId,
} from './event-table.js';
import type { PostgresClient } from './postgres-client.js';
import type { PostgresPool } from './postgres-pool.js';

/** How much of a topic is kept, and where. */
export interface PostgresBackplaneOptions extends AwayOptions {
  /** Events kept, at least: the oldest are deleted with every hundredth that is published. Default 1000. */
  readonly maxHistory?: number;
  /** The table, with its schema or without: `shop.topic_events`. Default `topic_events`. */
  readonly table?: string;
  /** Told when PostgreSQL goes away and comes back, and of events that were lost. Default standard error. */
  readonly logger?: Logger;
}

/** Names that need no quotes, and with what is added to them fit the 63 bytes of one. */
const TABLE = /^(?=.{1,50}$)(?:[a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*$/;
/** A notification takes 8000 bytes. */
const MAX_TOPIC_LENGTH = 1_000;

/**
 * A {@link Backplane} over PostgreSQL 12 or later, for applications that have it anyway. Publishing inserts a row and
 * notifies; the notification says only that there is more, and each process reads rows on one connection for all topics of
 * a pool, which it keeps. That comes back by itself; what it missed in between it reads then, nothing twice. While
 * PostgreSQL is away, what is asked of it waits for `timeout`, then rejects. Its tables are made by {@link createTables},
 * or by a migration that has the same statements.
 */
export class PostgresBackplane<Data> implements Backplane<Data> {
  readonly #pool: PostgresPool;
  readonly #topic: string;
  readonly #statements: EventStatements;
  readonly #maxHistory: number;
  readonly #timeoutMs: number;
  readonly #logger: Logger;

  /** `pool` is opened, and closed, by the application. @throws TypeError for an option that is malformed. */
  constructor(pool: PostgresPool, topic: string, options: PostgresBackplaneOptions = {}) {
    checkNames('PostgresBackplane', options, ['maxHistory', 'table', 'timeout', 'logger']);
    const { maxHistory = 1000, table = 'topic_events', timeout = 10_000, logger = consoleLogger } = options;
    if (typeof topic !== 'string' || topic === '' || topic.length > MAX_TOPIC_LENGTH) {
      throw optionError('PostgresBackplane: topic', `a name of up to ${MAX_TOPIC_LENGTH} characters`, topic);
    }
    if (typeof table !== 'string' || !TABLE.test(table)) {
      throw optionError('PostgresBackplane: table', 'a name in lower case, as "shop.topic_events"', table);
    }
    this.#pool = pool;
    this.#topic = topic;
    this.#statements = eventStatements(table);
    this.#maxHistory = checkWhole('PostgresBackplane: maxHistory', maxHistory, 1);
    this.#timeoutMs = checkWhole('PostgresBackplane: timeout', timeout, 1, MAX_TIMER_MS);
    this.#logger = logger;
  }

  /** Makes the tables where there are none. May be called by all processes at once. */
  async createTables(): Promise<void> {
    await this.#pool.query(this.#statements.createTables);
  }

  /**
   * Rejects where PostgreSQL refuses the event, or was away for `timeout`: it may have been published even so. With a
   * `client` that is in a transaction, the event is published when that commits, and not at all when it does not.
   * Others that publish to the topic wait until then.
   */
  async publish(message: TopicMessage<Data>, client?: PostgresClient): Promise<string> {
    const json = JSON.stringify(message.data) as string | undefined;
    const values = [this.#topic, randomUUID(), message.event ?? null, json ?? null, this.#maxHistory - 1];
    const { publish } = this.#statements;
    const { rows } = client === undefined ? await this.#query(publish, values) : await client.query(publish, values);
    return (rows[0] as { readonly id: string }).id;
  }

  /** Rejects where PostgreSQL was away for `timeout`. */
  async read(id: string | undefined): Promise<Replay<Data>> {
    return readReplay<Data>({ newestId: () => this.#newestId(), list: (after) => this.#list(after), isId }, id);
  }

  /** Rejects where PostgreSQL was away for `timeout`. */
  async subscribe(listener: (event: TopicEvent<Data>) => void, onGap: () => void): Promise<() => void> {
    const listening = { topic: this.#topic, listener, onGap, isAfter, logger: this.#logger };
    const tail = new Tail(await this.#newestId(), listening);
    return EventListener.of(this.#pool, this.#statements).follow(this.#topic, tail);
  }

  isAfter(id: string, other: string): boolean {
    return isAfter(id, other);
  }

  async #newestId(): Promise<string> {
    const { rows } = await this.#query(this.#statements.newestId, [this.#topic]);
    return (rows as EventRow[])[0]?.id ?? FIRST_ID;
  }

  async #list(after = FIRST_ID): Promise<KeptEvent<Data>[]> {
    const { rows } = await this.#query(this.#statements.list, [this.#topic, after, null]);
    return (rows as EventRow[]).map((row) => eventOf<Data>(row));
  }

  #query(statement: string, values: unknown[]) {
    return whileAway(this.#timeoutMs, isAway, async () => this.#pool.query(statement, values));
  }
}

/**
 * Whether the same may succeed soon: no answer of PostgreSQL, or one that says so. A key that is taken is that of the same
 * event, which was still being published by the connection that was lost.
 */
function isAway(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code === undefined || !/^(?=.*\d)[0-9A-Z]{5}$/.test(code)) return !message.includes('after calling end');
  return /^(?:08|40|53|57P0|23505)/.test(code);
}
