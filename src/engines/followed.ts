/** Holds the topics that a process follows on one connection to an engine. */

import type { KeptEvent } from './kept-events.js';
import { Outage } from './outage.js';
import type { Tail } from './tail.js';

/** One topic: who follows it, and the event up to which all of them have read. */
interface Topic {
  lastId: string;
  readonly tails: Set<Tail<unknown>>;
}

export class Followed {
  readonly #outage: Outage;
  readonly #isAfter: (id: string, other: string) => boolean;
  readonly #topics = new Map<string, Topic>();

  /** `engine` is its name in the log. */
  constructor(engine: string, isAfter: (id: string, other: string) => boolean) {
    this.#outage = new Outage(engine);
    this.#isAfter = isAfter;
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  /** Where to go on with each topic. */
  get lastIds(): ReadonlyMap<string, string> {
    return new Map([...this.#topics].map(([name, { lastId }]) => [name, lastId]));
  }

  /** Adds `tail`. Returns what takes it away. */
  add<Data>(name: string, tail: Tail<Data>): () => void {
    const topic = this.#topics.get(name) ?? { lastId: tail.lastId, tails: new Set() };
    this.#topics.set(name, topic);
    topic.tails.add(tail as Tail<unknown>);
    // What the others were given since `tail` asked for the newest is read again, and they leave it out.
    if (this.#isAfter(topic.lastId, tail.lastId)) topic.lastId = tail.lastId;
    return () => {
      topic.tails.delete(tail as Tail<unknown>);
      if (topic.tails.size === 0 && this.#topics.get(name) === topic) this.#topics.delete(name);
    };
  }

  /** Hands the next event of a topic to all who follow it. */
  take(name: string, id: string, read: () => KeptEvent<unknown>): void {
    const topic = this.#topics.get(name);
    if (topic === undefined) return;
    topic.lastId = id;
    for (const tail of topic.tails) tail.take(id, read);
  }

  /** Notes that the connection has failed. Returns the milliseconds to wait before the next. */
  noteFailure(err: unknown): number {
    return this.#outage.noteFailure(err, this.#logger);
  }

  noteSuccess(): void {
    this.#outage.noteSuccess(this.#logger);
  }

  get #logger() {
    for (const { tails } of this.#topics.values()) for (const { logger } of tails) return logger;
    return undefined;
  }
}
