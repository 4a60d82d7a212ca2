/** Sends one response: its head, its content as it is framed, its end. */

import type { Duplex } from 'node:stream';
import { lengthEnd } from '../protocol/head-writer.js';
import { statusHasContent } from '../protocol/status.js';
import { ContentEncoder } from './content-encoder.js';
import { ContentStream, MAX_JOINED } from './content-stream.js';
import { type ResponseHead, UNDECLARED } from './response-head.js';
import type { ResponseSink } from './response-sink.js';

/** Characters from which on text is encoded by the sink: shorter text leaves faster as a string, joined to its head. */
const MIN_ENCODED = 8_192;

const OPEN = 0; // nothing has left
const STREAMING = 1; // the head has left, content follows
const ENDED = 2; // complete
const CUT_OFF = 3; // the client left: whatever is still sent goes nowhere

export class OutgoingMessage {
  readonly #sink: ResponseSink;
  readonly #head: ResponseHead;
  readonly #method: string;
  /** Whether it is for a client of HTTP/1.1: one of 1.0 knows no chunks, and no interim responses. */
  readonly isForHttp11: boolean;
  /** What the content passes through before it is framed. */
  transform: Duplex | undefined = undefined;
  /** Field lines that follow the content. */
  trailers = '';
  /** Whether the head has left for the client. */
  wasSent = false;
  #phase = OPEN;
  #persists = false;
  /** Bytes of content that was sent whole. */
  #wholeBytes = 0;
  #content: ContentStream | undefined = undefined;
  #encoder: ContentEncoder | undefined = undefined;
  #isEnding = false;
  #finishListeners: (() => void)[] | undefined = undefined;

  constructor(sink: ResponseSink, head: ResponseHead, method: string, isForHttp11: boolean) {
    this.#sink = sink;
    this.#head = head;
    this.#method = method;
    this.isForHttp11 = isForHttp11;
  }

  /** Whether nothing has left, and the client is there. */
  get isOpen(): boolean {
    return this.#phase === OPEN;
  }

  /** Whether the head has left for a client that is there: nothing in it can be changed, which would be a mistake. */
  get isCommitted(): boolean {
    return this.#phase === STREAMING || this.#phase === ENDED;
  }

  /** Whether nothing can be added: it has ended, or will once what it passes through has. */
  get isEnding(): boolean {
    return this.#isEnding || this.#phase === ENDED;
  }

  get hasEnded(): boolean {
    return this.#phase >= ENDED;
  }

  get isComplete(): boolean {
    return this.#phase === ENDED;
  }

  get wasCutOff(): boolean {
    return this.#phase === CUT_OFF;
  }

  get bytesSent(): number {
    return this.#content === undefined ? this.#wholeBytes : this.#content.bytesSent;
  }

  /** Whether content may follow the head: not to HEAD, and not with 204, 205 or 304. */
  get carriesContent(): boolean {
    return this.#method !== 'HEAD' && statusHasContent(this.#status);
  }

  /** Whether it answers CONNECT with success: the tunnel begins after the head (RFC 9110 §9.3.6). */
  get opensTunnel(): boolean {
    return this.#method === 'CONNECT' && this.#status < 300;
  }

