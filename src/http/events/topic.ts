/** Hands what is published on to every client that subscribes. */

import type { Backplane, TopicEvent, TopicMessage } from './backplane.js';
import { type HistoryOptions, MemoryBackplane } from './memory-backplane.js';
import { oneLine, type ServerSentEvent } from './server-sent-event.js';
import {
  encoded,
  type Follower,
  type GapEvent,
  type SubscribeOptions,
  Subscription,
  type SubscriptionHost,
} from './subscription.js';

/** Where the events of a topic are kept. The history is that of the backplane in memory. */
export interface TopicOptions<Data> extends HistoryOptions {
  /** Shares the topic between processes. Default in memory, for this process alone. */
  readonly backplane?: Backplane<Data>;
}

/**
 * Events that many clients follow: `yield* topic.subscribe({ lastEventId, signal })` in an `@Sse` method. Each is
 * written once for all of them, has an id after that of the one before, and is kept for those that come back.
 */
export class Topic<Data> implements AsyncDisposable {
  readonly #backplane: Backplane<Data>;
  readonly #subscriptions = new Set<Follower<Data>>();
  readonly #host: SubscriptionHost<Data>;
  #listening: Promise<() => void | Promise<void>> | undefined = undefined;
  #dropped = 0;
  #isClosed = false;

  /** @throws RangeError for a limit that is no whole number. */
  constructor({ backplane, ...history }: TopicOptions<Data> = {}) {
    this.#backplane = backplane ?? new MemoryBackplane(history);
    this.#host = {
      backplane: this.#backplane,
      join: (subscription) => this.#join(subscription),
      leave: (subscription, isDropped) => {
        this.#subscriptions.delete(subscription);
        if (isDropped) this.#dropped++;
      },
    };
  }

  /** How many clients of this process follow it now. */
  get size(): number {
    return this.#subscriptions.size;
  }

  /** How many were let go of because they were too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Sends `data` to all who follow the topic, as an event named `event`, `message` without. Resolves with its id. Rejects
   * with a TypeError where it cannot be sent as an event, with an Error where the topic is closed or its backplane fails.
   */
  async publish(data: Data, event?: string): Promise<string> {
    if (this.#isClosed) throw new Error('The topic is closed');
    // Here, and not where it would be sent by every process that follows.
    if (event !== undefined) oneLine('event', event);
    const message: TopicMessage<Data> = event === undefined ? { data } : { data, event };
    return this.#backplane.publish(message);
  }

  /**
   * Follows the topic from its first `next()` on, until `signal` aborts, `return()` is called, the topic closes, or more
   * waits for the client than `maxQueueSize`. With `overflow: 'close'`, the default, it then ends: the client gets the
   * end of its stream as soon as it reads, connects again, and is given what it missed.
   *
   * @throws RangeError for a `maxQueueSize` that is no whole number; TypeError for another `overflow`.
   */
  subscribe<First extends ServerSentEvent = GapEvent>(options: SubscribeOptions<First>): Subscription<Data, First> {
    return new Subscription(this.#host, options);
  }

  /** Ends all subscriptions, and lets go of the backplane. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endAll();
    const listening = this.#listening;
    this.#listening = undefined;
    // One that failed has told who waited for it, and left nothing to end.
    await (await listening?.catch(() => undefined))?.();
  }

  /** Closes it: see {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #join(subscription: Follower<Data>): Promise<void> {
    if (this.#isClosed) {
      subscription.end();
      return;
    }
    this.#subscriptions.add(subscription);
    this.#listening ??= this.#backplane.subscribe(
      (event) => this.#hand(event),
      () => this.#endAll(),
    );
    try {
      await this.#listening;
    } catch (error) {
      // The next to come tries again.
      this.#listening = undefined;
      throw error;
    }
  }

  /** Who is ended comes back, and is told what it cannot be given any more. */
  #endAll(): void {
    for (const subscription of [...this.#subscriptions]) subscription.end();
  }

  #hand(event: TopicEvent<Data>): void {
    const once = encoded(event);
    for (const subscription of this.#subscriptions) subscription.push(once);
  }
}
