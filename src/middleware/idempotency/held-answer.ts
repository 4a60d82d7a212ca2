/** Collects an answer that nobody has been sent yet. */

import type { Duplex } from 'node:stream';
import type { ResponseHead } from '../../http/response-head.js';
import type { ResponseSink } from '../../http/response-sink.js';

/** Fields that the answer which leaves has of its own. */
const OF_EACH_ANSWER: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'trailer', 'upgrade']);

/** The sink of a response that is whole before any of it leaves. */
export class HeldAnswer implements ResponseSink {
  readonly #maxSize: number;
  status = 0;
  /** Field lines in their order; a name may come more than once. */
  fields: (readonly [name: string, value: string])[] = [];
  /** Whether it is whole. */
  isComplete = false;
  /** Why it will not be whole, where that is known. */
  failure: unknown = undefined;
  /** Called where it fails outside of its handler. */
  onFail: () => void = () => {};
  readonly #pieces: Uint8Array[] = [];
  #size = 0;
  #isWhole = false;
  #goneListeners: (() => void)[] = [];

  /** Takes up to `maxSize` bytes of content that is streamed. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  get content(): Buffer {
    return Buffer.concat(this.#pieces, this.#size);
  }

  takeHead(head: ResponseHead, status: number, isWhole: boolean): void {
    this.status = status;
    this.fields = [...head.spelled()].filter(([name]) => !OF_EACH_ANSWER.has(name.toLowerCase()));
    this.#isWhole = isWhole;
  }

  /** @throws Error for more than it takes: content that was made in one piece is in memory anyway. */
  write(data: string | Uint8Array): boolean {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    this.#size += bytes.length;
    if (this.#size > this.#maxSize && !this.#isWhole) {
      const largest = `the ${this.#maxSize} bytes of maxAnswerSize`;
      this.failure = new Error(`idempotency: the answer is streamed, and larger than ${largest}`);
      throw this.failure;
    }
    this.#pieces.push(bytes);
    return true;
  }

  writeEncoded(_head: string, content: Uint8Array): void {
    this.write(content);
  }

  /** Content is kept: the memory that a connection encodes in is used again. */
  encode(): undefined {}

  drained(): Promise<void> {
    return Promise.resolve();
  }

  finish(): void {
    this.isComplete = true;
    this.#goneListeners = [];
  }

  onGone(listener: () => void): void {
    this.#goneListeners.push(listener);
  }

  destroy(): void {
    const listeners = this.#goneListeners;
    this.#goneListeners = [];
    for (const listener of listeners) listener();
  }

  persists(): boolean {
    return false;
  }

  offersUpgrade(): boolean {
    return false;
  }

  becomeEndless(): never {
    throw new Error('idempotency: events have no end, so that they cannot be sent again');
  }

  detach(): Duplex {
    throw new Error('idempotency: what is spoken on a socket cannot be sent again');
  }

  fail(error: unknown): void {
    this.failure = error;
    this.onFail();
  }
}
