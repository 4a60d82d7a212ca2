/** Keeps the newest events of a topic in the memory of one process. */

import type { Backplane, Replay, TopicEvent, TopicMessage } from './backplane.js';
import { EncodedEvent } from './server-sent-event.js';

/** How much of what was published is kept, for clients that come back. */
export interface HistoryOptions {
  /** Most events kept. Default 1000. */
  readonly maxHistory?: number;
  /** Most bytes kept, as they are sent. Default 1048576. */
  readonly maxHistorySize?: number;
}

const DEFAULT_EVENTS = 1_000;
const DEFAULT_SIZE = 1_048_576;
/** Ids of one process go on from the time of its start, so that those of the one before are older than all of them. */
const IDS_A_MS = 1_000;
const DIGITS = /^\d{1,16}$/;

export class MemoryBackplane<Data> implements Backplane<Data> {
  readonly #maxEvents: number;
  readonly #maxSize: number;
  readonly #listeners = new Set<(event: TopicEvent<Data>) => void>();
  /** With ids that follow each other. */
  #history: EncodedEvent<Data>[] = [];
  #historySize = 0;
  #lastId = Date.now() * IDS_A_MS;

  /** @throws RangeError for a limit that is no whole number. */
  constructor({ maxHistory = DEFAULT_EVENTS, maxHistorySize = DEFAULT_SIZE }: HistoryOptions = {}) {
    for (const [name, value] of Object.entries({ maxHistory, maxHistorySize })) {
      if (Number.isSafeInteger(value) && value >= 0) continue;
      throw new RangeError(`Topic: ${name} is a whole number from 0, got ${value}`);
    }
    this.#maxEvents = maxHistory;
    this.#maxSize = maxHistorySize;
  }

  async publish({ data, event }: TopicMessage<Data>): Promise<string> {
    const id = this.#lastId + 1;
    const encoded = new EncodedEvent(String(id), data, event);
    this.#lastId = id;
    this.#keep(encoded);
    for (const listener of this.#listeners) listener(encoded);
    return encoded.id;
  }

  async read(id: string | undefined): Promise<Replay<Data>> {
    const lastId = String(this.#lastId);
    if (id === undefined) return { events: [], hasGap: false, lastId };
    const missed = DIGITS.test(id) ? this.#lastId - Number(id) : -1;
    // What is newer than anything published here was given out by another process.
    const hasGap = missed < 0 || missed > this.#history.length;
    const events = hasGap ? [...this.#history] : this.#history.slice(this.#history.length - missed);
    return { events, hasGap, lastId };
  }

  async subscribe(listener: (event: TopicEvent<Data>) => void): Promise<() => void> {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  isAfter(id: string, other: string): boolean {
    return Number(id) > Number(other);
  }

  #keep(event: EncodedEvent<Data>): void {
    this.#history.push(event);
    this.#historySize += event.size;
    while (this.#history.length > this.#maxEvents || this.#historySize > this.#maxSize) {
      const oldest = this.#history.shift();
      this.#historySize -= oldest?.size ?? 0;
    }
  }
}
