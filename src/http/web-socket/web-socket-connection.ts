/** Holds one end of an open WebSocket (RFC 6455). */

import type { Duplex } from 'node:stream';
import { isUint8Array } from 'node:util/types';
import { BadMessage, type MessageReader, type RawMessage } from './web-socket-message.js';
import type { CheckedWebSocketOptions } from './web-socket-options.js';

/** How a WebSocket ended. */
export interface WebSocketClose {
  /** As the peer sent it (RFC 6455 §7.4): 1005 where it named none, 1006 where the connection broke off. */
  readonly code: number;
  readonly reason: string;
}

/** What is used of the library's socket. */
export interface FramedSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly isPaused: boolean;
  readonly protocol: string;
  send(data: string | Uint8Array, done: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void;
  on(event: 'error', listener: () => void): void;
  on(event: 'close', listener: (code: number, reason: Buffer) => void): void;
}

/** What of the options concerns a socket that is open. */
export type ConnectionOptions = Pick<
  CheckedWebSocketOptions,
  'maxQueueSize' | 'pingInterval' | 'pingTimeout' | 'idleTimeout'
>;

const OPEN = 1;
const NORMAL = 1000;
const GOING_AWAY = 1001;
const INTERNAL_ERROR = 1011;

/** Messages that wait to be read, at which no more are read from the socket, and their bytes. */
const MAX_QUEUED = 64;
const MAX_QUEUED_BYTES = 65_536;
/** Longest reason of a close frame, in bytes (RFC 6455 §5.5). */
const MAX_REASON_BYTES = 123;

/**
 * A WebSocket: `for await` gives its messages, `send` and `json` send. It ends with `close`, when the peer leaves, or when
 * the server drains (1001): then the loop ends, `signal` aborts, and what is still sent goes nowhere.
 */
export class WebSocketConnection<Message = RawMessage> implements AsyncIterable<Message> {
  /** The sub-protocol that both speak, `''` for none. */
  readonly protocol: string;
  /** Resolves, never rejects, when the connection is gone. */
  readonly closed: Promise<WebSocketClose>;
  readonly #framed: FramedSocket;
  readonly #socket: Duplex;
  readonly #read: MessageReader<Message>;
  readonly #options: ConnectionOptions;
  readonly #queue: RawMessage[] = [];
  #queuedBytes = 0;
  /** Whether anybody ever asked for a message. */
  #isRead = false;
  /** Whether messages are dropped as they arrive. */
  #isDeaf = false;
  #isOver = false;
  #isCorked = false;
  #hasHeard = false;
  #wakeReaders: (() => void)[] = [];
  #wakeSenders: (() => void)[] = [];
  #abort: AbortController | undefined = undefined;
  #pingTimer: NodeJS.Timeout | undefined = undefined;
  #idleTimer: NodeJS.Timeout | undefined = undefined;
  #resolveClosed: (close: WebSocketClose) => void = () => {};

