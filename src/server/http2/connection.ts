/** Runs one connection of HTTP/2: has each of its streams served, under the limits of the server. */

import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { ConnectionHost } from '../connection.js';
import { Exchange } from '../exchange.js';
import { NEVER, type Timed } from '../timeouts.js';
import { Noise } from './noise.js';
import { requestHeadOf } from './request-head.js';
import { StreamCarrier } from './stream-carrier.js';

// Error codes (RFC 9113 §7).
const NO_ERROR = 0;
const REFUSED_STREAM = 7;
const CANCEL = 8;
const ENHANCE_YOUR_CALM = 11;

/** Field lines beyond `maxHeadersCount` that still come here, to be answered 431: above all crumbs of a cookie. */
const MORE_FIELDS = 256;

/** How much more than `maxHeaderSize` still comes here, to be answered 431; each field counts 32 bytes more than it has. */
const MORE_HEADER_SIZE = 65_536;

/** Frames that are out of place, and streams over `maxConcurrentStreams`, before the connection is closed. */
const MAX_INVALID_FRAMES = 100;

/** Time for the client to read the last answer before the socket is destroyed, and for a head that has begun. */
const LINGER_MS = 2_000;

/** A stream that is open, with what is served on it. */
interface Served {
  readonly carrier: StreamCarrier;
  readonly exchange: Exchange;
  isAnswered: boolean;
  /** Whether its client takes nothing. */
  isStuck: boolean;
  /** What {@link Noise} knows of its content. */
  bytesNoted: number;
}

const FLOODED = 'The client floods its connection';

const ignore = () => {};

export class Http2Connection implements Timed {
  /** It is looked at in every tick. */
  readonly deadline = 0;
  readonly #socket: TLSSocket;
  readonly #host: ConnectionHost;
  readonly #noise: Noise;
  #session: ServerHttp2Session | undefined = undefined;
  readonly #streams = new Map<ServerHttp2Stream, Served>();
  #served = 0;
  /** The last stream that a request has come on. */
  #lastStream = 0;
  /** There is no room for it: its first request is answered 503. */
  #isTurnedAway = false;
  #retiresNext = false;
  /** The client has sent what nobody could want: nothing more of it is served. */
  #isFlooded = false;
  #isDraining = false;
  /** When a connection without a request is closed. */
  #idleDeadline = NEVER;
  /** When a head that has begun must be complete. */
  #headDeadline = NEVER;
  /** When it is closed, whatever is in progress. */
  #endDeadline = NEVER;
  #onClosed: () => void = ignore;

  constructor(socket: TLSSocket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#noise = new Noise(host.opts.maxConcurrentStreams);
  }