  get #status(): number {
    return this.#head.status || 200;
  }

  /** Sends head and content at once. @throws Error where the declared Content-Length is another. */
  sendWhole(content: string | Uint8Array): void {
    if (this.transform !== undefined || this.trailers !== '') {
      this.begin();
      void this.write(content);
      this.end();
      return;
    }
    if (typeof content === 'string' && content.length >= MIN_ENCODED) {
      const encoded = this.#sink.encode(content);
      if (encoded !== undefined) {
        this.#send(encoded, encoded.length, true);
        return;
      }
    }
    this.#send(content, typeof content === 'string' ? Buffer.byteLength(content) : content.length, false);
  }

  #send(content: string | Uint8Array, length: number, isEncoded: boolean): void {
    const head = this.#head;
    const isBare = this.#method === 'HEAD' || head.status === 304;
    if (head.length !== UNDECLARED && head.length !== length && !(isBare && length === 0)) {
      throw new Error(`send: Content-Length was declared as ${head.length}, the content has ${length} bytes`);
    }
    // To HEAD the length is that of the content a GET would get, which nobody told (RFC 9110 §8.6). With 304 it would be
    // that of a 200, which a transform might have changed.
    if (head.length === UNDECLARED && !(isBare && length === 0) && head.status !== 304) head.length = length;
    const text = this.#writeHead(true, false);
    if (!this.carriesContent || length === 0) {
      this.#sink.write(text);
    } else {
      this.#wholeBytes = length;
      if (isEncoded) this.#sink.writeEncoded(text, content as Uint8Array);
      else this.#writeBehind(text, content, length);
    }
    this.#complete();
  }

  #writeBehind(head: string, content: string | Uint8Array, length: number): void {
    // As many bytes as characters: it is ASCII and may join the head as latin1.
    if (typeof content === 'string' && length === content.length && length <= MAX_JOINED) {
      this.#sink.write(head + content);
      return;
    }
    this.#sink.write(head);
    this.#sink.write(typeof content === 'string' && length !== content.length ? Buffer.from(content) : content);
  }

  /** Sends the head; content follows by {@link write}. */
  begin(): void {
    const head = this.#head;
    const { transform } = this;
    if (transform !== undefined || this.trailers !== '') head.length = UNDECLARED;
    const hasContent = statusHasContent(this.#status);
    const isChunked = hasContent && head.length === UNDECLARED && this.isForHttp11 && !this.opensTunnel;
    if (hasContent && head.length === UNDECLARED && !isChunked) head.closes = true;
    const text = this.#writeHead(false, isChunked);
    const { carriesContent } = this;
    const content = new ContentStream(this.#sink, isChunked && carriesContent, head.length);
    this.#content = content;
    this.#phase = STREAMING;
    this.#sink.write(text);
    if (!carriesContent) transform?.destroy();
    else if (transform !== undefined) this.#startEncoder(transform, content);
  }

  #startEncoder(transform: Duplex, content: ContentStream): void {
    const settle = (step: () => void) => {
      if (this.#phase !== STREAMING) return;
      try {
        step();
      } catch (error) {
        this.#sink.fail(error);
      }
    };
    this.#encoder = new ContentEncoder(transform, content, {
      onEnd: () => settle(() => this.#endContent()),
      onError: (error) => {
        settle(() => {
          throw error;
        });
      },
    });
  }

  /** Sends a piece of content. Returns a promise only where the client is slower. @throws Error beyond its length. */
  write(piece: string | Uint8Array): void | Promise<void> {
    if (piece.length === 0 || !this.carriesContent) return;
    try {
      return (this.#encoder ?? this.#content)?.write(piece);
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Ends the content that was sent by {@link write}. @throws Error where less was sent than declared. */
  end(): void {
    if (this.#encoder !== undefined) {
      this.#isEnding = true;
      this.#encoder.end();
    } else {
      this.#endContent();
    }
  }

  #endContent(): void {
    const content = this.#content as ContentStream;
    if (!content.isComplete && this.carriesContent) {
      this.destroy();
      throw new Error(`end: ${content.bytesSent} bytes were sent of a declared Content-Length of ${this.#head.length}`);
    }
    content.end(this.trailers);
    if (this.trailers !== '') this.#sink.takeTrailers?.(this.trailers);
    this.#complete();
  }

  /** Gives the socket away. Nothing is written to it; `status` is what whoever takes it answers. */
  detach(status: number): Duplex {
    const socket = this.#sink.detach();
    this.#head.status = status;
    this.wasSent = true;
    this.#phase = STREAMING;
    this.#isEnding = true;
    return socket;
  }

  destroy(): void {
    if (this.#phase >= ENDED) return;
    this.#sink.destroy();
    this.cutOff();
  }

  /** Takes note that the client has left. */
  cutOff(): void {
    if (this.#phase >= ENDED) return;
    this.#phase = CUT_OFF;
    this.#encoder?.destroy();
    this.#callFinishListeners();
  }

  /** Calls `listener` once, at the end, whichever it is. */
  onFinish(listener: () => void): void {
    if (this.#phase >= ENDED) {
      listener();
      return;
    }
    this.#finishListeners ??= [];
    this.#finishListeners.push(listener);
  }

  /** Decides how the content is delimited and whether the connection persists, and writes both into the head. */
  #writeHead(isWhole: boolean, isChunked: boolean): string {
    const head = this.#head;
    const status = this.#status;
    // 205 has no content, and is framed all the same (RFC 9110 §15.3.6).
    const length = status === 205 ? 0 : status === 204 ? UNDECLARED : head.length;
    const isTunnel = this.opensTunnel;
    if (isTunnel) head.closes = true;
    this.wasSent = true;
    if (this.#sink.takeHead !== undefined) {
      head.length = length;
      this.#sink.takeHead(head, status, isWhole);
      return '';
    }
    this.#persists = !head.closes && this.#sink.persists(isWhole);
    const isFramedByLength = length !== UNDECLARED && !isChunked && !isTunnel;
    if (this.#persists && this.isForHttp11 && !head.upgrades && isFramedByLength) {
      return head.write(status, lengthEnd(length));
    }
    let end = isChunked ? 'Transfer-Encoding: chunked\r\n' : isFramedByLength ? `Content-Length: ${length}\r\n` : '';
    // Who names protocols to go on with says so in Connection as well (RFC 9110 §7.8).
    if (head.upgrades) end += this.#persists ? 'Connection: Upgrade\r\n' : 'Connection: close, Upgrade\r\n';
    else if (!this.#persists) end += 'Connection: close\r\n';
    else if (!this.isForHttp11) end += 'Connection: keep-alive\r\n';
    return head.write(status, `${end}\r\n`);
  }

  #complete(): void {
    this.#phase = ENDED;
    this.#sink.finish(this.#persists);
    this.#callFinishListeners();
  }

  #callFinishListeners(): void {
    const listeners = this.#finishListeners;
    if (listeners === undefined) return;
    this.#finishListeners = undefined;
    let failure: { readonly error: unknown } | undefined;
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        failure ??= { error };
      }
    }
    // The others have been called; whoever ended the response hears of the first that failed.
    if (failure !== undefined) throw failure.error;
  }
}
