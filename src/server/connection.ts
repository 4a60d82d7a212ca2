/** Runs one socket: reads requests and has them served, one after the other, in order. */

import type { Duplex } from 'node:stream';
import { HttpError } from '../http/http-error.js';
import type { Logger } from '../http/logger.js';
import { Request, type RequestSource } from '../http/request.js';
import { ClientGone } from '../http/request-body.js';
import { Response } from '../http/response.js';
import type { ResponseSink } from '../http/response-sink.js';
import { HeadParser, NEED_MORE, REJECTED } from '../protocol/head-parser.js';
import { CONTINUE } from '../protocol/head-writer.js';
import type { MessageHead } from '../protocol/message-head.js';
import type { Rejection } from '../protocol/rejection.js';
import { ANSWERED, Content } from './content.js';
import { encodingBuffer } from './encoding-buffer.js';
import { Input } from './input.js';
import type { Opts } from './opts.js';
import { Output } from './output.js';
import { type ServingHost, serveRequest, tell } from './serving.js';
import { NEVER, type Timed, type Timeouts } from './timeouts.js';

/** What a connection asks of its Server. */
export interface ConnectionHost extends ServingHost {
  readonly opts: Opts;
  readonly timeouts: Timeouts;
  /** Parses heads that come whole, of all connections. */
  parser: HeadParser;
  /** Whether the server is about to stop. */
  isDraining: boolean;
  /** Answers a message that is no acceptable request. Never throws. */
  refuse(rejection: Rejection, res: Response): void;
}

// What the connection is about.
const READING = 0; // awaits a request head, or has part of one
const SERVING = 1; // a handler has the request
const DISCARDING = 2; // the answer is complete, the rest of the content is dropped
const LINGERING = 3; // nothing more is answered; input is dropped until the client has read the answer
const CLOSED = 4;

/** Time for the client to read the last answer before the socket is destroyed (RFC 9112 §9.6). */
const LINGER_MS = 2_000;

interface ContentWaiter {
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** A socket's listeners find their connection by this: they are the same functions for all of them. */
const SERVED_BY = Symbol('served by');

interface ServedSocket extends Duplex {
  [SERVED_BY]: Connection;
}

function onData(this: Duplex, chunk: Buffer): void {
  (this as ServedSocket)[SERVED_BY].onData(chunk);
}

function onEnd(this: Duplex): void {
  (this as ServedSocket)[SERVED_BY].onEnd();
}

function onClose(this: Duplex): void {
  (this as ServedSocket)[SERVED_BY].onClose();
}

function onDrain(this: Duplex): void {
  (this as ServedSocket)[SERVED_BY].onDrain();
}

const ignore = () => {};

export class Connection implements RequestSource, ResponseSink, Timed {
  readonly socket: Duplex;
  readonly #host: ConnectionHost;
  /** Has a head that has come in part, and no other: an idle connection needs none. */
  #parser: HeadParser | undefined = undefined;
  readonly #input = new Input();
  readonly #content: Content;
  readonly #output: Output;
  #state = READING;
  #isBatching = false;
  #isDraining = false;
  #isPaused = false;
  #inputEnded = false;
  #served = 0;

  // The exchange in progress.
  #head: MessageHead | undefined = undefined;
  #req: Request | undefined = undefined;
  #res: Response | undefined = undefined;
  #contentWaiter: ContentWaiter | undefined = undefined;
  #goneListeners: (() => void)[] | undefined = undefined;
  /** Settles when the handler ends; none where it ended at once. */
  #handling: Promise<void> | undefined = undefined;
  #isEndless = false;

  #readDeadline = NEVER;
  #writeDeadline = NEVER;
  /** When the content of the request must be complete; counted from the first byte of its head. */
  #requestDeadline = NEVER;
  #onClosed: () => void = ignore;

