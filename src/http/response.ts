/** Builds one response, sends it at once or piece by piece. */

import type { Duplex } from 'node:stream';
import { isUint8Array } from 'node:util/types';
import { fieldLine } from '../protocol/head-writer.js';
import { trailerLine } from './content-stream.js';
import { type EventStream, type EventStreamOptions, openEventStream } from './events/event-stream.js';
import type { FieldLines } from './field-lines.js';
import { HttpError } from './http-error.js';
import { OutgoingMessage } from './outgoing-message.js';
import { DEFAULT_TYPE, ResponseHead } from './response-head.js';
import type { ResponseSink } from './response-sink.js';
import { cancelSource, openSource, type StreamSource } from './stream-source.js';

/** Writes the head of an answer, latin1 text, on the socket that is given away with it. */
export type HeadWriter = (socket: Duplex, head: string) => void;

const writeHead: HeadWriter = (socket, head) => void socket.write(head, 'latin1');

/** Sees a response just before its head leaves; `content` is all of it where it is sent whole. */
export type HeadListener = (res: Response, content: string | Uint8Array | undefined) => void;

/** Not refused by {@link Response.setStatus}, which sets final statuses. */
const SWITCHING_PROTOCOLS = 101;

/** The response to one request: sent at once by {@link Response.send}, or piece by piece by {@link Response.write}. */
export class Response {
  /**
   * Keeps the response open after its handler has ended. Set it where something else will send it; otherwise a
   * handler that ends without sending ends the response.
   */
  holdOpen = false;

  readonly #sink: ResponseSink;
  readonly #head = new ResponseHead();
  readonly #message: OutgoingMessage;
  #appended: (string | Uint8Array)[] | undefined = undefined;
  #headListeners: HeadListener[] | undefined = undefined;
  #isGivenAway = false;

  /** `minorVersion` is the request's: a client of HTTP/1.0 gets no chunks. */
  constructor(sink: ResponseSink, method: string, minorVersion: number) {
    this.#sink = sink;
    this.#message = new OutgoingMessage(sink, this.#head, method, minorVersion > 0);
  }

  /** The status that is sent. Default 200. */
  get status(): number {
    return this.#head.status || 200;
  }

  /** Whether a handler has chosen a status. */
  get hasStatus(): boolean {
    return this.#head.status !== 0;
  }

  /** Bytes of content handed to the socket so far. Head and chunk framing do not count. */
  get bytesSent(): number {
    return this.#message.bytesSent;
  }

  /**
   * Sets the status, 200 to 599. A reason phrase of your own may replace the registered one.
   *
   * @throws RangeError for another status; TypeError when the phrase could end the status line.
   */
  setStatus(status: number, reason?: string): this {
    this.#assertOpen('setStatus');
    this.#head.setStatus(status, reason);
    return this;
  }

  /**
   * Adds a field line after those of the same name.
   *
   * @throws TypeError when the name is no token, the value has a control character or one over U+00FF, or the field
   * is `Transfer-Encoding`, which the framing decides.
   */
  addHeader(name: string, value: string): this {
    this.#assertOpen('addHeader');
    this.#head.add(name, value);
    return this;
  }

  /** Sets a field, in place of all of that name. @throws TypeError as {@link addHeader}. */
  setHeader(name: string, value: string): this {
    this.#assertOpen('setHeader');
    this.#head.set(name, value);
    return this;
  }

  /** Sets fields that were checked before, in place of all of those names: for middleware that sets many. */
  setFields(fields: FieldLines): this {
    this.#assertOpen('setFields');
    this.#head.setLines(fields);
    return this;
  }

  /** Removes every line of a field. */
  removeHeader(name: string): this {
    this.#assertOpen('removeHeader');
    this.#head.remove(name);
    return this;
  }

  /** Returns the value set for a field, several joined with a comma. */
  getHeader(name: string): string | undefined {
    return this.#head.get(name);
  }

  /** Each field line set so far, its name in lower case. What only the framing decides is not among them. */
  fields(): IterableIterator<[name: string, value: string]> {
    return this.#head.fields();
  }

  /** @throws TypeError as {@link addHeader}. */
  setContentType(type: string): this {
    this.#assertOpen('setContentType');
    this.#head.setType(type);
    return this;
  }

