/** Sends server-sent events over a response, no faster than its client takes them. */

import type { Response } from '../response.js';
import { BoundedQueue, type QueueOptions } from './bounded-queue.js';
import { encodeEvent, type ServerSentEvent } from './server-sent-event.js';

/** How events are sent to one client. The queue holds what is sent without awaiting the one before. */
export interface EventStreamOptions extends QueueOptions {
  /** Milliseconds between comments that keep the connection from idling out; `false` for none. Default 15000. */
  readonly keepAlive?: number | false;
}

/** The open end of an event stream. */
export interface EventStream {
  /**
   * Sends one event. Returns a promise only where the client is slower than the events come: it resolves when the
   * client has caught up. Who does not await it has the events wait in a queue of `maxQueueSize` bytes; what does not
   * fit cuts the client off, or takes the place of the oldest, as `overflow` says. Does nothing once the client has left.
   *
   * @throws TypeError where `id` or `event` is no string, or has a line end or NUL, which would forge fields.
   */
  send(event: ServerSentEvent): void | Promise<void>;
  /**
   * Sends all that `source` gives, no faster than the client takes it, then ends the stream; a string is the data of
   * an event. When the client leaves, or the server drains, the source is ended by `return()`. Rejects as the source does.
   */
  sendAll(source: AsyncIterable<ServerSentEvent | string>): Promise<void>;
  /** Ends the stream. Clients connect again unless they were told not to. */
  close(): void;
  /** Calls `listener` once, when events no longer reach the client: it has left, or the server drains. */
  onGone(listener: () => void): void;
  /** Whether events still reach the client. */
  readonly isOpen: boolean;
}

const DEFAULT_KEEP_ALIVE_MS = 15_000;
const bytesOf = (text: string): number => Buffer.byteLength(text);

/** Starts `res` as an event stream. `onGone` tells when the client has left. */
export function openEventStream(
  res: Response,
  onGone: (listener: () => void) => void,
  options: EventStreamOptions = {},
): EventStream {
  return new ResponseEvents(res, onGone, options);
}

class ResponseEvents implements EventStream {
  readonly onGone: (listener: () => void) => void;
  readonly #res: Response;
  readonly #queue: BoundedQueue<string>;
  readonly #timer: NodeJS.Timeout | undefined;
  /** Resolves when the client has caught up; `undefined` while it keeps up. */
  #slow: Promise<void> | undefined = undefined;

  constructor(res: Response, onGone: (listener: () => void) => void, options: EventStreamOptions) {
    this.#queue = new BoundedQueue(bytesOf, options);
    this.#res = res;
    this.onGone = onGone;
    res.setContentType('text/event-stream').setHeader('Cache-Control', 'no-store');
    // nginx would collect events into buffers, and keep those that came last.
    res.setHeader('X-Accel-Buffering', 'no');
    const keepAliveMs = options.keepAlive ?? DEFAULT_KEEP_ALIVE_MS;
    // A comment at once: the head leaves now, so that the client sees the connection open.
    this.#write(':\n\n');
    this.#timer = keepAliveMs === false ? undefined : setInterval(() => this.#keepAlive(), keepAliveMs);
    this.#timer?.unref();
    res.onFinish(() => {
      clearInterval(this.#timer);
      this.#queue.clear();
    });
  }

  get isOpen(): boolean {
    return !this.#res.hasEnded();
  }

  send(event: ServerSentEvent): void | Promise<void> {
    if (!this.isOpen) return;
    const text = encodeEvent(event);
    if (this.#slow === undefined) return this.#write(text);
    if (this.#queue.push(text)) return this.#slow;
    // It does not read, so that it would not see a polite end either.
    this.#res.destroy();
  }

  async sendAll(source: AsyncIterable<ServerSentEvent | string>): Promise<void> {
    const iterator = source[Symbol.asyncIterator]();
    // Once, and awaited: whatever the source holds is released before the exchange counts as over.
    let stopped: Promise<unknown> | undefined;
    const stop = () => {
      stopped ??= Promise.resolve(iterator.return?.());
      return stopped;
    };
    if (!this.isOpen) {
      await stop();
      return;
    }
    this.onGone(() => void stop().catch(() => {}));
    let step: IteratorResult<ServerSentEvent | string> | undefined;
    try {
      for (step = await iterator.next(); !step.done && this.isOpen; step = await iterator.next()) {
        const event = step.value;
        const slow = this.send(typeof event === 'string' ? { data: event } : event);
        if (slow !== undefined) await slow;
      }
    } catch (error) {
      // A generator that hears of the departure by its signal may well throw.
      if (this.isOpen) throw error;
    } finally {
      if (!step?.done) await stop();
    }
    this.close();
  }

  close(): void {
    if (!this.isOpen) return;
    for (let text = this.#queue.shift(); text !== undefined; text = this.#queue.shift()) void this.#res.write(text);
    this.#res.end();
  }

  #keepAlive(): void {
    // What waits already will tell the client that it is connected.
    if (this.#slow === undefined) this.#write(': \n\n');
  }

  #write(text: string): void | Promise<void> {
    const room = this.#res.write(text);
    if (room === undefined) return;
    this.#slow = this.#catchUp(room);
    return this.#slow;
  }

  async #catchUp(room: Promise<void>): Promise<void> {
    let wait: void | Promise<void> = room;
    while (wait !== undefined) {
      await wait;
      wait = undefined;
      while (wait === undefined && this.isOpen && !this.#queue.isEmpty) {
        wait = this.#res.write(this.#queue.shift() as string);
      }
    }
    this.#slow = undefined;
  }
}
