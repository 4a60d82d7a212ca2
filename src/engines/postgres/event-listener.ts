/** Listens for new rows of all topics that a process follows, on one connection of its own. */

import { setTimeout as wait } from 'node:timers/promises';
import { withinStoreTime } from '../../middleware/store-time.js';
import { Followed } from '../followed.js';
import type { Tail } from '../tail.js';
import { type EventRow, type EventStatements, eventOf, isAfter } from './event-table.js';
import type { PostgresConnection, PostgresPool } from './postgres-pool.js';

/** A connection that has been silent for so long is asked whether it is still there. */
const SILENCE_MS = 5_000;
const ANSWER_MS = 5_000;
/** Rows that are read at once. */
const BATCH = 1_000;

const LISTENERS = new WeakMap<PostgresPool, Map<string, EventListener>>();

export class EventListener {
  readonly #pool: PostgresPool;
  readonly #statements: EventStatements;
  readonly #followed = new Followed('PostgreSQL', isAfter);
  /** Topics with rows that were not read. */
  readonly #behind = new Set<string>();
  #isRunning = false;
  #connection: PostgresConnection | undefined = undefined;
  /** What has ended the connection. */
  #lost: Error | undefined = undefined;
  #wake: () => void = () => {};

  /** The one that all topics of a table share. */
  static of(pool: PostgresPool, statements: EventStatements): EventListener {
    const listeners = LISTENERS.get(pool) ?? new Map<string, EventListener>();
    LISTENERS.set(pool, listeners);
    const listener = listeners.get(statements.channel) ?? new EventListener(pool, statements);
    listeners.set(statements.channel, listener);
    return listener;
  }

  private constructor(pool: PostgresPool, statements: EventStatements) {
    this.#pool = pool;
    this.#statements = statements;
  }

  /** Hands `tail` all events of `topic` that come after its last. Returns what ends that. */
  follow<Data>(topic: string, tail: Tail<Data>): () => void {
    const leave = this.#followed.add(topic, tail);
    this.#note(topic);
    if (!this.#isRunning) void this.#run();
    return () => {
      leave();
      this.#wake();
    };
  }

  #note(topic: string): void {
    this.#behind.add(topic);
    this.#wake();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (!this.#followed.isEmpty) {
      try {
        const connection = await this.#open();
        while (!this.#followed.isEmpty) await this.#read(connection);
      } catch (error) {
        await wait(this.#followed.noteFailure(error));
      } finally {
        this.#close();
      }
    }
    this.#isRunning = false;
  }

  async #open(): Promise<PostgresConnection> {
    const connecting = this.#pool.connect();
    const connection = await withinStoreTime(ANSWER_MS, () => connecting).catch((error) => {
      // It may still come, and would never go back to the pool.
      connecting.then(
        (late) => late.release(true),
        () => {},
      );
      throw error;
    });
    this.#connection = connection;
    this.#lost = undefined;
    const lose = (error: Error) => {
      if (this.#connection !== connection) return;
      this.#lost ??= error;
      this.#wake();
    };
    connection.on('error', lose);
    connection.on('end', () => lose(new Error('The connection has ended')));
    connection.on('notification', ({ payload }) => this.#note(payload ?? ''));
    await withinStoreTime(ANSWER_MS, () => connection.query(`listen ${this.#statements.channel}`));
    // Whatever happened before is not told again.
    for (const topic of this.#followed.lastIds.keys()) this.#behind.add(topic);
    return connection;
  }

  #close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.release(true);
  }

  /** Reads what there is, then waits until there is more. */
  async #read(connection: PostgresConnection): Promise<void> {
    for (const topic of this.#behind) {
      this.#behind.delete(topic);
      await this.#readTopic(connection, topic);
    }
    this.#followed.noteSuccess();
    if (await this.#silence()) await withinStoreTime(ANSWER_MS, () => connection.query('select 1'));
    if (this.#lost !== undefined) throw this.#lost;
  }

  async #readTopic(connection: PostgresConnection, topic: string): Promise<void> {
    for (let count = BATCH; count === BATCH; ) {
      const lastId = this.#followed.lastIds.get(topic);
      if (lastId === undefined) return;
      const { rows } = await withinStoreTime(ANSWER_MS, () =>
        connection.query(this.#statements.list, [topic, lastId, BATCH]),
      );
      count = rows.length;
      for (const row of rows as EventRow[]) this.#followed.take(topic, row.id, () => eventOf(row));
    }
  }

  /** Resolves when something is to be done; with true where nothing was for {@link SILENCE_MS}. */
  async #silence(): Promise<boolean> {
    if (this.#behind.size > 0 || this.#followed.isEmpty || this.#lost !== undefined) return false;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), SILENCE_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }
}