  /** Made by `@WebSocket` and `acceptWebSocket`. @internal */
  constructor(framed: FramedSocket, socket: Duplex, read: MessageReader<Message>, options: ConnectionOptions) {
    this.protocol = framed.protocol;
    this.#framed = framed;
    this.#socket = socket;
    this.#read = read;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    framed.on('message', (data, isBinary) => this.#receive(isBinary ? data : data.toString()));
    // Malformed frames, or too large a message: the library closes with the code that says so.
    framed.on('error', () => this.#end());
    framed.on('close', (code, reason) => this.#finish(code, reason.toString()));
    socket.on('data', () => {
      this.#hasHeard = true;
    });
    if (options.pingInterval !== Number.POSITIVE_INFINITY) this.#pingAfter(options.pingInterval);
    if (options.idleTimeout !== Number.POSITIVE_INFINITY) {
      this.#idleTimer = setTimeout(() => this.close(NORMAL, 'idle'), options.idleTimeout).unref();
    }
  }

  /** Whether what is sent may still reach the peer. */
  get isOpen(): boolean {
    return !this.#isOver && this.#framed.readyState === OPEN;
  }

  /** Aborts when nothing more can be sent: the peer has left, one of both has closed, or the server drains. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isOver) this.#abort.abort();
    return this.#abort.signal;
  }

  /** Bytes that wait to be sent. */
  get queuedSize(): number {
    return this.#framed.bufferedAmount;
  }

  /**
   * Sends text, or bytes, as one message. Returns a promise only where the peer is slower than the messages come: await
   * it before the next. Where nobody does, and more than `maxQueueSize` waits, the peer is cut off. Does nothing once
   * the socket is no longer open.
   *
   * @throws TypeError for anything but text and bytes.
   */
  send(data: string | Uint8Array): void | Promise<void> {
    if (typeof data !== 'string' && !isUint8Array(data)) {
      throw new TypeError(`send: a message is a string or a Uint8Array, got ${data === null ? 'null' : typeof data}`);
    }
    if (!this.isOpen) return;
    if (this.#framed.bufferedAmount > this.#options.maxQueueSize) {
      this.destroy();
      return;
    }
    this.#cork();
    this.#framed.send(data, this.#onSent);
    if (this.#framed.bufferedAmount <= this.#socket.writableHighWaterMark) return;
    return new Promise((resolve) => this.#wakeSenders.push(resolve));
  }

  /** Sends `value` as JSON, as {@link send} does. @throws TypeError where it has none: `undefined`, a function, a cycle. */
  json(value: unknown): void | Promise<void> {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`json: ${typeof value} cannot be sent as JSON`);
    return this.send(text);
  }

  /**
   * Closes the socket; {@link closed} resolves once the peer has answered. Messages that wait to be read are dropped.
   * Does nothing where it is closing already. A reason is cut to 123 bytes of UTF-8.
   *
   * @throws TypeError for a code that may not be sent: 1000, 1001 to 1014 but 1004 to 1006, and 3000 to 4999 may.
   */
  close(code = NORMAL, reason = ''): void {
    if (!this.isOpen) return;
    this.#framed.close(code, cutToBytes(reason, MAX_REASON_BYTES));
    this.#queue.length = 0;
    this.#end();
  }

  /** Cuts the connection off, without a word. */
  destroy(): void {
    this.#framed.terminate();
    this.#end();
  }

  /** Says that the server goes away. What has arrived may still be read. @internal */
  leave(): void {
    if (!this.isOpen || this.#socket.destroyed) return;
    this.#framed.close(GOING_AWAY, '');
    this.#end();
  }

  /** Says that whoever held this end has failed. @internal */
  fail(): void {
    this.close(INTERNAL_ERROR);
  }

  /** Drops all messages: nobody will ask for one. @internal */
  ignoreMessages(): void {
    this.#isDeaf = true;
  }

  /**
   * Gives messages in order, until the socket closes. Leaving the loop closes nothing; a later loop goes on. The peer is
   * read no faster than messages are taken.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    this.#isRead = true;
    for (;;) {
      const raw = this.#queue.shift();
      if (raw === undefined) {
        if (this.#isOver) return;
        await new Promise<void>((resolve) => this.#wakeReaders.push(resolve));
        continue;
      }
      this.#queuedBytes -= raw.length;
      if (this.#framed.isPaused && !this.#isFull()) this.#framed.resume();
      const pending = this.#read(raw);
      const message = pending instanceof Promise ? await pending : pending;
      if (message instanceof BadMessage) this.close(message.code, message.reason);
      else yield message;
    }
  }

  #receive(raw: RawMessage): void {
    this.#idleTimer?.refresh();
    if (this.#isDeaf || this.#isOver) return;
    this.#queue.push(raw);
    this.#queuedBytes += raw.length;
    if (this.#isFull()) this.#framed.pause();
    this.#wake(this.#wakeReaders);
  }

  #isFull(): boolean {
    return this.#queue.length >= MAX_QUEUED || this.#queuedBytes >= MAX_QUEUED_BYTES;
  }

  /** Messages of one turn leave in one write. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }

  readonly #onSent = (): void => {
    if (this.#framed.bufferedAmount <= this.#socket.writableHighWaterMark) this.#wake(this.#wakeSenders);
  };

  #pingAfter(ms: number): void {
    const { pingInterval, pingTimeout } = this.#options;
    this.#pingTimer = setTimeout(() => {
      this.#hasHeard = false;
      this.#framed.ping();
      this.#pingTimer = setTimeout(() => {
        // While this end does not read, a pong may wait unread as well.
        if (this.#hasHeard || (this.#framed.isPaused && this.#isRead)) this.#pingAfter(pingInterval - pingTimeout);
        else this.destroy();
      }, pingTimeout).unref();
    }, ms).unref();
  }

  /** Nothing more is said. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#idleTimer);
    // The answer to a close may wait behind messages that nobody has read.
    if (this.#framed.isPaused) this.#framed.resume();
    this.#wake(this.#wakeReaders);
    this.#wake(this.#wakeSenders);
    this.#abort?.abort();
  }

  #finish(code: number, reason: string): void {
    this.#end();
    this.#resolveClosed({ code, reason });
  }

  #wake(waiting: (() => void)[]): void {
    for (const resolve of waiting.splice(0)) resolve();
  }
}

/** The beginning of `text` that has at most `size` bytes as UTF-8, no character cut in two. */
function cutToBytes(text: string, size: number): string {
  if (Buffer.byteLength(text) <= size) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(size));
  return text.slice(0, read);
}
