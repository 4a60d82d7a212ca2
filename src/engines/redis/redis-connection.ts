/** Opens a connection of its own beside an application's client of Redis. */

import { withinStoreTime } from '../../middleware/store-time.js';
import { type RedisClient, sendCommand } from './redis-client.js';

/** What a client's duplicate is asked for. `redis` has `connect` and `destroy`, `ioredis` connects by itself. */
interface Duplicate {
  on(event: 'error', listener: (error: Error) => void): unknown;
  connect(): Promise<unknown>;
  disconnect(): unknown;
  destroy?(): unknown;
}

/** A client that another connection can be made of, with the same address and credentials. */
export type DuplicableRedisClient = RedisClient & { duplicate(): RedisClient & Duplicate };

/** One connection. It may wait for what comes, since nobody else sends commands on it. */
export class RedisConnection {
  readonly #client: RedisClient & Duplicate;
  #giveUp: () => void = () => {};
  #isClosed = false;

  constructor(client: DuplicableRedisClient) {
    this.#client = client.duplicate();
    // What fails is a command, or the opening, and those say so.
    this.#client.on('error', () => {});
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Rejects unless it is open within `ms` milliseconds. One of `ioredis` opens with its first command. */
  async open(ms: number): Promise<void> {
    if (!('call' in this.#client)) await this.#within(ms, () => this.#client.connect());
  }

  /** Sends one command, once the one before is answered. Rejects unless its reply comes within `ms` milliseconds. */
  send(ms: number, name: string, ...args: string[]): Promise<unknown> {
    return this.#within(ms, () => sendCommand(this.#client, name, ...args));
  }

  /** Rejects what is under way. */
  close(): void {
    this.#isClosed = true;
    // What waits for a connection of `ioredis` would wait for ever.
    this.#giveUp();
    try {
      // The promise is that of `redis` 4.
      if (this.#client.destroy === undefined) Promise.resolve(this.#client.disconnect()).catch(() => {});
      else this.#client.destroy();
    } catch {
      // `redis` throws where it is closed already.
    }
  }

  #within(ms: number, ask: () => Promise<unknown>): Promise<unknown> {
    const closed = new Promise<never>((_resolve, reject) => {
      this.#giveUp = () => reject(new Error('The connection is closed'));
    });
    return withinStoreTime(ms, () => Promise.race([ask(), closed]));
  }
}
