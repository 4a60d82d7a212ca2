/** Reads the content of one request, under a size limit. */

import { isUtf8 } from 'node:buffer';
import { CHUNKED, type MessageHead } from '../protocol/message-head.js';
import { parseForm, type Query } from '../protocol/target.js';
import { HttpError } from './http-error.js';
import { parseJson } from './json.js';

export { parseForm };

/**
 * Where content comes from. The connection implements it; nothing is read from the socket before it is asked. Each
 * call names the head whose content is meant: one that outlives its exchange is refused instead of reading the next
 * request's content.
 */
export interface ContentSource {
  /**
   * Returns the piece of content at hand, `null` at the end of the content, or `undefined` when the client has yet
   * to send more. The bytes stay valid.
   *
   * @throws HttpError 400 where the chunked coding is malformed, 413 or 431 where it is over a limit.
   */
  readContent(head: MessageHead): Uint8Array | null | undefined;

  /** As {@link readContent} where it would return all of the content at once, otherwise `undefined`. */
  readWholeContent(head: MessageHead): Uint8Array | undefined;

  /**
   * Resolves when {@link readContent} has something new to say; asks for more from the socket meanwhile.
   * Rejects with an HttpError 408 when the client is too slow, with {@link ClientGone} when it has left.
   */
  contentArrives(head: MessageHead): Promise<void>;
}

/** The client left before its request was complete, or before its answer was. */
export class ClientGone extends Error {
  constructor(message = 'The client closed the connection', options?: ErrorOptions) {
    super(message, options);
  }
}
ClientGone.prototype.name = 'ClientGone';

const EMPTY = Buffer.alloc(0);

export class RequestBody {
  readonly #head: MessageHead;
  readonly #source: ContentSource;
  readonly #limit: number;
  #bytes: Promise<Buffer> | undefined = undefined;
  #bytesAtHand: Buffer | undefined = undefined;
  #streamed = false;

  constructor(head: MessageHead, source: ContentSource, limit: number) {
    this.#head = head;
    this.#source = source;
    this.#limit = limit;
  }

  /**
   * The whole content where it came with its head, as small content does: without the promise of {@link bytes}, which
   * says what is wrong with any other.
   */
  bytesAtHand(): Buffer | undefined {
    if (this.#bytes === undefined && !this.#streamed && this.#head.contentLength <= this.#limit) {
      const whole = this.#source.readWholeContent(this.#head);
      if (whole !== undefined) {
        this.#bytesAtHand = bufferOf(whole);
        this.#bytes = Promise.resolve(this.#bytesAtHand);
      }
    }
    return this.#bytesAtHand;
  }

  /** The whole content. Asked for again, it is the same buffer. @throws HttpError 413 over the limit. */
  bytes(): Promise<Buffer> {
    this.#bytes ??= forgivable(
      this.#streamed ? Promise.reject(new Error('The content was already read as a stream')) : this.#collect(),
    );
    return this.#bytes;
  }

  /** @throws HttpError 400 where the content is not UTF-8. */
  text(): Promise<string> {
    return forgivable(this.bytes().then(decodeText));
  }

  json(): Promise<unknown> {
    return forgivable(this.bytes().then((bytes) => parseJson(decodeText(bytes))));
  }

  form(): Promise<Query> {
    return forgivable(this.bytes().then((bytes) => parseForm(decodeText(bytes))));
  }

  /** As {@link stream}; in one piece where the content was read whole before. */
  async *pieces(): AsyncGenerator<Uint8Array, void> {
    if (this.#bytes === undefined) yield* this.stream();
    else yield await this.#bytes;
  }

  /** The content piece by piece, as fast as it is asked for. @throws HttpError 413 over the limit. */
  async *stream(): AsyncGenerator<Uint8Array, void> {
    if (this.#bytes !== undefined || this.#streamed) throw new Error('The content was already read');
    this.#streamed = true;
    this.#refuseDeclaredSize();
    let size = 0;
    for (;;) {
      const piece = this.#source.readContent(this.#head);
      if (piece === null) return;
      if (piece === undefined) {
        await this.#source.contentArrives(this.#head);
        continue;
      }
      size += piece.length;
      if (size > this.#limit) throw this.#tooLarge();
      yield piece;
    }
  }

  async #collect(): Promise<Buffer> {
    const declared = this.#head.contentLength;
    if (declared === 0) return EMPTY;
    this.#refuseDeclaredSize();
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const piece = this.#source.readContent(this.#head);
      if (piece === null) break;
      if (piece === undefined) {
        await this.#source.contentArrives(this.#head);
        continue;
      }
      size += piece.length;
      if (size > this.#limit) throw this.#tooLarge();
      pieces.push(piece);
    }
    const [first] = pieces;
    if (first === undefined) return EMPTY;
    return pieces.length === 1 ? bufferOf(first) : Buffer.concat(pieces, size);
  }

  /** Where Content-Length already says that it is too much, nothing is read (RFC 9110 §15.5.14). */
  #refuseDeclaredSize(): void {
    if (this.#head.contentLength !== CHUNKED && this.#head.contentLength > this.#limit) throw this.#tooLarge();
  }

  #tooLarge(): HttpError {
    return new HttpError(`The content is larger than the ${this.#limit} bytes accepted here.`, 413);
  }
}

const ignore = () => {};

/**
 * A promise that may be left alone. A handler may begin to read, then answer without waiting; when the client leaves
 * meanwhile, a rejection that nobody handles would end the process.
 */
export function forgivable<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore);
  return promise;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** @throws HttpError 400 where `bytes` are not UTF-8. A byte order mark is left out. */
export function decodeText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new HttpError('The content is not valid UTF-8.', 400);
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', hasMark ? 3 : 0);
}
