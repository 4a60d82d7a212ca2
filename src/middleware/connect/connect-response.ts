/** Lets Connect-style middleware write a response as it would one of node:http. */

import { EventEmitter } from 'node:events';
import { encodeLocation } from '../../http/location.js';
import type { Response } from '../../http/response.js';
import { noteMembers, refuseMembers } from './connect-lacking.js';
import type { ConnectRequest } from './connect-request.js';
import type { ConnectSocket } from './connect-socket.js';
import { PatchedContent } from './patched-content.js';

/** The value of a field, as node:http takes it. */
export type OutgoingField = string | number | readonly string[];
type OutgoingFields = Readonly<Record<string, OutgoingField | undefined>> | readonly unknown[];
type Chunk = string | Uint8Array;
type Done = (error?: Error) => void;

/**
 * As much of `http.ServerResponse` as middleware uses, over the response of the exchange: what either sets the other
 * sees. Middleware may put functions of its own in the place of `writeHead`, `write` and `end`, as on-headers,
 * express-session and compression do: they are called too where a handler of this framework answers.
 */
export class ConnectResponse extends EventEmitter {
  readonly req: ConnectRequest;
  readonly socket: ConnectSocket;
  readonly writable = true;
  /** Whether `end` was called, or the handler has answered. */
  writableEnded = false;
  writableFinished = false;
  sendDate = true;
  readonly #res: Response;
  readonly #touched: string[];
  #isHeadWritten = false;
  /** Whether middleware itself answers. */
  #answers = false;
  /** Whether the head of a handler's answer leaves, or has left: what is written now goes nowhere, or to {@link #content}. */
  #isAnswered = false;
  /** The content of a handler's answer, on its way through a `write` of middleware's own. */
  #content: PatchedContent | undefined;
  #statusMessage: string | undefined;

