/** Runs one socket: reads requests, has them served in order, writes their answers. */

import type { Duplex } from 'node:stream';
import { HttpError } from '../http/http-error.js';
import { Request, type RequestSource } from '../http/request.js';
import { ClientGone } from '../http/request-body.js';
import { Response, type ResponseSink } from '../http/response.js';
import { ChunkedDecoder, DATA, DONE } from '../protocol/chunked-decoder.js';
import { HeadParser, NEED_MORE, REJECTED } from '../protocol/head-parser.js';
import { CONTINUE } from '../protocol/head-writer.js';
import { CHUNKED, type MessageHead } from '../protocol/message-head.js';
import type { Rejection } from '../protocol/rejection.js';
import type { Opts } from './opts.js';
import { NEVER, type Timed, type Timeouts } from './timeouts.js';

/** What a connection asks of its Server. */
export interface ConnectionHost {
  readonly opts: Opts;
  readonly timeouts: Timeouts;
  /** Serves one request. */
  handle(req: Request, res: Response): void | Promise<void>;
  /** Answers what `handle` threw, as far as the response still can be. Never throws. */
  fail(error: unknown, req: Request, res: Response): void;
  /** Answers a message that is no acceptable request. Never throws. */
  refuse(rejection: Rejection, res: Response): void;
}

// What the connection is about.
const READING = 0; // awaits a request head, or has part of one
const SERVING = 1; // a handler has the request
const DISCARDING = 2; // the answer is complete, the rest of the content is dropped
const LINGERING = 3; // nothing more is answered; input is dropped until the client has read the answer
const CLOSED = 4;

/** Content that nobody read is dropped up to this many bytes; beyond it the connection closes instead. */
const MAX_DISCARD_BYTES = 131_072;
/** Time for the client to read the last answer before the socket is destroyed (RFC 9112 §9.6). */
const LINGER_MS = 2_000;
/** Output that waits for the end of the turn, in bytes, before it is handed to the socket. */
const MAX_PENDING_OUTPUT = 65_536;

const NO_BYTES = Buffer.alloc(0);

export class Connection implements RequestSource, ResponseSink, Timed {
  readonly socket: Duplex;
  readonly #host: ConnectionHost;
  readonly #parser: HeadParser;
  #state = READING;

  // Input: what has arrived and is not yet consumed. Bytes once received are never overwritten.
  #bytes: Buffer = NO_BYTES;
  #position = 0;
  #end = 0;
  #ownsBytes = false;
  #isPaused = false;
  #inputEnded = false;

  // The exchange in progress.
  #head: MessageHead | undefined = undefined;
  #res: Response | undefined = undefined;
  #contentLeft = 0;
  #decoder: ChunkedDecoder | undefined = undefined;
  #contentIsBroken = false;
  #owesContinue = false;
  #contentWaiter: { resolve: () => void; reject: (reason: Error) => void } | undefined = undefined;
  #goneListeners: (() => void)[] | undefined = undefined;
  #leavesAtHalfClose = false;
  #served = 0;
  #isDraining = false;
  #isTurnedAway = false;

  // Output: text of this turn that waits to leave in one write.
  #output = '';
  #isBatching = false;
  #isCorked = false;
  #isBlocked = false;
  #flushIsScheduled = false;
  #drainWaiters: (() => void)[] | undefined = undefined;

  #readDeadline = NEVER;
  #writeDeadline = NEVER;
  #requestDeadline = NEVER;
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;

