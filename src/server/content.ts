/** Delimits the content of the request in progress within a connection's input. */

import { HttpError } from '../http/http-error.js';
import { ChunkedDecoder, DATA, DONE } from '../protocol/chunked-decoder.js';
import { NEED_MORE } from '../protocol/head-parser.js';
import { CHUNKED, type MessageHead } from '../protocol/message-head.js';
import { REJECTIONS, type Rejection } from '../protocol/rejection.js';
import type { Input } from './input.js';

/** Content that nobody read is dropped up to this many bytes; beyond it the connection closes instead. */
const MAX_SKIPPED_BYTES = 131_072;

/** Why content is refused to who asks for it too late. */
export const ANSWERED = 'The content cannot be read any more: its request was answered';

export class Content {
  readonly #input: Input;
  /** Bytes still to come, or CHUNKED until the last chunk. */
  #left = 0;
  #decoder: ChunkedDecoder | undefined = undefined;
  /** Set once the end of the content can no longer be found. */
  #isBroken = false;
  /** The client waits for 100 Continue before it sends (RFC 9110 §10.1.1). */
  #isAwaited = false;

  constructor(input: Input) {
    this.#input = input;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  get isComplete(): boolean {
    return this.#left === 0;
  }

  begin(head: MessageHead): void {
    this.#left = head.contentLength;
    this.#isBroken = false;
    this.#isAwaited = head.expectsContinue && head.contentLength !== 0;
    if (head.contentLength !== CHUNKED) return;
    if (this.#decoder === undefined) this.#decoder = new ChunkedDecoder();
    else this.#decoder.reset();
  }

  /** True once: the client is to be told to send. */
  takeContinue(): boolean {
    const isAwaited = this.#isAwaited;
    this.#isAwaited = false;
    return isAwaited;
  }

  /**
   * Consumes one piece: `null` at the end, `undefined` where the client has yet to send more.
   *
   * @throws HttpError 400 where the chunked coding is malformed, 413 or 431 where it is over a limit.
   */
  take(): Uint8Array | null | undefined {
    if (this.#isBroken) throw new HttpError('The content is malformed.', 400);
    if (this.#left === 0) return null;
    const input = this.#input;
    if (input.isEmpty) return undefined;
    this.#isAwaited = false;
    if (this.#left !== CHUNKED) {
      const start = input.position;
      input.position = Math.min(input.end, start + this.#left);
      this.#left -= input.position - start;
      return input.bytes.subarray(start, input.position);
    }
    const decoder = this.#decoder as ChunkedDecoder;
    input.position = decoder.decode(input.bytes, input.position, input.end);
    if (decoder.result === DATA) return input.bytes.subarray(decoder.dataStart, decoder.dataEnd);
    if (decoder.result === NEED_MORE) return undefined;
    if (decoder.result === DONE) {
      this.#left = 0;
      return null;
    }
    this.#isBroken = true;
    const { status, detail } = REJECTIONS[decoder.rejection as Rejection];
    throw new HttpError(detail, status);
  }

  /** Consumes all of it where all has arrived. */
  takeWhole(): Uint8Array | undefined {
    const input = this.#input;
    if (this.#left <= 0 || this.#isBroken || input.end - input.position < this.#left) return undefined;
    return this.take() as Uint8Array;
  }

  /** Gives up: what follows in the input can no longer be told apart. */
  abandon(): void {
    this.#isBroken = true;
  }

  /** Drops content up to its end, or as far as it has arrived. True at the end. */
  skip(): boolean {
    try {
      for (;;) {
        const piece = this.take();
        if (piece === null) return true;
        if (piece === undefined) return false;
      }
    } catch {
      return false;
    }
  }

  /**
   * Whether the next request can be found behind content that the handler did not read: it is here, or little is
   * left. A client that still awaits 100 may send its content or not, so nobody knows where the next request begins.
   */
  canBeSkipped(): boolean {
    if (this.#left === 0) return true;
    if (this.#isAwaited || this.#isBroken) return false;
    return this.skip() || (!this.#isBroken && this.#left !== CHUNKED && this.#left <= MAX_SKIPPED_BYTES);
  }
}
