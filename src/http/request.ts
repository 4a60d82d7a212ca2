/** Presents one request to application code; every value is made when it is first asked for. */

import { randomUUID, type X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { CHUNKED, type MessageHead } from '../protocol/message-head.js';
import { type Query, RequestTarget } from '../protocol/target.js';
import type { FormPart } from './forms/form-part.js';
import type { MultipartForm } from './forms/multipart.js';
import type { MultipartLimits, MultipartOptions } from './forms/multipart-options.js';
import { Headers } from './headers.js';
import type { Logger } from './logger.js';
import { type ContentSource, forgivable, RequestBody } from './request-body.js';

/** What a request asks of the connection it came on. */
export interface RequestSource extends ContentSource {
  readonly socket: Duplex;
  /** The version, where it is none of those that a head of HTTP/1.x names. */
  readonly httpVersion?: '2.0' | undefined;
  /** Largest content accepted, in bytes. */
  readonly maxBodySize: number;
  readonly logger: Logger;
  /** Whether the server is about to stop. */
  readonly isDraining: boolean;
  /** Calls `listener` once if the client leaves before the answer to `head` is complete. */
  onGone(listener: () => void, head: MessageHead): void;
  /** Calls `listener` once the answer to `head` is complete or its client has left, and its handler has ended. */
  onOver(listener: () => void, head: MessageHead): void;
}

/**
 * What middleware hands on to what comes after it. Declare your fields by merging:
 * `declare module 'luminaire' { interface RequestState { user?: User } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it by declaration merging.
export interface RequestState {}

/** The two URI schemes of HTTP (RFC 9110 §4.2). */
export type Scheme = 'http' | 'https';

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** One request. Nothing of it is decoded before it is asked for. */
export class Request {
  /** The method token as sent: `GET`, `M-SEARCH`. Case matters (RFC 9110 §9.1). */
  readonly method: string;
  /** The values of the route's `:name` and `*name` segments, percent-decoded. Empty until a route has matched. */
  params: Readonly<Record<string, string>>;
  readonly #head: MessageHead;
  readonly #source: RequestSource;
  #url: RequestTarget | undefined;
  #headers: Headers | undefined;
  #body: RequestBody | undefined;
  #state: RequestState | undefined;
  #abort: AbortController | undefined;
  #id: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;
  #remoteAddress: string | undefined;
  #contentLimit: number | undefined;

  constructor(head: MessageHead, source: RequestSource) {
    this.method = head.method;
    this.params = NO_PARAMS;
    this.#head = head;
    this.#source = source;
    this.#url = undefined;
    this.#headers = undefined;
    this.#body = undefined;
    this.#state = undefined;
    this.#abort = undefined;
    this.#id = undefined;
    this.#scheme = undefined;
    this.#authority = undefined;
    this.#remoteAddress = undefined;
    this.#contentLimit = undefined;
  }

  /**
   * Names the request in logs, and in the answer to an error as its `ref`. A random UUID, made when first asked for,
   * unless middleware sets the one that a trusted gateway sends.
   */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  set id(id: string) {
    this.#id = id;
  }

  /** The request-target in its parts (RFC 9112 §3.2): `path` as sent, `query`, and `authority`. */
  get url(): RequestTarget {
    this.#url ??= new RequestTarget(this.#head);
    return this.#url;
  }

  get httpVersion(): '1.0' | '1.1' | '2.0' {
    return this.#source.httpVersion ?? (this.#head.minorVersion === 0 ? '1.0' : '1.1');
  }

  get headers(): Headers {
    this.#headers ??= new Headers(this.#head);
    return this.#headers;
  }

  /** The stream the request came on: a `net.Socket` where the Server listens on TCP. */
  get socket(): Duplex {
    return this.#source.socket;
  }

  /**
   * The address of the client, or an empty string where nobody knows it. Behind a gateway it is that of the gateway,
   * unless middleware sets what a trusted gateway says. It outlives the connection once it was asked for.
   */
  get remoteAddress(): string {
    this.#remoteAddress ??= this.peerAddress;
    return this.#remoteAddress;
  }

  set remoteAddress(address: string) {
    this.#remoteAddress = address;
  }

  /** The address at the other end of the connection, or an empty string where the socket has none, or has closed. */
  get peerAddress(): string {
    const { remoteAddress } = this.#source.socket as { remoteAddress?: unknown };
    return typeof remoteAddress === 'string' ? remoteAddress : '';
  }

  /**
   * How the client came: `https` over TLS, otherwise `http` (RFC 9110 §4.2). Behind a gateway that ends TLS that is how
   * the gateway came, unless middleware sets what a trusted gateway says.
   */
  get scheme(): Scheme {
    this.#scheme ??= (this.#source.socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
    return this.#scheme;
  }

  set scheme(scheme: Scheme) {
    this.#scheme = scheme;
  }

  /**
   * The host and port that the client asked (RFC 9110 §7.1): those of `req.url`, unless middleware sets what a trusted
   * gateway was asked.
   */
  get authority(): string {
    this.#authority ??= this.url.authority;
    return this.#authority;
  }

  set authority(authority: string) {
    this.#authority = authority;
  }

  /** The certificate that the client has proved to own, where TLS asked for one and found who issued it trustworthy. */
  get clientCertificate(): X509Certificate | undefined {
    const socket = this.#source.socket as Partial<TLSSocket>;
    // Without `authorized` anybody may have signed it.
    return socket.authorized === true ? socket.getPeerX509Certificate?.() : undefined;
  }

  /** Whether the client asks to go on with `protocol` (RFC 9110 §7.8). @internal */
  offersUpgrade(protocol: string): boolean {
    return this.#head.offersUpgrade(protocol);
  }

  /** Whether the head announced content: a Content-Length over 0, or the chunked coding. */
  get hasContent(): boolean {
    return this.#head.contentLength === CHUNKED || this.#head.contentLength > 0;
  }

  /** Where the server logs: for what a middleware has to say that no client should hear. */
  get logger(): Logger {
    return this.#source.logger;
  }

  /** Whether the server is about to stop: this request is still served, new ones had better go elsewhere. */
  get serverDrains(): boolean {
    return this.#source.isDraining;
  }

  /** Fields that this application adds to a request. */
  get state(): RequestState {
    this.#state ??= {};
    return this.#state;
  }

  /** Aborts when the client leaves before its answer is complete, or when its time is up. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      this.#source.onGone(() => abort.abort(), this.#head);
    }
    return this.#abort.signal;
  }

  /** Whether {@link signal}, where anybody asked for it, has aborted. @internal */
  get isAborted(): boolean {
    return this.#abort?.signal.aborted ?? false;
  }

  /** Aborts {@link signal}: nobody waits for what is still being done. @internal */
  abort(reason: Error): void {
    this.#abort ??= new AbortController();
    this.#abort.abort(reason);
  }

  /** Accepts up to `bytes` of content, unless somebody has begun to read it. The last one stands. @internal */
  limitContent(bytes: number): void {
    this.#contentLimit = bytes;
  }

  /**
   * Reads the whole content; asked again it gives the same bytes.
   *
   * @throws HttpError 413 over `maxBodySize`, 400 where the chunked coding is malformed (413 or 431 where it is over a
   * limit), 408 where the client is too slow; {@link ClientGone} where it left.
   */
  bytes(): Promise<Buffer> {
    return this.#content().bytes();
  }

  /** The whole content where it came with the head, otherwise `undefined`: then ask for {@link bytes}. @internal */
  bytesAtHand(): Buffer | undefined {
    return this.#content().bytesAtHand();
  }

  /** Reads the content as UTF-8. @throws HttpError as {@link bytes}, and 400 where it is not UTF-8. */
  text(): Promise<string> {
    return this.#content().text();
  }

  /**
   * Reads the content as JSON, whatever its Content-Type says.
   *
   * @throws HttpError as {@link text}, and 400 with the offset of what is not JSON.
   */
  json(): Promise<unknown> {
    return this.#content().json();
  }

  /** Reads the content as `application/x-www-form-urlencoded`. @throws HttpError as {@link text}. */
  form(): Promise<Query> {
    return this.#content().form();
  }

  /**
   * Reads the content as a form with files, `multipart/form-data`: its text fields, and its files in memory or on disk.
   * Asked again it gives the same form, whatever the options. A request without content has an empty one.
   *
   * @throws HttpError as {@link bytes}; 415 for another content type, 400 where the form is malformed, 413 over one of
   * the limits. TypeError or RangeError for an option that is unknown or out of range.
   */
  multipart(options?: MultipartOptions): Promise<MultipartForm> {
    return forgivable(import('./forms/multipart.js').then(({ readForm }) => readForm(this, options)));
  }

  /**
   * The parts of a form with files in the order in which they were sent, each as it arrives: nothing is kept. What was
   * not read of a part is dropped when the next is asked for.
   *
   * @throws HttpError as {@link multipart}.
   */
  async *parts(options?: MultipartLimits): AsyncGenerator<FormPart, void> {
    const { readParts } = await import('./forms/multipart.js');
    yield* readParts(this, options);
  }

  /** The content piece by piece, also where it was read whole before. @internal */
  pieces(): AsyncIterable<Uint8Array> {
    return this.#content().pieces();
  }

  /** Calls `listener` once this was answered or its client has left, and its handler has ended. @internal */
  onOver(listener: () => void): void {
    this.#source.onOver(listener, this.#head);
  }

  /** The content piece by piece, no faster than it is consumed. @throws HttpError as {@link bytes}. */
  get stream(): AsyncIterable<Uint8Array> {
    return this.#content().stream();
  }

  #content(): RequestBody {
    this.#body ??= new RequestBody(this.#head, this.#source, this.#contentLimit ?? this.#source.maxBodySize);
    return this.#body;
  }
}