  constructor(socket: Duplex, host: ConnectionHost) {
    this.socket = socket;
    this.#host = host;
    this.#content = new Content(this.#input);
    this.#output = new Output(socket, (isBlocked) => {
      this.#writeDeadline = isBlocked ? host.timeouts.after(host.opts.writeTimeout) : NEVER;
    });
  }

  /** Serves the socket until it is closed, then calls `onClosed`. What a client does wrong ends with the client. */
  serve(onClosed: () => void): void {
    const { socket } = this;
    // An error of the socket is always followed by its close.
    socket.on('error', ignore);
    if (socket.destroyed) {
      onClosed();
      return;
    }
    this.#onClosed = onClosed;
    (socket as ServedSocket)[SERVED_BY] = this;
    socket.on('close', onClose).on('end', onEnd).on('drain', onDrain);
    // A connection that sends nothing is given as long as a head may take.
    this.#readDeadline = this.#host.timeouts.after(this.#host.opts.headersTimeout);
    this.#host.timeouts.watch(this);
    socket.on('data', onData);
  }

  /** Answers 503 and closes: the server has no room for another connection. */
  turnAway(onClosed: () => void): void {
    this.serve(onClosed);
    if (!this.socket.destroyed) this.#refuse('server-full');
  }

  /** Lets the requests that were sent finish, and closes; an idle connection closes at once. */
  drain(): void {
    this.#isDraining = true;
    if (this.#state === READING && this.#input.isEmpty) this.#closeOnceQuiet();
    else if (this.#state === SERVING && this.#isEndless) this.#endEndless();
  }

  /** Makes the next answer the last one. Until {@link drain} an idle connection may still bring a request. */
  retire(): void {
    this.#isDraining = true;
  }

  /** Ends a response that would hold a draining server up to its deadline, and tells whoever writes it. */
  #endEndless(): void {
    const listeners = this.#goneListeners ?? [];
    const [req, res] = [this.#req, this.#res];
    this.#goneListeners = undefined;
    tell(() => res?.end(), this.#host, req, res);
    for (const listener of listeners) tell(listener, this.#host, req, res);
  }

  /** Closes the socket at once. */
  destroy(): void {
    this.#output.flush();
    this.socket.destroy();
  }

  get deadline(): number {
    return Math.min(this.#readDeadline, this.#writeDeadline);
  }

  expire(): void {
    const isReader = this.#readDeadline <= this.#writeDeadline;
    this.#readDeadline = NEVER;
    if (!isReader || this.#state >= DISCARDING) this.destroy();
    else if (this.#state === SERVING) this.#failContent(new HttpError('The content did not arrive in time.', 408));
    else if (this.#input.isEmpty) this.#close();
    else this.#refuse('head-timeout');
  }

  // --- input ---

  /** Takes in what the socket has read. @internal */
  onData(chunk: Buffer): void {
    if (this.#state >= LINGERING) return;
    this.#input.append(chunk);
    if (this.#state === READING) this.#serveBuffered();
    else if (this.#state === DISCARDING) this.#discard();
    else if (this.#contentWaiter !== undefined) this.#wakeContentWaiter();
    else this.#steerInput();
  }

  /** Reads on only where something can be done with it, or where nothing is buffered and a close must be noticed. */
  #steerInput(): void {
    const wants =
      this.#input.isEmpty ||
      this.#contentWaiter !== undefined ||
      this.#state >= DISCARDING ||
      (this.#state === READING && !this.#output.isBlocked);
    if (wants === !this.#isPaused) return;
    this.#isPaused = !wants;
    if (wants) this.socket.resume();
    else this.socket.pause();
  }

  /** Serves every request already buffered. Answers given at once leave in one write. */
  #serveBuffered(): void {
    if (this.#isBatching) return;
    const input = this.#input;
    this.#isBatching = true;
    while (this.#state === READING && !input.isEmpty && !this.#output.isBlocked) {
      const parser = this.#parser ?? this.#host.parser;
      const result = parser.parse(input.bytes, input.position, input.end);
      if (result === NEED_MORE) {
        this.#keep(parser);
        this.#awaitHead();
        break;
      }
      this.#parser = undefined;
      if (result === REJECTED) {
        const rejection = parser.rejection as Rejection;
        parser.reset();
        this.#refuse(rejection);
      } else {
        this.#dispatch(parser.takeHead());
      }
    }
    this.#isBatching = false;
    if (this.#state === SERVING) this.#output.flushSoon();
    else this.#output.flush();
    if (input.isEmpty) input.release();
    if (this.#inputEnded && this.#state === READING && !this.#output.isBlocked) this.#close();
    // A handler that has just begun will most often read its content in this turn: stopping the socket for that long
    // would cost two system calls. It is stopped when more arrives before.
    if (this.#state !== SERVING) this.#steerInput();
  }

  #keep(parser: HeadParser): void {
    if (this.#parser !== undefined) return;
    this.#parser = parser;
    this.#host.parser = new HeadParser(this.#host.opts);
  }

  /** The clock of a head starts at its first byte and does not restart with the next. */
  #awaitHead(): void {
    if (this.#requestDeadline !== NEVER) return;
    const { opts, timeouts } = this.#host;
    this.#readDeadline = timeouts.after(opts.headersTimeout);
    this.#requestDeadline = timeouts.after(opts.requestTimeout);
  }

  #dispatch(head: MessageHead): void {
    this.#input.position = head.end;
    this.#readDeadline = NEVER;
    this.#content.begin(head);
    if (!this.#content.isComplete && this.#requestDeadline === NEVER) {
      this.#requestDeadline = this.#host.timeouts.after(this.#host.opts.requestTimeout);
    }
    const req = new Request(head, this);
    const res = new Response(this, head.method, head.minorVersion);
    this.#head = head;
    this.#req = req;
    this.#res = res;
    this.#state = SERVING;
    const pending = serveRequest(this.#host, req, res);
    if (pending !== undefined && this.#req === req) this.#handling = pending;
  }

  /** Answers what is no acceptable request. Nothing more on this connection is interpreted. */
  #refuse(rejection: Rejection): void {
    this.#isDraining = true;
    this.#state = SERVING;
    this.#res = new Response(this, 'GET', 1);
    this.#host.refuse(rejection, this.#res);
  }

  /** Takes note that the client sends nothing any more. @internal */
  onEnd(): void {
    this.#inputEnded = true;
    if (this.#state === SERVING) {
      if (this.#isEndless) this.destroy();
      else if (this.#contentWaiter !== undefined) this.#failContent(new ClientGone());
    } else if (this.#state !== READING || !this.#output.isBlocked) {
      this.#close();
    }
  }

  /** Ends what is in progress: the socket has closed. @internal */
  onClose(): void {
    if (this.#state === CLOSED) return;
    const wasServing = this.#state === SERVING;
    this.#state = CLOSED;
    this.#host.timeouts.unwatch(this);
    this.#input.release();
    this.#output.onClose();
    this.#failContent(new ClientGone());
    if (wasServing) {
      const listeners = this.#goneListeners;
      this.#goneListeners = undefined;
      const [req, res] = [this.#req, this.#res];
      for (const listener of listeners ?? []) tell(listener, this.#host, req, res);
      tell(() => res?.cutOff(), this.#host, req, res);
    }
    this.#onClosed();
  }

  // --- content of the request in progress ---

  get maxBodySize(): number {
    return this.#host.opts.maxBodySize;
  }

  get logger(): Logger {
    return this.#host.opts.logger;
  }

  get isDraining(): boolean {
    return this.#host.isDraining;
  }

  readContent(head: MessageHead): Uint8Array | null | undefined {
    if (this.#state === CLOSED) throw new ClientGone();
    if (head !== this.#head) throw new Error(ANSWERED);
    const piece = this.#content.take();
    // While content waited to be read nothing else was, a close neither.
    if (this.#isPaused && !this.#isBatching) this.#steerInput();
    return piece;
  }

  readWholeContent(head: MessageHead): Uint8Array | undefined {
    return head === this.#head ? this.#content.takeWhole() : undefined;
  }

  contentArrives(head: MessageHead): Promise<void> {
    if (head !== this.#head || this.#inputEnded) {
      this.#content.abandon();
      return Promise.reject(new ClientGone());
    }
    // In an answer that has begun, 100 would be taken for a piece of its content (CVE-2020-15586).
    if (this.#res?.hasSent() !== true && this.#content.takeContinue()) {
      this.#output.write(CONTINUE);
      this.#output.flush();
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
    this.#content.abandon();
    waiter?.reject(reason);
  }

  /** A handler that answers while it still reads would wait for ever, or for the content of another request. */
  #turnReaderAway(): void {
    const waiter = this.#contentWaiter;
    this.#contentWaiter = undefined;
    waiter?.reject(new Error(ANSWERED));
  }

  #discard(): void {
    if (this.#content.skip()) {
      this.#awaitNext();
      this.#serveBuffered();
    } else if (this.#content.isBroken) {
      this.#close();
    }
  }

  // --- the response to the request in progress ---

  persists(isWhole: boolean): boolean {
    if (this.#head === undefined || !this.#head.keepsAlive || this.#content.isBroken) return false;
    // What follows CONNECT may be meant for the other end of a tunnel, also where it was refused (RFC 9931).
    if (this.#head.method === 'CONNECT') return false;
    if (this.#served + 1 >= this.#host.opts.maxRequestsPerConnection) return false;
    if (isWhole && !this.#content.canBeSkipped()) return false;
    // A client may drop what it sent behind an answer that announces the close (RFC 9112 §9.6): the last one does.
    return !this.#isDraining || !this.#input.isEmpty;
  }

  write(data: string | Uint8Array): boolean {
    this.#output.write(data);
    if (!this.#isBatching) this.#output.flushSoon();
    return !this.#output.isBlocked;
  }

  encode(text: string): Uint8Array | undefined {
    return encodingBuffer.encode(text);
  }

  writeEncoded(head: string, content: Uint8Array): void {
    this.#output.writeEncoded(head, content);
  }

  drained(): Promise<void> {
    return this.#output.drained();
  }

  onGone(listener: () => void, head = this.#head): void {
    if (head !== this.#head) return;
    if (this.#state === CLOSED) {
      listener();
      return;
    }
    this.#goneListeners ??= [];
    this.#goneListeners.push(listener);
  }

  onOver(listener: () => void, head: MessageHead): void {
    const handling = this.#handling;
    const call = () => {
      if (handling === undefined) listener();
      else handling.then(listener, listener);
    };
    if (head !== this.#head || this.#res === undefined) call();
    else this.#res.onFinish(call);
  }

  becomeEndless(): void {
    this.#isEndless = true;
    if (this.#inputEnded) this.destroy();
  }

  offersUpgrade(protocol: string): boolean {
    return this.#head?.offersUpgrade(protocol) ?? false;
  }

  detach(): Duplex {
    if (this.#state !== SERVING || this.#inputEnded) throw new ClientGone();
    // The protocol that follows begins behind the whole request (RFC 9110 §7.8).
    if (!this.#content.isComplete)
      throw new Error('The content of the request is to be read before its socket is taken');
    const { socket } = this;
    const input = this.#input;
    this.#isEndless = true;
    this.#host.timeouts.unwatch(this);
    socket.off('data', onData).off('end', onEnd).off('drain', onDrain);
    this.#output.flush();
    // As a socket that nobody has read from yet: whoever listens next sets it flowing, as with node:http.
    (socket as { readableFlowing: boolean | null }).readableFlowing = null;
    if (!input.isEmpty) socket.unshift(input.bytes.subarray(input.position, input.end));
    input.release();
    return socket;
  }

  fail(error: unknown): void {
    if (this.#req !== undefined && this.#res !== undefined) this.#host.fail(error, this.#req, this.#res);
  }

  finish(persists: boolean): void {
    if (this.#state !== SERVING) return;
    this.#served++;
    this.#head = undefined;
    this.#req = undefined;
    this.#res = undefined;
    this.#goneListeners = undefined;
    this.#handling = undefined;
    this.#isEndless = false;
    if (this.#contentWaiter !== undefined) this.#turnReaderAway();
    if (!persists || this.#content.isBroken || !this.#content.canBeSkipped()) {
      this.#close();
      return;
    }
    if (this.#content.isComplete) {
      this.#awaitNext();
    } else if (this.#inputEnded) {
      this.#close();
      return;
    } else {
      this.#state = DISCARDING;
      this.#readDeadline = this.#requestDeadline;
    }
    if (this.#isBatching) return;
    this.#output.flush();
    // What is buffered is served after the handler that ended this exchange has returned.
    if (!this.#input.isEmpty || this.#inputEnded) queueMicrotask(() => this.#resumeBuffered());
    else this.#steerInput();
  }

  #resumeBuffered(): void {
    if (this.#state === READING) this.#serveBuffered();
  }

  #awaitNext(): void {
    this.#state = READING;
    this.#requestDeadline = NEVER;
    this.#readDeadline = this.#host.timeouts.after(this.#host.opts.keepAliveTimeout);
    // The head of the answer may have left before the draining began, and promised more.
    if (this.#isDraining && this.#input.isEmpty) this.#closeOnceQuiet();
  }

  /** Goes on writing: the socket has taken what it was given. @internal */
  onDrain(): void {
    this.#output.onDrain();
    if (this.#state === LINGERING) this.#readDeadline = this.#host.timeouts.after(LINGER_MS);
    else if (this.#state === READING && (!this.#input.isEmpty || this.#inputEnded)) this.#serveBuffered();
  }

  /** Closes unless one whole turn of the event loop brings a request: the system may hold one that nobody has read. */
  #closeOnceQuiet(): void {
    setImmediate(() => {
      setImmediate(() => {
        if (this.#state === READING && this.#input.isEmpty) this.#close();
      });
    });
  }

  /** Closes politely: the client must be able to read the last answer while it still sends (RFC 9112 §9.6). */
  #close(): void {
    if (this.#state >= LINGERING) return;
    this.#state = LINGERING;
    this.#requestDeadline = NEVER;
    this.#input.release();
    this.#output.end();
    this.#readDeadline = this.#output.isBlocked ? NEVER : this.#host.timeouts.after(LINGER_MS);
    this.#steerInput();
  }
}
