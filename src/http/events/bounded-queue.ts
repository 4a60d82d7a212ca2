/** Holds what waits for a client, up to a number of bytes. */

/**
 * What happens when more waits for a client than may. `close` lets go of the client, which connects again and goes on
 * from its `Last-Event-ID`. `drop-oldest` keeps it and forgets what has waited longest.
 */
export type Overflow = 'close' | 'drop-oldest';

/** How much may wait for one client. */
export interface QueueOptions {
  /** Most that waits for a client that is slower than its events, in bytes as they are sent. Default 262144. */
  readonly maxQueueSize?: number;
  /** What happens beyond that. Default `close`. */
  readonly overflow?: Overflow;
}

const DEFAULT_SIZE = 262_144;

/** First in, first out. One item always fits, however large. */
export class BoundedQueue<Item> {
  readonly #sizeOf: (item: Item) => number;
  readonly #maxSize: number;
  readonly #dropsOldest: boolean;
  #items: Item[] = [];
  #size = 0;

  /** @throws RangeError for a size that is no whole number; TypeError for another policy. */
  constructor(sizeOf: (item: Item) => number, { maxQueueSize = DEFAULT_SIZE, overflow = 'close' }: QueueOptions = {}) {
    if (!Number.isSafeInteger(maxQueueSize) || maxQueueSize < 0) {
      throw new RangeError(`maxQueueSize: expected a whole number of bytes from 0, got ${maxQueueSize}`);
    }
    if (overflow !== 'close' && overflow !== 'drop-oldest') {
      throw new TypeError(`overflow: expected "close" or "drop-oldest", got ${JSON.stringify(overflow)}`);
    }
    this.#sizeOf = sizeOf;
    this.#maxSize = maxQueueSize;
    this.#dropsOldest = overflow === 'drop-oldest';
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Adds `item`. False where it has no room, and nothing may be dropped for it: then it was not added. */
  push(item: Item): boolean {
    const size = this.#sizeOf(item);
    while (this.#items.length > 0 && this.#size + size > this.#maxSize) {
      if (!this.#dropsOldest) return false;
      this.shift();
    }
    this.#items.push(item);
    this.#size += size;
    return true;
  }

  /** Takes what has waited longest. */
  shift(): Item | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.#size -= this.#sizeOf(item);
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#size = 0;
  }
}