  /**
   * Declares the size of the content, in bytes. Needed only for content that is streamed: sending more or less than
   * declared is an error.
   *
   * @throws RangeError unless it is a whole number from 0.
   */
  setContentLength(length: number): this {
    this.#assertOpen('setContentLength');
    this.#head.setLength(length);
    return this;
  }

  /** Adds `name` to the fields of the request that the response depends on (RFC 9110 §12.5.5), once; `*` is all. */
  vary(name: string): this {
    this.#assertOpen('vary');
    const names = this.#head.get('vary')?.split(/ *, */) ?? [];
    if (names.includes('*') || names.some((one) => one.toLowerCase() === name.toLowerCase())) return this;
    this.#head.set('Vary', name === '*' ? name : [...names, name].join(', '));
    return this;
  }

  /**
   * Adds a field that is sent after the content (RFC 9110 §6.5): a digest for instance, known only then. Call it before
   * the end; where it is known before the head leaves, the head announces it. Content is chunked for it. Clients of
   * HTTP/1.0 get none, nor does an answer without content.
   *
   * @throws TypeError as {@link addHeader}, and for a field that has to stand in the head. Error after the end.
   */
  addTrailer(name: string, value: string): this {
    if (this.#message.isEnding) throw new Error('addTrailer: the response has already ended');
    this.#message.trailers += trailerLine(name, value);
    if (this.#message.isOpen) this.#head.add('Trailer', name);
    return this;
  }

  /**
   * Calls `listener` once, just before the head leaves, also that of an error: status and fields can still be changed.
   * The last added is called first, so the outermost middleware has the last word.
   */
  onHead(listener: HeadListener): this {
    this.#assertOpen('onHead');
    this.#headListeners ??= [];
    this.#headListeners.push(listener);
    return this;
  }

  /**
   * Passes the content through `transform`, a stream of `node:zlib` for instance, before it is framed; a declared
   * Content-Length is dropped. To be called by a listener of {@link onHead}, which sets `Content-Encoding` as well.
   *
   * @throws Error where another one does so already.
   */
  encode(transform: Duplex): this {
    this.#assertOpen('encode');
    const message = this.#message;
    if (message.transform !== undefined) throw new Error('encode: the content passes through a transform already');
    message.transform = transform;
    return this;
  }

  /**
   * Sends 103 Early Hints (RFC 8297) at once: fields, `Link` for instance, that the client may act on while the answer
   * is made. May be called more than once, before the answer. Clients of HTTP/1.0 get none.
   *
   * @throws TypeError as {@link addHeader}. Error once the response was sent.
   */
  writeEarlyHints(fields: Readonly<Record<string, string | readonly string[]>>): this {
    this.#assertOpen('writeEarlyHints');
    let lines = '';
    for (const [name, values] of Object.entries(fields)) {
      for (const value of typeof values === 'string' ? [values] : values) lines += fieldLine(name, value);
    }
    const { isForHttp11, isOpen } = this.#message;
    if (!isOpen) return this;
    if (isForHttp11) this.#sink.write(`HTTP/1.1 103 Early Hints\r\n${lines}\r\n`);
    else this.#sink.takeEarlyHints?.(lines);
    return this;
  }

  /** Adds content that {@link send} will send; nothing leaves yet. */
  appendBody(chunk: string | Uint8Array): this {
    this.#assertOpen('appendBody');
    this.#appended ??= [];
    this.#appended.push(chunk);
    return this;
  }

  /** Whether content waits for {@link send}. */
  get hasBody(): boolean {
    return this.#appended !== undefined;
  }

  /** Whether the head has left, or can no longer leave. Nothing in it can be changed any more. */
  hasSent(): boolean {
    return !this.#message.isOpen;
  }

  /** Whether the head has left for the client. False for ever where the client left before. */
  wasSent(): boolean {
    return this.#message.wasSent;
  }

  /** Whether the response is complete, or cut off because the client left. */
  hasEnded(): boolean {
    return this.#message.hasEnded;
  }

  /**
   * Sends the response whole: what was appended, then `body`. Text is `text/plain` as UTF-8 and bytes are
   * `application/octet-stream` where no other type was set. A HEAD request and the statuses 204, 205 and 304 get none.
   *
   * @throws TypeError for anything else: its length would be a guess, and the next response lost. Error when it was
   * sent already, or differs from the declared Content-Length.
   */
  send(body?: string | Uint8Array): this {
    this.#assertOpen('send');
    if (this.#message.wasCutOff) return this;
    const content = this.#appended === undefined ? (body ?? '') : this.#joinAppended(body);
    if (typeof content !== 'string') checkBytes(content, 'send');
    if (content.length > 0 && this.#head.typeLine === '') {
      this.#head.typeLine = typeof content === 'string' ? DEFAULT_TYPE.text : DEFAULT_TYPE.bytes;
    }
    if (this.#headListeners !== undefined) this.#callHeadListeners(content);
    this.#message.sendWhole(content);
    return this;
  }

  /** Sends `value` as JSON. @throws TypeError where it has none: `undefined`, a function, a big integer, a cycle. */
  json(value: unknown): this {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`json: ${typeof value} cannot be sent as JSON`);
    if (this.#head.typeLine === '') this.#head.typeLine = DEFAULT_TYPE.json;
    return this.send(text);
  }

  /**
   * Sends a piece of content; the first call sends the head. Returns a promise only where the client is slower than
   * the pieces come: await it before the next. Does nothing once the client has left.
   *
   * @throws TypeError unless it is text or bytes. Error after the end, or beyond the declared Content-Length.
   */
  write(chunk: string | Uint8Array): void | Promise<void> {
    if (typeof chunk !== 'string') checkBytes(chunk, 'write');
    const message = this.#message;
    if (message.isOpen) this.#begin();
    if (message.wasCutOff) return;
    if (message.isEnding) throw new Error('write: the response has already ended');
    return message.write(chunk);
  }

  /** Ends content that was sent by {@link write}. @throws Error where less was sent than declared. */
  end(): this {
    if (this.#message.isOpen) return this.send();
    if (!this.#message.isEnding && !this.#message.hasEnded) this.#message.end();
    return this;
  }

  /**
   * Sends everything that `source` gives, no faster than the client takes it, then ends. When the client leaves, the
   * source is cancelled: a generator by `return()`, a `Readable` by `destroy()`, a `ReadableStream` by `cancel()`. So it
   * is at once where no content may be sent: to HEAD, with 204, 205 or 304, and once the response has ended.
   *
   * @throws Error after the end.
   */
  async stream(source: StreamSource): Promise<void> {
    if (this.#message.isEnding) {
      // A time limit has answered meanwhile, say.
      cancelSource(source);
      throw new Error('stream: the response has already ended');
    }
    this.holdOpen = true;
    if (this.#head.typeLine === '') this.#head.typeLine = DEFAULT_TYPE.bytes;
    const [pieces, cancel] = openSource(source);
    let isGone = false;
    this.#sink.onGone(() => {
      isGone = true;
      cancel();
    });
    try {
      if (this.#message.isOpen) this.#begin();
    } catch (error) {
      // A listener of the head wants another answer: nobody reads the source any more.
      cancel();
      throw error;
    }
    if (!this.#message.carriesContent) {
      // A source may be endless, and none of it would be sent.
      cancel();
      this.end();
      return;
    }
    try {
      for (;;) {
        const piece = await pieces.next();
        if (isGone) return;
        if (piece.done) break;
        const slow = this.write(piece.value);
        if (slow !== undefined) await slow;
      }
    } catch (error) {
      if (isGone) return;
      throw error;
    } finally {
      if (isGone) await pieces.return?.(undefined)?.catch(() => {});
    }
    this.end();
  }

  /**
   * Answers with server-sent events, until `close()`, the client leaves or the server drains: then clients connect
   * again. Holds the response open. To HEAD only the head is sent, and the stream is closed from the start.
   */
  events(options?: EventStreamOptions): EventStream {
    this.#assertOpen('events');
    this.holdOpen = true;
    const onGone = (listener: () => void) => {
      // Once this response is complete, whoever leaves next is of another exchange.
      if (!this.#message.isComplete) this.#sink.onGone(listener);
    };
    const events = openEventStream(this, onGone, options);
    if (this.#message.carriesContent) this.#sink.becomeEndless();
    else events.close();
    return events;
  }

  /**
   * Answers 101 and gives the socket away, for `protocol` to be spoken on it (RFC 9110 §7.8): whatever the client has
   * sent behind its request is the first that is read from it. The socket is the caller's, its errors and its end too:
   * it stays half open until both sides have ended it. `req.signal` aborts when it closes, and when the server drains:
   * then it is to be ended in the protocol's own way. A library that writes the head itself is called as `write`.
   *
   * @throws HttpError 426 where the client did not ask for `protocol`. Error once the response was sent, or where
   * content of the request is unread.
   */
  upgrade(protocol: string, write: HeadWriter = writeHead): Duplex {
    this.#assertOpen('upgrade');
    if (!this.#message.isForHttp11 || !this.#sink.offersUpgrade(protocol)) {
      throw new HttpError(`This is served over ${protocol} alone.`, 426, { headers: { Upgrade: protocol } });
    }
    this.#head.status = SWITCHING_PROTOCOLS;
    this.#head.set('Upgrade', protocol);
    return this.#giveAway(write);
  }

  /** Answers a CONNECT request with the status set, 200 by default, and gives the socket away as {@link upgrade} does. */
  tunnel(): Duplex {
    this.#assertOpen('tunnel');
    if (!this.#message.opensTunnel) throw new Error(`tunnel: only a 2xx to CONNECT opens one, this is ${this.status}`);
    return this.#giveAway(writeHead);
  }

  /**
   * Gives the socket away as {@link upgrade} does, with nothing written to it: for a library that answers the request
   * itself. `status` is what it will answer, for logs.
   */
  detach(status = SWITCHING_PROTOCOLS): Duplex {
    this.#assertOpen('detach');
    const socket = this.#message.detach(status);
    this.holdOpen = true;
    this.#isGivenAway = true;
    return socket;
  }

  #giveAway(write: HeadWriter): Duplex {
    const { status } = this;
    this.#callHeadListeners(undefined);
    const end = status === SWITCHING_PROTOCOLS ? 'Connection: Upgrade\r\n\r\n' : '\r\n';
    const head = this.#head.write(status, end);
    const socket = this.detach(status);
    write(socket, head);
    return socket;
  }

  /**
   * Whether it was cut off: the client left before its end, or has been left by {@link destroy}. Never where the socket was
   * given away: how that ends is for whoever has it to tell.
   */
  wasCutOff(): boolean {
    return this.#message.wasCutOff && !this.#isGivenAway;
  }

  /** Cuts the response off by closing the connection. */
  destroy(): void {
    this.#message.destroy();
  }

  /** Calls `listener` once, when the response is complete or the client has left before. */
  onFinish(listener: (res: Response) => void): this {
    this.#message.onFinish(() => listener(this));
    return this;
  }

  /** Called by the connection when the client has left. @internal */
  cutOff(): void {
    this.#message.cutOff();
  }

  /**
   * Forgets the content that was prepared and what described it, so that an error can be answered instead. Fields
   * about the exchange stay: without those of CORS a browser could not read the error. @internal
   */
  reset(): void {
    this.#assertOpen('reset');
    this.#head.reset();
    this.#appended = undefined;
    this.#message.transform?.destroy();
    this.#message.transform = undefined;
  }

  #assertOpen(member: string): void {
    if (this.#message.isCommitted) throw new Error(`${member}: the response was already sent`);
  }

  #joinAppended(body: string | Uint8Array | undefined): string | Uint8Array {
    const chunks = this.#appended ?? [];
    if (body !== undefined) chunks.push(body);
    if (chunks.every((chunk) => typeof chunk === 'string')) return chunks.join('');
    return Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
  }

  /** Sends the head, and what was appended. */
  #begin(): void {
    this.#callHeadListeners(undefined);
    const appended = this.#appended;
    this.#appended = undefined;
    this.#message.begin();
    for (const chunk of appended ?? []) void this.write(chunk);
  }

  /** Nothing they do may send the response: it is being sent. */
  #callHeadListeners(content: string | Uint8Array | undefined): void {
    const listeners = this.#headListeners;
    if (listeners === undefined) return;
    // Those outside of one that throws see the answer to its error.
    for (let listener = listeners.pop(); listener !== undefined; listener = listeners.pop()) listener(this, content);
    this.#assertOpen('onHead');
  }
}

/** Whatever else has a `length` counts something other than bytes. */
function checkBytes(content: unknown, member: string): void {
  if (isUint8Array(content)) return;
  const found = typeof content === 'object' ? (content?.constructor?.name ?? 'null') : typeof content;
  throw new TypeError(`${member}: content is a string or a Uint8Array, got ${found}`);
}
