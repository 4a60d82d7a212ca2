/** Gathers what is written in one turn and hands it to a socket in one write. */

import type { Duplex } from 'node:stream';

/** Output that waits for the end of the turn, in bytes, before it is handed over all the same. */
const MAX_PENDING = 65_536;

export class Output {
  readonly #socket: Duplex;
  /** Called when the client has become slower than its answers, and when it has caught up. */
  readonly #onBlocked: (isBlocked: boolean) => void;
  #text = '';
  #isCorked = false;
  #isBlocked = false;
  #isClosed = false;
  #flushIsScheduled = false;
  #waiters: (() => void)[] | undefined = undefined;

  constructor(socket: Duplex, onBlocked: (isBlocked: boolean) => void) {
    this.#socket = socket;
    this.#onBlocked = onBlocked;
  }

  /** Whether the client takes less than is written: nothing should be added until it has caught up. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Adds latin1 text, or bytes. */
  write(data: string | Uint8Array): void {
    if (this.#isClosed) return;
    if (typeof data === 'string') {
      this.#text += data;
    } else {
      this.#cork();
      this.#writeText();
      this.#watch(this.#socket.write(data));
    }
    if (this.#text.length + this.#socket.writableLength >= MAX_PENDING) this.flush();
  }

  flush(): void {
    if (this.#isClosed) return;
    this.#writeText();
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
  }

  /** Flushes after this turn: what other handlers write until then leaves in the same write. */
  flushSoon(): void {
    if (this.#flushIsScheduled || (this.#text === '' && !this.#isCorked)) return;
    this.#flushIsScheduled = true;
    setImmediate(() => {
      this.#flushIsScheduled = false;
      this.flush();
    });
  }

  /** Resolves when there is room again, or the socket has closed. */
  drained(): Promise<void> {
    if (!this.#isBlocked || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters ??= [];
      this.#waiters.push(resolve);
    });
  }

  /** Tells that the socket has taken everything. */
  onDrain(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.#onBlocked(false);
    this.#wake();
  }

  /** Tells that the socket takes nothing any more. */
  onClose(): void {
    this.#isClosed = true;
    this.#text = '';
    this.#wake();
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
  }

  #writeText(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#watch(this.#socket.write(text, 'latin1'));
  }

  #watch(hasRoom: boolean): void {
    if (hasRoom || this.#isBlocked) return;
    this.#isBlocked = true;
    this.#onBlocked(true);
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = undefined;
    for (const resolve of waiters ?? []) resolve();
  }
}
