/** Serves one request whose bytes another server reads and writes. */

import { Duplex } from 'node:stream';
import type { Logger } from '../http/logger.js';
import { Request, type RequestSource } from '../http/request.js';
import { ClientGone } from '../http/request-body.js';
import { Response } from '../http/response.js';
import type { ResponseHead } from '../http/response-head.js';
import type { ResponseSink } from '../http/response-sink.js';
import type { MessageHead } from '../protocol/message-head.js';
import type { Rejection } from '../protocol/rejection.js';
import { statusHasContent } from '../protocol/status.js';
import type { ConnectionHost } from './connection.js';
import { ANSWERED } from './content.js';
import { type ForeignHead, readForeignHead } from './foreign-head.js';
import { serveRequest, tell } from './serving.js';

/** What an exchange asks of the server that has the connection. */
export interface Carrier {
  /** The socket, or what stands for it. */
  readonly socket: Duplex;
  /** The version, where the head does not name it. */
  readonly httpVersion?: '2.0' | undefined;
  /** The next piece of content; `undefined` at its end. Rejects where the client has left. */
  read(): Promise<Uint8Array | undefined>;
  /** Lets go of content that nobody will read. */
  dropContent(): void;
  /** Sends an interim response of these field lines, where it can: 100 before content is first read that its client holds back. */
  interim?(status: 100 | 103, lines: string): void;
  /** Takes the head. `isStreamed`: content may be long in coming, so the head is to leave now. */
  begin(head: ResponseHead, status: number, isStreamed: boolean): void;
  /** Takes content. False when the client is slower than it comes: wait for {@link drained}. */
  write(bytes: Uint8Array): boolean;
  drained(): Promise<void>;
  /** Takes field lines that follow the content, where it can send any. */
  trailers?(lines: string): void;
  end(): void;
  /** Cuts the answer off. */
  destroy(): void;
}

/** Fields that are between a server and its neighbour, which this is not (RFC 9110 §7.6.1, §6.6.2). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The field lines of an answer that somebody else sends. */
export function* endToEndFields(head: ResponseHead): Generator<[name: string, value: string]> {
  for (const field of head.spelled()) if (!HOP_BY_HOP.has(field[0].toLowerCase())) yield field;
}

export class Exchange implements RequestSource, ResponseSink {
  readonly #host: ConnectionHost;
  readonly #carrier: Carrier;
  readonly #onEnded: () => void;
  #head: MessageHead | undefined = undefined;
  #req: Request | undefined = undefined;
  #res: Response | undefined = undefined;
  #handling: Promise<void> | undefined = undefined;
  #isOver = false;
  #isGone = false;
  #isEndless = false;
  #goneListeners: (() => void)[] = [];
  /** The piece of content at hand, `null` at the end. */
  #piece: Uint8Array | null | undefined = undefined;
  #isReading = false;
  /** The client awaits 100 before it sends its content. */
  #isAwaited = false;
  #contentWaiter: { readonly resolve: () => void; readonly reject: (reason: unknown) => void } | undefined = undefined;

  /** `onEnded` is called once, when the answer is complete or its client has left. */
  constructor(host: ConnectionHost, carrier: Carrier, onEnded: () => void) {
    this.#host = host;
    this.#carrier = carrier;
    this.#onEnded = onEnded;
  }

  /** Settles when the handler ends; undefined where it ended at once. */
  get handling(): Promise<void> | undefined {
    return this.#handling;
  }

