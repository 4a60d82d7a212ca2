/** Gathers what is written in one turn and hands it to a socket in one write. */

import type { Duplex } from 'node:stream';
import { copiesWhatIsWritten } from '../sockets/system-socket.js';
import { encodingBuffer } from './encoding-buffer.js';

/** Output that waits for the end of the turn, in bytes, before it is handed over all the same. */
const MAX_PENDING = 65_536;
/** Most bytes handed over at a time: a socket that takes a slice has made progress, however slow its client is. */
const MAX_SLICE = 262_144;
/** The same for text. The socket copies what it holds of it: less of it is held for a client that does not read. */
const MAX_TEXT_SLICE = 65_536;

export class Output {
  readonly #socket: Duplex;
  /** Called when the client has become slower than its answers, with each slice it takes, and when it has caught up. */
  readonly #onProgress: (isBlocked: boolean) => void;
  #text = '';
  /** What is left of large writes, while the socket is busy with a slice. */
  readonly #queue: (string | Uint8Array)[] = [];
  /** Whether the socket lets go of what it was given once it is written; looked up when first needed. */
  #copies: boolean | undefined = undefined;
  #isCorked = false;
  #isBlocked = false;
  #isEnding = false;
  #isClosed = false;
  #flushIsScheduled = false;
  #waiters: (() => void)[] | undefined = undefined;

  constructor(socket: Duplex, onProgress: (isBlocked: boolean) => void) {
    this.#socket = socket;
    this.#onProgress = onProgress;
  }

  /** Whether the client takes less than is written: nothing should be added until it has caught up. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Adds latin1 text, or bytes. */
  write(data: string | Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#queue.length > 0) {
      this.#queue.push(data);
      return;
    }
    if (typeof data === 'string' && data.length <= MAX_TEXT_SLICE) {
      this.#text += data;
      if (this.#text.length >= MAX_PENDING) this.flush();
    } else {
      this.#cork();
      this.#writeText();
      this.#hand(data);
      if (this.#socket.writableLength >= MAX_PENDING) this.flush();
    }
  }

  /** Adds text that the {@link encodingBuffer} holds, behind its head. */
  writeEncoded(head: string, content: Uint8Array): void {
    if (this.#isClosed) return;
    const message = encodingBuffer.behind(head, content);
    this.#copies ??= copiesWhatIsWritten(this.#socket);
    if (this.#queue.length > 0) {
      this.#queue.push(message);
    } else {
      this.flush();
      this.#watch(this.#put(message));
      if (this.#copies && this.#socket.writableLength === 0) return;
    }
    encodingBuffer.giveAway();
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

  /** Closes the sending side once everything is handed over. */
  end(): void {
    this.flush();
    this.#isEnding = true;
    if (this.#queue.length === 0) this.#socket.end();
  }

  /** Resolves when there is room again, or the socket has closed. */
  drained(): Promise<void> {
    if (!this.#isBlocked || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters ??= [];
      this.#waiters.push(resolve);
    });
  }

  /** Tells that the socket has taken what it was given. */
  onDrain(): void {
    if (!this.#isBlocked) return;
    if (this.#queue.length > 0) {
      this.#onProgress(true);
      this.#pump();
      if (this.#queue.length === 0 && this.#isEnding) this.#socket.end();
      // A last small piece leaves room, so that no drain will tell of it.
      if (this.#socket.writableNeedDrain) return;
    }
    this.#isBlocked = false;
    this.#onProgress(false);
    this.#wake();
  }

  /** Tells that the socket takes nothing any more. */
  onClose(): void {
    this.#isClosed = true;
    this.#text = '';
    this.#queue.length = 0;
    this.#wake();
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
  }

  #writeText(): void {
    const text = this.#text;
    if (text === '') return;
    this.#text = '';
    this.#watch(this.#put(text));
  }

  #hand(data: string | Uint8Array): void {
    if (data.length <= sliceSize(data)) {
      this.#watch(this.#put(data));
      return;
    }
    this.#queue.push(data);
    this.#pump();
    this.#watch(!this.#socket.writableNeedDrain);
  }

  #put(data: string | Uint8Array): boolean {
    return typeof data === 'string' ? this.#socket.write(data, 'latin1') : this.#socket.write(data);
  }

  /** Hands over slices until the socket has enough: what is left in the queue waits for its drain. */
  #pump(): void {
    const socket = this.#socket;
    const queue = this.#queue;
    // Small writes that waited behind a large one leave together.
    socket.cork();
    while (queue.length > 0 && (socket.writableLength < MAX_PENDING || !socket.writableNeedDrain)) {
      const data = queue[0];
      const size = sliceSize(data);
      if (data.length > size) queue[0] = sliceOf(data, size, data.length);
      else queue.shift();
      this.#put(data.length > size ? sliceOf(data, 0, size) : data);
    }
    socket.uncork();
  }

  #watch(hasRoom: boolean): void {
    if (hasRoom || this.#isBlocked) return;
    this.#isBlocked = true;
    this.#onProgress(true);
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = undefined;
    for (const resolve of waiters ?? []) resolve();
  }
}

function sliceSize(data: string | Uint8Array): number {
  return typeof data === 'string' ? MAX_TEXT_SLICE : MAX_SLICE;
}

/** A part of `data` that is no copy: text that many clients wait for is in memory once, as bytes are. */
function sliceOf(data: string | Uint8Array, start: number, end: number): string | Uint8Array {
  return typeof data === 'string' ? data.slice(start, end) : data.subarray(start, end);
}
