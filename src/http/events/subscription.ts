/** Gives one client the events of a topic: first those it missed, then each as it is published. */

import type { Backplane, TopicEvent } from './backplane.js';
import { BoundedQueue, type QueueOptions } from './bounded-queue.js';
import { EncodedEvent, type ServerSentEvent } from './server-sent-event.js';

/** What a client gets first where events after its `Last-Event-ID` are no longer kept. Those that are follow it. */
export interface GapEvent {
  readonly event: 'gap';
  readonly data: { readonly lastEventId: string };
  readonly id?: string;
}

/** How one client follows a topic. The queue is what waits for it beyond the event that it is being sent. */
export interface SubscribeOptions<First extends ServerSentEvent> extends QueueOptions {
  /** Ends the subscription: `@Signal()`, `req.signal`. It aborts when the client leaves and when the server drains. */
  readonly signal: AbortSignal;
  /** Where to go on: `@LastEventId()`. Without one only what is published from now on is given. */
  readonly lastEventId?: string | undefined;
  /**
   * Makes the first event for a client that cannot go on from where it was: the whole state, say. It stands for all
   * that was published before and takes the place of a {@link GapEvent} and of what is kept. `reason` is `new` where the
   * client has no `lastEventId`. What is published while it is made may be in it and follow it as well.
   */
  readonly snapshot?: (reason: 'new' | 'gap') => First | PromiseLike<First>;
}

/** What a topic asks of a subscription. */
export interface Follower<Data> {
  /** Takes an event that was published. */
  push(event: EncodedEvent<Data>): void;
  /** Ends it: what still waits is dropped. */
  end(): void;
}

/** What a subscription asks of its topic. */
export interface SubscriptionHost<Data> {
  readonly backplane: Backplane<Data>;
  /** Hands every event to `follower` from now on. Resolves once none is missed. */
  join(follower: Follower<Data>): Promise<void>;
  /** `isDropped`: it was too slow. */
  leave(follower: Follower<Data>, isDropped: boolean): void;
}

type Step<Event> = IteratorResult<Event, undefined>;

const DONE: Step<never> = { done: true, value: undefined };
const sizeOf = ({ size }: { readonly size: number }): number => size;

/** Iterates once. It begins with the first `next()`, so that one that nobody iterates holds nothing. */
export class Subscription<Data, First extends ServerSentEvent>
  implements AsyncIterableIterator<TopicEvent<Data> | First>
{
  readonly #host: SubscriptionHost<Data>;
  readonly #options: SubscribeOptions<First>;
  readonly #lastEventId: string | undefined;
  readonly #queue: BoundedQueue<EncodedEvent<Data>>;
  readonly #waiters: ((step: Step<TopicEvent<Data> | First>) => void)[] = [];
  #replay: readonly (TopicEvent<Data> | First)[] = [];
  #replayed = 0;
  /** Events up to this one were replayed, and may be published to this process only now. */
  #replayedId: string | undefined = undefined;
  #beginning: Promise<void> | undefined = undefined;
  #isLive = false;
  #isEnded = false;

  /** @throws RangeError or TypeError for a queue that cannot be. */
  constructor(host: SubscriptionHost<Data>, options: SubscribeOptions<First>) {
    this.#host = host;
    this.#options = options;
    // A client that was given an empty id has none.
    this.#lastEventId = options.lastEventId || undefined;
    this.#queue = new BoundedQueue<EncodedEvent<Data>>(sizeOf, options);
  }

  /** It is iterated itself, and once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Rejects where the backplane fails. */
  async next(): Promise<Step<TopicEvent<Data> | First>> {
    if (!this.#isLive) {
      this.#beginning ??= this.#begin();
      await this.#beginning;
    }
    const event = this.#take();
    if (event !== undefined) return { done: false, value: event };
    if (this.#isEnded) return DONE;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Leaves the topic: what `for await` calls where its loop is left. */
  async return(): Promise<Step<never>> {
    this.end();
    return DONE;
  }

  /** @internal */
  push(event: EncodedEvent<Data>): void {
    if (!this.#queue.push(event)) {
      this.end(true);
      return;
    }
    if (this.#waiters.length === 0) return;
    const first = this.#take();
    if (first !== undefined) this.#waiters.shift()?.({ done: false, value: first });
  }

  /** @internal */
  end(isDropped = false): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#isLive = true;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#host.leave(this, isDropped);
    this.#queue.clear();
    this.#replay = [];
    for (const resolve of this.#waiters.splice(0)) resolve(DONE);
  }

  readonly #onAbort = () => this.end();

  async #begin(): Promise<void> {
    const { signal } = this.#options;
    if (signal.aborted) {
      this.end();
      return;
    }
    signal.addEventListener('abort', this.#onAbort);
    try {
      await this.#host.join(this);
      const { events, hasGap, lastId } = await this.#host.backplane.read(this.#lastEventId);
      const first = await this.#first(hasGap, events.length === 0 ? lastId : undefined, lastId);
      if (this.#isEnded) return;
      const isSnapshot = first !== undefined && this.#options.snapshot !== undefined;
      const replay = isSnapshot ? [] : events;
      this.#replay = first === undefined ? replay : [first, ...replay];
      // What was published since it joined is all that a new client gets: none of that was replayed.
      if (this.#lastEventId !== undefined || isSnapshot) this.#replayedId = lastId;
      this.#isLive = true;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** The event that stands before those that are replayed, if any does. */
  async #first(hasGap: boolean, gapId: string | undefined, lastId: string | undefined): Promise<First | undefined> {
    const { snapshot } = this.#options;
    if (this.#lastEventId !== undefined && !hasGap) return undefined;
    if (snapshot !== undefined) {
      const first = await snapshot(hasGap ? 'gap' : 'new');
      return first.id !== undefined || lastId === undefined ? first : { ...first, id: lastId };
    }
    if (!hasGap) return undefined;
    const gap: GapEvent = { event: 'gap', data: { lastEventId: this.#lastEventId as string } };
    // Without `snapshot` this is what `First` is by default.
    return (gapId === undefined ? gap : { ...gap, id: gapId }) as unknown as First;
  }

  #take(): TopicEvent<Data> | First | undefined {
    if (this.#replayed < this.#replay.length) return this.#replay[this.#replayed++];
    if (this.#replay.length > 0) this.#replay = [];
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      if (this.#replayedId !== undefined && !this.#host.backplane.isAfter(event.id, this.#replayedId)) continue;
      this.#replayedId = undefined;
      return event;
    }
    return undefined;
  }
}

/** Written once, if possible where it was published. */
export function encoded<Data>(event: TopicEvent<Data>): EncodedEvent<Data> {
  return event instanceof EncodedEvent ? event : new EncodedEvent(event.id, event.data, event.event);
}