  /** Serves the connection until it is closed, then calls `onClosed`. What a client does wrong ends with the client. */
  serve(onClosed: () => void): void {
    const socket = this.#socket;
    const { opts, timeouts } = this.#host;
    socket.on('error', ignore);
    if (socket.destroyed) {
      onClosed();
      return;
    }
    this.#onClosed = onClosed;
    socket.on('close', () => this.#onSocketClose());
    // Without its side a client can take no answer either: it could open no window.
    socket.on('end', () => this.destroy());
    this.#idleDeadline = timeouts.after(opts.headersTimeout);
    timeouts.watch(this);
    const session = performServerHandshake(socket, {
      maxHeaderListPairs: Math.min(opts.maxHeadersCount + MORE_FIELDS, 0xffff_ffff),
      maxSessionInvalidFrames: MAX_INVALID_FRAMES,
      maxSessionRejectedStreams: MAX_INVALID_FRAMES,
      settings: {
        maxConcurrentStreams: Math.min(opts.maxConcurrentStreams, 0xffff_ffff),
        maxHeaderListSize: Math.min(opts.maxHeaderSize + MORE_HEADER_SIZE, 0xffff_ffff),
      },
    });
    this.#session = session;
    // An error of the session is always followed by its close.
    session.on('error', ignore);
    session.on('stream', (stream: ServerHttp2Stream, _fields: object, _flags: number, section: readonly string[]) => {
      this.#onStream(stream, section);
    });
  }

  /** Answers 503 and closes: the server has no room for another connection. */
  turnAway(onClosed: () => void): void {
    this.#isTurnedAway = true;
    this.serve(onClosed);
  }

  /** Lets the requests that were sent finish, and closes. */
  drain(): void {
    this.#isDraining = true;
    for (const { exchange } of this.#streams.values()) exchange.drain();
    // One whole turn of the event loop: the system may hold requests that nobody has read.
    setImmediate(() => setImmediate(() => this.#close()));
  }

  /** Makes the next request the last one. */
  retire(): void {
    this.#retiresNext = true;
  }

  /** Closes the socket at once. */
  destroy(): void {
    this.#session?.destroy();
    this.#socket.destroy();
  }

  expire(): void {
    const { now } = this.#host.timeouts;
    const session = this.#session;
    if (session === undefined || this.#endDeadline <= now) {
      this.#socket.destroy();
    } else if (session.destroyed) {
      this.#awaitEnd();
    } else {
      this.#lookAtStreams(now);
      this.#lookAtHead(session, now);
      if (this.#noise.isTooMuch(this.#socket.bytesRead)) this.#calm();
      else if (this.#streams.size === 0 && this.#idleDeadline <= now) this.#close();
      // A head that never ends keeps the session open.
      if (session.closed && this.#streams.size === 0 && this.#idleDeadline <= now) session.destroy();
    }
  }

  #lookAtStreams(now: number): void {
    for (const [stream, served] of this.#streams) {
      const { bytesRead } = served.carrier;
      this.#noise.noteContent(bytesRead - served.bytesNoted);
      served.bytesNoted = bytesRead;
      if (served.carrier.isStuck(now)) {
        served.isStuck = true;
        stream.close(CANCEL);
        // A stream that has ended closes when its content has left, which it will not.
        stream.destroy();
      }
    }
  }

  /** A head that is not complete is known by its stream, which no request has come on. */
  #lookAtHead(session: ServerHttp2Session, now: number): void {
    if ((session.state.lastProcStreamID ?? 0) <= this.#lastStream) this.#headDeadline = NEVER;
    else if (this.#headDeadline === NEVER)
      this.#headDeadline = this.#host.timeouts.after(this.#host.opts.headersTimeout);
    else if (this.#headDeadline <= now) this.#close();
  }

  #onStream(stream: ServerHttp2Stream, section: readonly string[]): void {
    stream.on('error', ignore);
    this.#lastStream = stream.id ?? 0;
    this.#noise.noteRequest(sizeOf(section), !stream.endAfterHeaders);
    if (this.#isFlooded || stream.closed || stream.destroyed) return;
    const { maxRequestsPerConnection } = this.#host.opts;
    if (this.#served === maxRequestsPerConnection) {
      stream.close(REFUSED_STREAM);
      return;
    }
    this.#served++;
    this.#serveStream(stream, section);
    if (this.#isTurnedAway || this.#retiresNext || this.#served === maxRequestsPerConnection) this.#close();
  }

  #serveStream(stream: ServerHttp2Stream, section: readonly string[]): void {
    const carrier = new StreamCarrier(stream, this.#socket, this.#host);
    const exchange = new Exchange(this.#host, carrier, () => {
      served.isAnswered = true;
    });
    const served: Served = { carrier, exchange, isAnswered: false, isStuck: false, bytesNoted: 0 };
    this.#streams.set(stream, served);
    carrier.watch(exchange);
    stream.on('close', () => this.#onStreamClose(stream, served));
    const head = this.#isTurnedAway ? 'server-full' : requestHeadOf(section, stream.endAfterHeaders);
    if (typeof head === 'string') exchange.refuse(head);
    else exchange.serve(head);
    if (this.#isDraining) exchange.drain();
  }

  #onStreamClose(stream: ServerHttp2Stream, served: Served): void {
    const { carrier } = served;
    // Also where the answer was made before the reset was read: it has cost as much.
    const isLeft = !served.isAnswered || !stream.writableFinished || stream.rstCode !== NO_ERROR;
    if (isLeft && !carrier.isCutOff && this.#noise.noteReset()) this.#calm();
    this.#noise.noteContent(carrier.bytesRead - served.bytesNoted);
    this.#streams.delete(stream);
    carrier.onClose();
    if (this.#streams.size > 0) return;
    const isLast = this.#session?.closed === true;
    this.#idleDeadline = this.#host.timeouts.after(isLast ? LINGER_MS : this.#host.opts.keepAliveTimeout);
    // It may take nothing of the connection at all.
    if (served.isStuck) this.#close();
  }

  /** Closes at once, and tells the client why. */
  #calm(): void {
    if (this.#isFlooded) return;
    this.#isFlooded = true;
    // Within a callback of the session nothing would be told (Node 20 to 26).
    setImmediate(() => {
      if (this.#session?.destroyed === false) this.#session.destroy(new Error(FLOODED), ENHANCE_YOUR_CALM);
    });
  }

  /**
   * Lets what is being served finish, takes nothing else, and closes. The client is told which request was the last: those
   * behind it can be sent again elsewhere (RFC 9113 §6.8).
   */
  #close(): void {
    const session = this.#session;
    if (session === undefined || session.closed || session.destroyed) return;
    this.#idleDeadline = this.#host.timeouts.after(LINGER_MS);
    session.close();
  }

  /** The last bytes are on their way: the client must be able to read them, and may never close. */
  #awaitEnd(): void {
    if (this.#endDeadline === NEVER) this.#endDeadline = this.#host.timeouts.after(LINGER_MS);
    this.#socket.resume();
  }

  #onSocketClose(): void {
    this.#host.timeouts.unwatch(this);
    for (const { carrier } of this.#streams.values()) carrier.onClose();
    this.#streams.clear();
    this.#onClosed();
  }
}

function sizeOf(section: readonly string[]): number {
  let size = 0;
  for (const text of section) size += text.length;
  return size;
}