  /** @internal */
  constructor(res: Response, req: ConnectRequest, socket: ConnectSocket, touched: string[]) {
    super();
    this.#res = res;
    this.req = req;
    this.socket = socket;
    this.#touched = touched;
    res.onHead((_res, content) => this.#meetHead(content !== undefined)).onFinish(() => this.#settle());
  }

  get connection(): ConnectSocket {
    return this.socket;
  }

  get statusCode(): number {
    return this.#res.status;
  }

  /** @throws RangeError unless it is 200 to 599. */
  set statusCode(status: number) {
    // Once it has left node:http ignores it, and middleware that only logs may set it.
    if (this.#res.hasSent()) return;
    this.#res.setStatus(status, this.#statusMessage);
  }

  get statusMessage(): string | undefined {
    return this.#statusMessage;
  }

  set statusMessage(reason: string | undefined) {
    this.#statusMessage = reason;
    this.#res.setStatus(this.#res.status, reason);
  }

  get headersSent(): boolean {
    return this.#isHeadWritten || this.#res.hasSent();
  }

  get finished(): boolean {
    return this.writableEnded;
  }

  get destroyed(): boolean {
    return this.#res.wasCutOff();
  }

  /** What tells old middleware that the head was written. @internal */
  get _header(): string | null {
    return this.headersSent ? 'sent' : null;
  }

  /** Writes the head as it is, through what middleware has put in the place of `writeHead`. @internal */
  _implicitHeader(): void {
    this.writeHead(this.statusCode);
  }

  setHeader(name: string, value: OutgoingField): this {
    this.#assertHeadUnsent('set');
    if (!Array.isArray(value)) {
      this.#res.setHeader(name, String(value));
      return this;
    }
    this.#res.removeHeader(name);
    return this.appendHeader(name, value);
  }

  appendHeader(name: string, value: OutgoingField): this {
    this.#assertHeadUnsent('append');
    for (const line of Array.isArray(value) ? value : [value]) this.#res.addHeader(name, String(line));
    return this;
  }

  setHeaders(fields: Iterable<readonly [string, OutgoingField]>): this {
    for (const [name, value] of fields) this.setHeader(name, value);
    return this;
  }

  removeHeader(name: string): void {
    this.#assertHeadUnsent('remove');
    this.#res.removeHeader(name);
  }

  /** The value of a field; a list where it has several lines, and always for Set-Cookie, whose lines cannot be joined. */
  getHeader(name: string): string | string[] | undefined {
    return this.getHeaders()[name.toLowerCase()];
  }

  getHeaders(): Record<string, string | string[]> {
    const lines = new Map<string, string[]>();
    for (const [name, value] of this.#res.fields()) {
      const values = lines.get(name);
      if (values === undefined) lines.set(name, [value]);
      else values.push(value);
    }
    const fields: Record<string, string | string[]> = Object.create(null);
    for (const [name, values] of lines) {
      fields[name] = values.length > 1 || name === 'set-cookie' ? values : values[0];
    }
    return fields;
  }

  getHeaderNames(): string[] {
    return Object.keys(this.getHeaders());
  }

  hasHeader(name: string): boolean {
    return this.getHeader(name) !== undefined;
  }

  flushHeaders(): void {
    if (!this.#isAnswered) this.write('');
  }

  /** @throws Error once the head was written. */
  writeHead(status: number, reason?: string | OutgoingFields, fields?: OutgoingFields): this {
    this.#assertHeadUnsent('write');
    this.statusCode = status;
    if (typeof reason === 'string') this.statusMessage = reason;
    for (const [name, value] of fieldsOf(typeof reason === 'string' ? fields : reason)) this.setHeader(name, value);
    this.#isHeadWritten = true;
    return this;
  }

  /** Sends a piece of content. False where the client is slower than they come: `drain` tells when to go on. */
  write(chunk: Chunk, encoding?: BufferEncoding | Done, done?: Done): boolean {
    if (typeof encoding === 'function') return this.write(chunk, undefined, encoding);
    if (this.#isAnswered) {
      this.#content?.accept(bytesOf(chunk, encoding));
      done?.();
      return true;
    }
    if (this.writableEnded) {
      const error = Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' });
      done?.(error);
      return false;
    }
    this.#beginAnswer();
    const slow = this.#res.write(bytesOf(chunk, encoding));
    done?.();
    if (slow === undefined) return true;
    void slow.then(() => this.emit('drain'));
    return false;
  }

  end(chunk?: Chunk | null | Done, encoding?: BufferEncoding | Done, done?: Done): this {
    if (typeof chunk === 'function') return this.end(undefined, undefined, chunk);
    if (typeof encoding === 'function') return this.end(chunk, undefined, encoding);
    if (this.writableEnded) return this;
    if (done !== undefined) this.once('finish', done);
    const bytes = chunk === undefined || chunk === null ? undefined : bytesOf(chunk, encoding);
    if (this.#isAnswered) {
      this.writableEnded = true;
      this.#content?.finish(bytes);
      return this;
    }
    this.#beginAnswer();
    this.writableEnded = true;
    if (!this.#res.hasSent()) this.#res.send(bytes);
    else {
      if (bytes !== undefined) void this.#res.write(bytes);
      this.#res.end();
    }
    return this;
  }

  /** Answers with a redirection, 302 unless another status is given: what passport calls in Express. */
  redirect(...[first, second]: [status: number, url: string] | [url: string, status?: number]): void {
    const [status, url] = typeof first === 'number' ? [first, second as string] : [(second as number) ?? 302, first];
    this.statusCode = status;
    this.setHeader('Location', encodeLocation(url));
    this.end();
  }

  addTrailers(fields: OutgoingFields): void {
    for (const [name, value] of fieldsOf(fields)) {
      for (const line of Array.isArray(value) ? value : [value]) this.#res.addTrailer(name, String(line));
    }
  }

  writeEarlyHints(fields: Readonly<Record<string, string | readonly string[]>>, done?: () => void): void {
    this.#res.writeEarlyHints(fields);
    done?.();
  }

  /** Content leaves when its turn is over anyway. */
  cork(): void {}

  uncork(): void {}

  /** Closes the connection at once. */
  destroy(): this {
    this.#res.destroy();
    return this;
  }

  /** @internal */
  touch(member: string): void {
    this.#touched.push(member);
  }

  #assertHeadUnsent(what: string): void {
    if (!this.headersSent) return;
    const message = `Cannot ${what} headers after they are sent to the client`;
    throw Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' });
  }

  #beginAnswer(): void {
    if (!this.#isHeadWritten) this._implicitHeader();
    this.#answers = true;
  }

  /** The head is about to leave. Where it is a handler's, middleware is called as if the handler had called it. */
  #meetHead(isWhole: boolean): void {
    if (this.#answers) return;
    if (!this.#isHeadWritten && this.#isPatched('writeHead')) this._implicitHeader();
    this.#isHeadWritten = true;
    this.#isAnswered = true;
    if (this.#isPatched('write')) {
      this.#content = new PatchedContent(this);
      this.#res.encode(this.#content);
    } else if (isWhole && this.#isPatched('end')) {
      // Before the head leaves: a session whose store is asked in order is there when the client comes back.
      this.end();
    }
  }

  #settle(): void {
    const isCutOff = this.#res.wasCutOff();
    if (isCutOff) this.socket.leave();
    if (this.#isAnswered && !this.writableEnded && this.#isPatched('end')) this.end();
    this.writableEnded = true;
    if (isCutOff) this.req.emit('aborted');
    else {
      this.writableFinished = true;
      this.emit('finish');
    }
    this.emit('close');
  }

  #isPatched(member: 'writeHead' | 'write' | 'end'): boolean {
    return this[member] !== ConnectResponse.prototype[member];
  }
}

function bytesOf(chunk: Chunk, encoding: BufferEncoding | undefined): Chunk {
  const isText = typeof chunk === 'string';
  if (!isText || encoding === undefined || encoding === 'utf8' || encoding === 'utf-8') return chunk;
  return Buffer.from(chunk, encoding);
}

/** The fields of an object, of a list of pairs, or of a list of names and values in turn. */
function fieldsOf(fields: OutgoingFields | undefined): [name: string, value: OutgoingField][] {
  if (fields === undefined || fields === null) return [];
  if (!Array.isArray(fields)) return Object.entries(fields).filter(([, value]) => value !== undefined) as never;
  if (Array.isArray(fields[0])) return fields as never;
  return fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1]]] : [])) as never;
}

refuseMembers(ConnectResponse.prototype, 'res', [
  'assignSocket',
  'chunkedEncoding',
  'detachSocket',
  'setTimeout',
  'shouldKeepAlive',
  'strictContentLength',
  'useChunkedEncodingByDefault',
  'writeContinue',
  'writeInformation',
  'writeProcessing',
]);

noteMembers(ConnectResponse.prototype, 'res', [
  'app',
  'append',
  'attachment',
  'clearCookie',
  'cookie',
  'download',
  'format',
  'get',
  'header',
  'json',
  'jsonp',
  'links',
  'locals',
  'location',
  'render',
  'send',
  'sendFile',
  'sendStatus',
  'set',
  'status',
  'type',
  'vary',
]);