  /** Serves the request, or answers why not. */
  serve(foreign: ForeignHead): void {
    const head = readForeignHead(foreign, this.#host.parser);
    if (typeof head === 'string') {
      this.refuse(head);
      return;
    }
    this.#head = head;
    this.#isAwaited = head.expectsContinue;
    if (head.contentLength === 0) this.#piece = null;
    // As to a client of HTTP/1.0: no chunks, no 101. Framing is for somebody else to do.
    const res = new Response(this, head.method, 0);
    const req = new Request(head, this);
    this.#req = req;
    this.#res = res;
    this.#handling = serveRequest(this.#host, req, res);
  }

  /** Answers what is no acceptable request. */
  refuse(rejection: Rejection): void {
    this.#res = new Response(this, 'GET', 0);
    this.#host.refuse(rejection, this.#res);
  }

  /** Ends what would hold a draining server up to its deadline. */
  drain(): void {
    if (this.#isOver || !this.#isEndless) return;
    const listeners = this.#goneListeners;
    this.#goneListeners = [];
    for (const listener of [() => this.#res?.end(), ...listeners]) tell(listener, this.#host, this.#req, this.#res);
  }

  destroy(): void {
    if (this.#isOver) return;
    this.#carrier.destroy();
    this.leave();
  }

  /** Ends what is in progress: the client has left. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isGone = true;
    this.#failContent(new ClientGone());
    const listeners = this.#goneListeners;
    this.#goneListeners = [];
    for (const listener of [...listeners, () => this.#res?.cutOff()]) tell(listener, this.#host, this.#req, this.#res);
    this.#onEnded();
  }

  // --- the request ---

  get socket(): Duplex {
    return this.#carrier.socket;
  }

  get httpVersion(): '2.0' | undefined {
    return this.#carrier.httpVersion;
  }

  get maxBodySize(): number {
    return this.#host.opts.maxBodySize;
  }

  get logger(): Logger {
    return this.#host.opts.logger;
  }

  get isDraining(): boolean {
    return this.#host.isDraining;
  }

  readContent(): Uint8Array | null | undefined {
    if (this.#isOver) throw this.#whyOver();
    const piece = this.#piece;
    if (piece !== null) this.#piece = undefined;
    return piece;
  }

  /** None is at hand before it was asked for. */
  readWholeContent(): undefined {}

  contentArrives(): Promise<void> {
    if (this.#isOver) return Promise.reject(this.#whyOver());
    return new Promise((resolve, reject) => {
      this.#contentWaiter = { resolve, reject };
      if (this.#isReading) return;
      this.#isReading = true;
      if (this.#isAwaited && this.#res?.hasSent() !== true) this.#carrier.interim?.(100, '');
      this.#isAwaited = false;
      this.#carrier.read().then(
        (piece) => this.#takePiece(piece),
        (error: unknown) => this.#failContent(error),
      );
    });
  }

  #takePiece(piece: Uint8Array | undefined): void {
    this.#isReading = false;
    this.#piece = piece ?? null;
    const waiter = this.#contentWaiter;
    this.#contentWaiter = undefined;
    waiter?.resolve();
  }

  #failContent(reason: unknown): void {
    const waiter = this.#contentWaiter;
    this.#contentWaiter = undefined;
    waiter?.reject(reason);
  }

  #whyOver(): Error {
    return this.#isGone ? new ClientGone() : new Error(ANSWERED);
  }

  onGone(listener: () => void): void {
    if (this.#isGone) listener();
    else if (!this.#isOver) this.#goneListeners.push(listener);
  }

  onOver(listener: () => void): void {
    const call = () => {
      if (this.#handling === undefined) listener();
      else this.#handling.then(listener, listener);
    };
    if (this.#res === undefined) call();
    else this.#res.onFinish(call);
  }

  // --- the response ---

  takeHead(head: ResponseHead, status: number, isWhole: boolean): void {
    const isStreamed = !isWhole && this.#head?.method !== 'HEAD' && statusHasContent(status);
    this.#carrier.begin(head, status, isStreamed);
  }

  takeTrailers(lines: string): void {
    this.#carrier.trailers?.(lines);
  }

  takeEarlyHints(lines: string): void {
    this.#carrier.interim?.(103, lines);
  }

  /** Never asked: whether the connection persists is for somebody else to say. */
  persists(): boolean {
    return false;
  }

  write(data: string | Uint8Array): boolean {
    if (this.#isOver || data.length === 0) return true;
    return this.#carrier.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** Content is handed over in memory of its own. */
  encode(): undefined {}

  writeEncoded(_head: string, content: Uint8Array): void {
    this.write(content);
  }

  drained(): Promise<void> {
    return this.#isOver ? Promise.resolve() : this.#carrier.drained();
  }

  becomeEndless(): void {
    this.#isEndless = true;
  }

  finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#goneListeners = [];
    // Only where somebody waits: an error took 13 µs of each request's 50, for its stack.
    if (this.#contentWaiter !== undefined) this.#failContent(new Error(ANSWERED));
    this.#carrier.end();
    if (this.#piece !== null) this.#carrier.dropContent();
    this.#onEnded();
  }

  offersUpgrade(): boolean {
    return false;
  }

  detach(): Duplex {
    throw new Error(
      'The socket carries other requests too, or belongs to the server that this application is mounted in',
    );
  }

  fail(error: unknown): void {
    if (this.#req !== undefined && this.#res !== undefined) this.#host.fail(error, this.#req, this.#res);
  }
}

/** Stands for the socket of a request where nobody has one: it carries nothing, and tells who the client is. */
export class AbsentSocket extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly encrypted: boolean;

  /** `onDestroyed` is called where the application destroys it. */
  constructor(remoteAddress: string | undefined, encrypted: boolean, onDestroyed: () => void) {
    super({
      read() {},
      write: (_chunk, _encoding, done) => done(),
      destroy(error, done) {
        onDestroyed();
        done(error);
      },
    });
    this.remoteAddress = remoteAddress;
    this.encrypted = encrypted;
  }
}
