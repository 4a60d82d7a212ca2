/** Waits for new entries of all streams that a process follows, on one connection of its own. */

import { setTimeout as wait } from 'node:timers/promises';
import { Followed } from '../followed.js';
import type { Tail } from '../tail.js';
import { sendCommand } from './redis-client.js';
import { type DuplicableRedisClient, RedisConnection } from './redis-connection.js';
import { entriesByStream, eventOf, isAfter } from './stream-entry.js';

/** Redis answers after this time at the latest, so that a connection that is dead is known for it. */
const BLOCK_MS = 5_000;
const GRACE_MS = 5_000;
/** Entries of one stream in one reply. */
const BATCH = 1_000;
const WAKE_INTERVAL_MS = 20;

const READERS = new WeakMap<DuplicableRedisClient, StreamReader>();

export class StreamReader {
  readonly #client: DuplicableRedisClient;
  readonly #followed = new Followed('Redis', isAfter);
  #connection: RedisConnection | undefined = undefined;
  #connectionId = '';
  /** How often what is followed has changed, and what of that Redis has been told. */
  #changes = 0;
  #told = 0;
  #isRunning = false;

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
    const leave = this.#followed.add(key, tail);
    this.#changes++;
    if (!this.#isRunning) void this.#run();
    else void this.#wake();
    return () => {
      leave();
      if (this.#followed.isEmpty) this.#connection?.close();
    };
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (!this.#followed.isEmpty) {
      const connection = new RedisConnection(this.#client);
      this.#connection = connection;
      try {
        await connection.open(GRACE_MS);
        // Only to be woken by. What else is wrong, the next command finds.
        this.#connectionId = String(await connection.send(GRACE_MS, 'CLIENT', 'ID').catch(() => ''));
        while (!connection.isClosed) await this.#read(connection);
      } catch (error) {
        // Unless nobody followed anything any more.
        if (!connection.isClosed) {
          const pauseMs = this.#followed.noteFailure(error);
          connection.close();
          await wait(pauseMs);
        }
      } finally {
        this.#connectionId = '';
      }
    }
    this.#isRunning = false;
  }

  async #read(connection: RedisConnection): Promise<void> {
    this.#told = this.#changes;
    const ids = this.#followed.lastIds;
    const from = ['COUNT', String(BATCH), 'BLOCK', String(BLOCK_MS), 'STREAMS', ...ids.keys(), ...ids.values()];
    const reply = await connection.send(BLOCK_MS + GRACE_MS, 'XREAD', ...from);
    this.#followed.noteSuccess();
    // Somebody may be to be given what was before: what came is read again.
    if (this.#told !== this.#changes) return;
    for (const [key, entries] of entriesByStream(reply)) {
      for (const entry of entries) this.#followed.take(key, entry[0], () => eventOf(entry));
    }
  }

  /** Has Redis answer at once, so that it is told what is followed now. */
  async #wake(): Promise<void> {
    while (this.#told !== this.#changes && this.#connectionId !== '') {
      // Where that is not allowed, it answers within `BLOCK_MS`.
      await sendCommand(this.#client, 'CLIENT', 'UNBLOCK', this.#connectionId).catch(() => {});
      await wait(WAKE_INTERVAL_MS);
    }
  }
}
