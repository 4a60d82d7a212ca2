/** Waits for new entries of all streams that a process follows, on one connection of its own. */

import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../../http/logger.js';
import type { Tail } from '../tail.js';
import { pauseAfter } from '../while-away.js';
import { sendCommand } from './redis-client.js';
import { type DuplicableRedisClient, RedisConnection } from './redis-connection.js';
import { entriesByStream, eventOf, isAfter, type StreamEntry } from './stream-entry.js';

/** Redis answers after this time at the latest, so that a connection that is dead is known for it. */
const BLOCK_MS = 5_000;
const GRACE_MS = 5_000;
/** Entries of one stream in one reply. */
const BATCH = 1_000;
const WAKE_INTERVAL_MS = 20;

/** One stream: who follows it, and the entry up to which all of them have read. */
interface Followed {
  lastId: string;
  readonly tails: Set<Tail<unknown>>;
}

const READERS = new WeakMap<DuplicableRedisClient, StreamReader>();

export class StreamReader {
  readonly #client: DuplicableRedisClient;
  readonly #streams = new Map<string, Followed>();
  #connection: RedisConnection | undefined = undefined;
  #connectionId: string | undefined = undefined;
  /** How often what is followed has changed, and what of that Redis has been told. */
  #changes = 0;
  #told = 0;
  #isRunning = false;
  #failures = 0;

  /** The one that all topics over `client` share. */
  static of(client: DuplicableRedisClient): StreamReader {
    const reader = READERS.get(client) ?? new StreamReader(client);
    READERS.set(client, reader);
    return reader;
  }

  private constructor(client: DuplicableRedisClient) {
    this.#client = client;
  }

  /** Hands `tail` all entries of the stream `key` that come after its last. Returns what ends that. */
  follow<Data>(key: string, tail: Tail<Data>): () => void {
    const tails = new Set<Tail<unknown>>();
    const followed = this.#streams.get(key) ?? { lastId: tail.lastId, tails };
    this.#streams.set(key, followed);
    followed.tails.add(tail as Tail<unknown>);
    // What the others were given since `tail` asked for the newest is read again, and they leave it out.
    if (isAfter(followed.lastId, tail.lastId)) followed.lastId = tail.lastId;
    this.#changes++;
    if (!this.#isRunning) void this.#run();
    else void this.#wake();
    return () => {
      followed.tails.delete(tail as Tail<unknown>);
      if (followed.tails.size > 0) return;
      if (this.#streams.get(key) === followed) this.#streams.delete(key);
      if (this.#streams.size === 0) this.#connection?.close();
    };
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#streams.size > 0) {
      const connection = new RedisConnection(this.#client);
      this.#connection = connection;
      try {
        await connection.open(GRACE_MS);
        // Only to be woken by. What else is wrong, the next command finds.
        this.#connectionId = String(await connection.send(GRACE_MS, 'CLIENT', 'ID').catch(() => ''));
        while (!connection.isClosed) await this.#read(connection);
      } catch (err) {
        // Unless nobody followed anything any more.
        if (!connection.isClosed) {
          this.#noteFailure(err);
          connection.close();
          await wait(pauseAfter(this.#failures));
        }
      } finally {
        this.#connectionId = undefined;
      }
    }
    this.#isRunning = false;
  }

  async #read(connection: RedisConnection): Promise<void> {
    this.#told = this.#changes;
    const ids = [...this.#streams.values()].map(({ lastId }) => lastId);
    const from = ['COUNT', String(BATCH), 'BLOCK', String(BLOCK_MS), 'STREAMS', ...this.#streams.keys(), ...ids];
    const reply = await connection.send(BLOCK_MS + GRACE_MS, 'XREAD', ...from);
    this.#noteSuccess();
    // Somebody may be to be given what was before: what came is read again.
    if (this.#told !== this.#changes) return;
    for (const [key, entries] of entriesByStream(reply)) {
      const followed = this.#streams.get(key);
      for (const entry of followed === undefined ? [] : entries) this.#hand(followed as Followed, entry);
    }
  }

  #hand(followed: Followed, entry: StreamEntry): void {
    followed.lastId = entry[0];
    for (const tail of followed.tails) tail.take(entry[0], () => eventOf(entry));
  }

  /** Has Redis answer at once, so that it is told what is followed now. */
  async #wake(): Promise<void> {
    while (this.#told !== this.#changes && this.#connectionId) {
      // Where that is not allowed, it answers within `BLOCK_MS`.
      await sendCommand(this.#client, 'CLIENT', 'UNBLOCK', this.#connectionId).catch(() => {});
      await wait(WAKE_INTERVAL_MS);
    }
  }

  get #logger(): Logger | undefined {
    for (const { tails } of this.#streams.values()) for (const { logger } of tails) return logger;
    return undefined;
  }

  #noteFailure(err: unknown): void {
    if (this.#failures++ === 0) this.#logger?.warn({ err }, 'Redis is away: topics wait for it');
  }

  #noteSuccess(): void {
    if (this.#failures > 0) this.#logger?.info({}, 'Redis is back: topics go on');
    this.#failures = 0;
  }
}
