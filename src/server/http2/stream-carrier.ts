/** Carries one request and its answer on a stream of HTTP/2. */

import type { ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { HttpError } from '../../http/http-error.js';
import { ClientGone } from '../../http/request-body.js';
import { type ResponseHead, UNDECLARED } from '../../http/response-head.js';
import { dateLine } from '../../protocol/head-writer.js';
import type { ConnectionHost } from '../connection.js';
import type { Carrier, Exchange } from '../exchange.js';
import { settleAtOneOf } from '../settle-at-one-of.js';
import { NEVER } from '../timeouts.js';
import { addFields, newFields, partsOf } from './response-fields.js';

/** Most bytes handed over at a time: a client that has taken a slice has made progress, however slow it is. */
const MAX_SLICE = 65_536;

// Error codes (RFC 9113 §7).
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;

const ignore = () => {};

export class StreamCarrier implements Carrier {
  readonly httpVersion = '2.0';
  readonly socket: Duplex;
  /** Bytes of content that have come, and were asked for or dropped. */
  bytesRead = 0;
  /** Whether the handler has cut the answer off. */
  isCutOff = false;
  readonly #stream: ServerHttp2Stream;
  readonly #host: ConnectionHost;
  /** When the content must be complete. */
  readonly #requestDeadline: number;
  #writeDeadline = NEVER;
  /** When the client is told that the rest of its content need not be sent. */
  #restDeadline = NEVER;
  #hasWritten = false;
  #fields = newFields();
  #isStreamed = false;
  #isBlocked = false;
  #isEnding = false;
  /** What the stream has no room for, or what is to leave with the head. */
  readonly #queue: Uint8Array[] = [];
  #trailers = '';
  #wakers: (() => void)[] = [];
  #stopWaiting: () => void = ignore;
  #failRead: ((reason: Error) => void) | undefined = undefined;
  #leave: () => void = ignore;

  constructor(stream: ServerHttp2Stream, socket: Duplex, host: ConnectionHost) {
    this.#stream = stream;
    this.socket = socket;
    this.#host = host;
    this.#requestDeadline = host.timeouts.after(host.opts.requestTimeout);
  }

  /** Ends `exchange` when the client leaves. */
  watch(exchange: Exchange): void {
    this.#leave = () => exchange.leave();
  }

  /** Takes note that the stream has closed. */
  onClose(): void {
    this.#writeDeadline = NEVER;
    this.#queue.length = 0;
    this.#wake();
    this.#leave();
  }

  /** Ends what is late by `now`. True where the client has taken nothing for too long. */
  isStuck(now: number): boolean {
    if (this.#failRead !== undefined && this.#requestDeadline <= now) {
      this.#failRead(new HttpError('The content did not arrive in time.', 408));
    }
    if (this.#restDeadline <= now) this.#refuseRest();
    return this.#writeDeadline <= now;
  }

  // --- the request ---

  async read(): Promise<Uint8Array | undefined> {
    const stream = this.#stream;
    for (;;) {
      const piece = stream.read() as Buffer | null;
      if (piece !== null) {
        this.bytesRead += piece.length;
        return piece;
      }
      // What a reset has cut off ends too. Before its answer, no other request is on a closed stream.
      if (stream.closed || stream.destroyed) throw new ClientGone();
      if (stream.readableEnded) return undefined;
      await this.#arrival();
    }
  }

  #arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        this.#failRead = undefined;
        outcome();
      };
      this.#stopWaiting = settleAtOneOf(this.#stream, ['readable', 'end', 'close'], () => settle(resolve));
      this.#failRead = (reason) => {
        this.#stopWaiting();
        settle(() => reject(reason));
      };
    });
  }

  /** {@link end} does. */
  dropContent(): void {}

  // --- the answer ---

  interim(status: 100 | 103, lines: string): void {
    if (this.#isClosed) return;
    const fields = newFields(status);
    addFields(fields, partsOf(lines));
    this.#stream.additionalHeaders(fields);
  }

  begin(head: ResponseHead, status: number, isStreamed: boolean): void {
    const fields = newFields(status);
    addFields(fields, head.spelled());
    fields.date ??= dateLine().slice('Date: '.length, -2);
    this.#fields = fields;
    this.#isStreamed = isStreamed;
    if (isStreamed) this.#respond(false, head.length === UNDECLARED);
  }

  #respond(endStream: boolean, waitForTrailers: boolean): void {
    if (this.#isClosed) return;
    const stream = this.#stream;
    if (waitForTrailers) stream.once('wantTrailers', () => this.#sendTrailers());
    stream.respond(this.#fields, { endStream, waitForTrailers });
  }

  write(bytes: Uint8Array): boolean {
    this.#queue.push(bytes);
    this.#hasWritten = true;
    if (!this.#isStreamed) return true;
    // Its `close` may still be to come, and a source that never pauses would not let it.
    if (this.#isClosed) this.#leave();
    else this.#pump();
    return !this.#isBlocked;
  }

  drained(): Promise<void> {
    if (!this.#isBlocked || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  trailers(lines: string): void {
    this.#trailers = lines;
  }

  /** Without a field they are the end of the content all the same. */
  #sendTrailers(): void {
    if (this.#isClosed) return;
    const fields = newFields();
    addFields(fields, partsOf(this.#trailers));
    this.#stream.sendTrailers(fields);
  }

  end(): void {
    if (this.#isClosed) return;
    this.#isEnding = true;
    this.#writeDeadline = this.#host.timeouts.after(this.#host.opts.writeTimeout);
    if (!this.#isStreamed) this.#respond(this.#queue.length === 0, false);
    this.#pump();
    this.#leaveRest();
  }

  /** Drops content that nobody has read, until the answer is there: then the client need not send it (RFC 9113 §8.1). */
  #leaveRest(): void {
    const stream = this.#stream;
    if (stream.endAfterHeaders || stream.readableEnded) return;
    this.#stopWaiting();
    // A stream learns one tick late that nobody waits for `readable` any more.
    setImmediate(() => {
      stream.on('data', (piece: Buffer) => {
        this.bytesRead += piece.length;
      });
    });
    // A head without content counts as written before it is: a reset would overtake it (Node 22 and 26).
    if (!this.#hasWritten) this.#restDeadline = this.#host.timeouts.after(0);
    else if (stream.writableFinished) this.#refuseRest();
    else stream.once('finish', () => this.#refuseRest());
  }

  #refuseRest(): void {
    this.#restDeadline = NEVER;
    if (!this.#stream.readableEnded) this.#stream.close(NO_ERROR);
  }

  destroy(): void {
    this.isCutOff = true;
    this.#stream.close(INTERNAL_ERROR);
  }

  get #isClosed(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  /** Hands over slices while there is room. */
  #pump(): void {
    const stream = this.#stream;
    const queue = this.#queue;
    while (queue.length > 0 && !stream.writableNeedDrain) {
      const bytes = queue[0];
      if (bytes.length > MAX_SLICE) queue[0] = bytes.subarray(MAX_SLICE);
      else queue.shift();
      if (this.#isEnding && queue.length === 0) {
        stream.end(bytes);
        return;
      }
      stream.write(bytes.subarray(0, MAX_SLICE));
    }
    if (this.#isEnding && queue.length === 0 && !stream.writableEnded) stream.end();
    if (stream.writableNeedDrain && !this.#isBlocked) {
      this.#isBlocked = true;
      this.#writeDeadline = this.#host.timeouts.after(this.#host.opts.writeTimeout);
      stream.once('drain', () => this.#onDrain());
    }
  }

  #onDrain(): void {
    this.#isBlocked = false;
    this.#writeDeadline = this.#isEnding ? this.#host.timeouts.after(this.#host.opts.writeTimeout) : NEVER;
    this.#pump();
    if (!this.#isBlocked) this.#wake();
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}