  constructor(socket: Duplex, host: ConnectionHost) {
    this.socket = socket;
    this.#host = host;
    this.#parser = new HeadParser(host.opts);
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** Serves the socket until it is closed. Never rejects: what a client does wrong ends with the client. */
  serve(): Promise<void> {
    const { socket } = this;
    // Errors of the socket are always followed by its close.
    socket.on('error', () => {});
    socket.on('close', () => this.#onClose());
    if (socket.destroyed) {
      this.#onClose();
      return this.#closed;
    }
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => this.#onDrain());
    // A connection that sends nothing is given as long as a head may take.
    this.#readDeadline = this.#host.timeouts.after(this.#host.opts.headersTimeout);
    this.#host.timeouts.watch(this);
    if (this.#isTurnedAway) this.#refuse('server-full');
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    return this.#closed;
  }

  /** Answers 503 as soon as it serves, and nothing else: the server is full, or closing. */
  turnAway(): void {
    this.#isTurnedAway = true;
  }

  /** Lets the request in progress finish and closes; an idle connection closes at once. */
  drain(): void {
    this.#isDraining = true;
    if (this.#state === READING && this.#position === this.#end) this.#close();
  }

  /** Closes the socket at once. */
  destroy(): void {
    this.#flush();
    this.socket.destroy();
  }

  // --- time

  get deadline(): number {
    return Math.min(this.#readDeadline, this.#writeDeadline);
  }

  expire(): void {
    const isReading = this.#readDeadline <= this.#writeDeadline;
    this.#readDeadline = NEVER;
    if (!isReading || this.#state >= DISCARDING) this.destroy();
    else if (this.#state === SERVING) this.#failContent(new HttpError('The content did not arrive in time.', 408));
    else if (this.#position < this.#end) this.#refuse('head-timeout');
    else this.#close();
  }

  // --- input

  #onData(chunk: Buffer): void {
    if (this.#state >= LINGERING) return;
    this.#append(chunk);
    if (this.#state === READING) this.#serveBuffered();
    else if (this.#state === DISCARDING) this.#discard();
    else if (this.#contentWaiter !== undefined) this.#wakeContentWaiter();
    else this.#steerInput();
  }

  /** Takes `chunk` as it is where nothing is left over; joins it to the rest in a buffer that grows by doubling. */
  #append(chunk: Buffer): void {
    if (this.#position === this.#end) {
      this.#bytes = chunk;
      this.#position = 0;
      this.#end = chunk.length;
      this.#ownsBytes = false;
      return;
    }
    const size = this.#end - this.#position + chunk.length;
    if (!this.#ownsBytes || this.#end + chunk.length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size * 2, 1024));
      this.#bytes.copy(grown, 0, this.#position, this.#end);
      this.#end -= this.#position;
      this.#position = 0;
      this.#bytes = grown;
      this.#ownsBytes = true;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  /** An idle connection holds no buffer. */
  #releaseBytes(): void {
    this.#bytes = NO_BYTES;
    this.#position = 0;
    this.#end = 0;
    this.#ownsBytes = false;
  }

  /** Reads on only where something can be done with it, or where nothing is buffered and a close must be noticed. */
  #steerInput(): void {
    const wants =
      this.#position === this.#end ||
      this.#contentWaiter !== undefined ||
      this.#state >= DISCARDING ||
      (this.#state === READING && !this.#isBlocked);
    if (wants === !this.#isPaused) return;
    this.#isPaused = !wants;
    if (wants) this.socket.resume();
    else this.socket.pause();
  }

  /** Serves every request already buffered. Answers given at once leave in one write. */
  #serveBuffered(): void {
    if (this.#isBatching) return;
    this.#isBatching = true;
    while (this.#state === READING && this.#position < this.#end && !this.#isBlocked) {
      const result = this.#parser.parse(this.#bytes, this.#position, this.#end);
      if (result === NEED_MORE) {
        this.#awaitHead();
        break;
      }
      if (result === REJECTED) this.#refuse(this.#parser.rejection as Rejection);
      else this.#dispatch(this.#parser.takeHead());
    }
    this.#isBatching = false;
    if (this.#state === SERVING) this.#scheduleFlush();
    else this.#flush();
    if (this.#position === this.#end) this.#releaseBytes();
    if (this.#inputEnded && this.#state === READING && !this.#isBlocked) this.#close();
    this.#steerInput();
  }

  /** The clock of a head starts at its first byte and does not restart with the next. */
  #awaitHead(): void {
    if (this.#requestDeadline !== NEVER) return;
    const { opts, timeouts } = this.#host;
    this.#readDeadline = timeouts.after(opts.headersTimeout);
    this.#requestDeadline = timeouts.after(opts.requestTimeout);
  }

  #dispatch(head: MessageHead): void {
    this.#position = head.end;
    this.#readDeadline = NEVER;
    this.#beginContent(head);
    const req = new Request(head, this);
    const res = new Response(this, head.method, head.minorVersion);
    this.#head = head;
    this.#res = res;
    this.#state = SERVING;
    try {
      const pending = this.#host.handle(req, res);
      if (pending !== undefined) {
        pending.then(
          () => this.#settle(req, res),
          (error: unknown) => this.#host.fail(error, req, res),
        );
        return;
      }
    } catch (error) {
      this.#host.fail(error, req, res);
      return;
    }
    this.#settle(req, res);
  }

  /** Ends a response that its handler left open, so that no client waits for ever. */
  #settle(req: Request, res: Response): void {
    if (res.hasEnded() || res.holdOpen) return;
    try {
      if (!res.hasSent() && !res.hasBody && !res.hasStatus) res.setStatus(204);
      res.end();
    } catch (error) {
      this.#host.fail(error, req, res);
    }
  }

  #refuse(rejection: Rejection): void {
    const res = new Response(this, 'GET', 1);
    this.#isDraining = true;
    this.#res = res;
    this.#state = SERVING;
    this.#host.refuse(rejection, res);
  }

  #onEnd(): void {
    this.#inputEnded = true;
    if (this.#state === SERVING) {
      if (this.#leavesAtHalfClose) this.destroy();
      else if (this.#contentWaiter !== undefined) this.#failContent(new ClientGone());
    } else if (!this.#isBlocked || this.#state !== READING) {
      this.#close();
    }
  }

  #onClose(): void {
    if (this.#state === CLOSED) return;
    const wasServing = this.#state === SERVING;
    this.#state = CLOSED;
    this.#host.timeouts.unwatch(this);
    this.#output = '';
    this.#releaseBytes();
    this.#failContent(new ClientGone());
    if (wasServing) {
      const listeners = this.#goneListeners;
      this.#goneListeners = undefined;
      for (const listener of listeners ?? []) listener();
      this.#res?.cutOff();
    }
    this.#wakeDrainWaiters();
    this.#resolveClosed();
  }

  // --- content of the request in progress

  get maxBodySize(): number {
    return this.#host.opts.maxBodySize;
  }

  #beginContent(head: MessageHead): void {
    this.#contentLeft = head.contentLength;
    this.#contentIsBroken = false;
    this.#owesContinue = head.expectsContinue && head.contentLength !== 0;
    if (head.contentLength === 0) return;
    if (head.contentLength === CHUNKED) {
      if (this.#decoder === undefined) this.#decoder = new ChunkedDecoder();
      else this.#decoder.reset();
    }
    if (this.#requestDeadline === NEVER) {
      this.#requestDeadline = this.#host.timeouts.after(this.#host.opts.requestTimeout);
    }
  }

  readContent(head: MessageHead): Uint8Array | null | undefined {
    if (head !== this.#head)
      throw this.#state === CLOSED ? new ClientGone() : new Error('The exchange is over: its content is gone');
    return this.#takeContent();
  }

  #takeContent(): Uint8Array | null | undefined {
    if (this.#contentIsBroken) throw new HttpError('The content is malformed.', 400);
    if (this.#contentLeft === 0) return null;
    if (this.#position === this.#end) return undefined;
    if (this.#contentLeft !== CHUNKED) {
      const start = this.#position;
      this.#position = Math.min(this.#end, start + this.#contentLeft);
      this.#contentLeft -= this.#position - start;
      return this.#bytes.subarray(start, this.#position);
    }
    const decoder = this.#decoder as ChunkedDecoder;
    this.#position = decoder.decode(this.#bytes, this.#position, this.#end);
    if (decoder.result === DATA) return this.#bytes.subarray(decoder.dataStart, decoder.dataEnd);
    if (decoder.result === NEED_MORE) return undefined;
    if (decoder.result === DONE) {
      this.#contentLeft = 0;
      return null;
    }
    this.#contentIsBroken = true;
    throw new HttpError(`The chunked content is malformed: ${decoder.rejection}.`, 400);
  }

  contentArrives(head: MessageHead): Promise<void> {
    if (head !== this.#head || this.#inputEnded) return Promise.reject(new ClientGone());
    if (this.#owesContinue) {
      // The client waits for leave to send (RFC 9110 §10.1.1); it is given when somebody wants the content.
      this.#owesContinue = false;
      this.write(CONTINUE);
      this.#flush();
    }
    this.#readDeadline = this.#requestDeadline;
    return new Promise((resolve, reject) => {
      this.#contentWaiter = { resolve, reject };
      this.#steerInput();
    });
  }

  #wakeContentWaiter(): void {
    const waiter = this.#contentWaiter;
    this.#contentWaiter = undefined;
    this.#readDeadline = NEVER;
    waiter?.resolve();
  }

  #failContent(reason: Error): void {
    const waiter = this.#contentWaiter;
    this.#contentWaiter = undefined;
    this.#contentIsBroken = true;
    waiter?.reject(reason);
  }

  /** Drops content until its end, or until it has to wait for more. True at the end. */
  #skipContent(): boolean {
    for (;;) {
      try {
        const piece = this.#takeContent();
        if (piece === null) return true;
        if (piece === undefined) return false;
      } catch {
        return false;
      }
    }
  }

  #discard(): void {
    if (!this.#skipContent()) return;
    this.#awaitNext();
    this.#serveBuffered();
  }

  // --- output

  persists(isWhole: boolean): boolean {
    const head = this.#head;
    if (head === undefined || this.#isDraining || !head.keepsAlive || this.#contentIsBroken) return false;
    if (this.#served + 1 >= this.#host.opts.maxRequestsPerConnection) return false;
    return !isWhole || this.#contentCanBeSkipped();
  }

  /**
   * Whether the next request can be found behind content that the handler did not read. A client that still awaits
   * 100 may send its content or not: nobody knows where the next request begins.
   */
  #contentCanBeSkipped(): boolean {
    if (this.#contentLeft === 0 || this.#skipContent()) return true;
    return (
      this.#contentLeft !== CHUNKED &&
      this.#contentLeft <= MAX_DISCARD_BYTES &&
      !this.#owesContinue &&
      !this.#inputEnded
    );
  }

  write(data: string | Uint8Array): boolean {
    if (this.#state === CLOSED) return true;
    if (typeof data === 'string') {
      this.#output += data;
    } else {
      this.#cork();
      this.#writeOutput();
      this.#track(this.socket.write(data));
    }
    if (this.#output.length + this.socket.writableLength >= MAX_PENDING_OUTPUT) this.#flush();
    else if (!this.#isBatching) this.#scheduleFlush();
    return !this.#isBlocked;
  }

  drained(): Promise<void> {
    if (!this.#isBlocked || this.#state === CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drainWaiters ??= [];
      this.#drainWaiters.push(resolve);
    });
  }

  onGone(listener: () => void): void {
    if (this.#state === CLOSED) listener();
    else {
      this.#goneListeners ??= [];
      this.#goneListeners.push(listener);
    }
  }

  leaveAtHalfClose(): void {
    this.#leavesAtHalfClose = true;
  }

  finish(persists: boolean): void {
    if (this.#state !== SERVING) return;
    const canPersist = persists && !this.#contentIsBroken && this.#contentCanBeSkipped();
    this.#served++;
    this.#head = undefined;
    this.#res = undefined;
    this.#goneListeners = undefined;
    this.#leavesAtHalfClose = false;
    if (!canPersist) {
      this.#close();
      return;
    }
    if (this.#contentLeft === 0) this.#awaitNext();
    else {
      this.#state = DISCARDING;
      this.#readDeadline = this.#requestDeadline;
    }
    if (this.#isBatching) return;
    this.#flush();
    // What is buffered is served after the handler that ended this exchange has returned.
    if (this.#position < this.#end || this.#inputEnded) queueMicrotask(() => this.#resumeBuffered());
    else this.#steerInput();
  }

  #resumeBuffered(): void {
    if (this.#state === READING) this.#serveBuffered();
  }

  #awaitNext(): void {
    this.#state = READING;
    this.#requestDeadline = NEVER;
    this.#readDeadline = this.#host.timeouts.after(this.#host.opts.keepAliveTimeout);
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.socket.cork();
  }

  #writeOutput(): void {
    if (this.#output === '') return;
    const output = this.#output;
    this.#output = '';
    this.#track(this.socket.write(output, 'latin1'));
  }

  #track(hasRoom: boolean): void {
    if (hasRoom || this.#isBlocked) return;
    this.#isBlocked = true;
    this.#writeDeadline = this.#host.timeouts.after(this.#host.opts.writeTimeout);
  }

  #flush(): void {
    if (this.#state === CLOSED) return;
    this.#writeOutput();
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.socket.uncork();
  }

  /** While a handler is still at work, what is written waits for the others of its turn. */
  #scheduleFlush(): void {
    if (this.#flushIsScheduled || (this.#output === '' && !this.#isCorked)) return;
    this.#flushIsScheduled = true;
    setImmediate(() => {
      this.#flushIsScheduled = false;
      this.#flush();
    });
  }

  #onDrain(): void {
    this.#isBlocked = false;
    this.#writeDeadline = NEVER;
    this.#wakeDrainWaiters();
    if (this.#state === LINGERING) this.#readDeadline = this.#host.timeouts.after(LINGER_MS);
    if (this.#state === READING && (this.#position < this.#end || this.#inputEnded)) this.#serveBuffered();
  }

  #wakeDrainWaiters(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = undefined;
    for (const resolve of waiters ?? []) resolve();
  }

  /** Closes politely: the client must be able to read the last answer while it still sends (RFC 9112 §9.6). */
  #close(): void {
    if (this.#state >= LINGERING) return;
    this.#flush();
    this.#state = LINGERING;
    this.#requestDeadline = NEVER;
    this.#releaseBytes();
    this.#readDeadline = this.#isBlocked ? NEVER : this.#host.timeouts.after(LINGER_MS);
    this.socket.end();
    this.#steerInput();
  }
}
