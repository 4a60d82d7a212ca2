/** Shows a request to Connect-style middleware as node:http would. */

import { Readable } from 'node:stream';
import type { Request } from '../../http/request.js';
import { noteMembers, refuseMembers } from './connect-lacking.js';
import type { ConnectSocket } from './connect-socket.js';

/**
 * What Connect-style middleware puts on its request, a `session` or a `user`. Declare it by merging:
 * `declare module 'luminaire' { interface ConnectFields { user?: User } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it by declaration merging.
export interface ConnectFields {}

export interface ConnectRequest extends ConnectFields {}

/** As much of `http.IncomingMessage` as middleware uses. Reading it as a stream reads the content. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what middleware puts on it is its own.
export class ConnectRequest extends Readable {
  method: string;
  /** The request-target; what mounts middleware at a path may shorten it. */
  url: string;
  readonly originalUrl: string;
  readonly httpVersion: Request['httpVersion'];
  readonly httpVersionMajor: 1 | 2;
  readonly httpVersionMinor: 0 | 1;
  readonly socket: ConnectSocket;
  readonly #req: Request;
  #headers: Record<string, string | string[]> | undefined;
  #query: Record<string, string | string[]> | undefined;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  readonly #touched: string[];

  /** @internal */
  constructor(req: Request, socket: ConnectSocket, touched: string[]) {
    super();
    this.#req = req;
    this.#touched = touched;
    this.method = req.method;
    this.url = req.url.raw;
    this.originalUrl = this.url;
    this.httpVersion = req.httpVersion;
    this.httpVersionMajor = req.httpVersion === '2.0' ? 2 : 1;
    this.httpVersionMinor = req.httpVersion === '1.1' ? 1 : 0;
    this.socket = socket;
  }

  get connection(): ConnectSocket {
    return this.socket;
  }

  /** The fields by lower-case name, on an object without a prototype. Values of one name are joined. */
  get headers(): Record<string, string | string[]> {
    if (this.#headers === undefined) {
      const headers: Record<string, string | string[]> = this.#req.headers.toJSON();
      if (Object.hasOwn(headers, 'set-cookie')) headers['set-cookie'] = this.#req.headers.getAll('set-cookie');
      this.#headers = headers;
    }
    return this.#headers;
  }

  /** Name and value of each field line in turn, as sent. */
  get rawHeaders(): string[] {
    return [...this.#req.headers].flat();
  }

  get headersDistinct(): Record<string, string[]> {
    const fields: Record<string, string[]> = Object.create(null);
    for (const [name, value] of this.#req.headers) {
      const key = name.toLowerCase();
      fields[key] ??= [];
      fields[key].push(value);
    }
    return fields;
  }

  /** Parameters of the query by name, a list where one is repeated: what strategies of passport read in Express. */
  get query(): Record<string, string | string[]> {
    if (this.#query === undefined) {
      const { query } = this.#req.url;
      this.#query = Object.create(null) as Record<string, string | string[]>;
      for (const [name, value] of query) {
        const values = query.getAll(name);
        this.#query[name] = values.length > 1 ? values : value;
      }
    }
    return this.#query;
  }

  set query(query: Record<string, string | string[]>) {
    this.#query = query;
  }

  /** Whether the client came over TLS, be it to a gateway that is trusted: what express-session reads in Express. */
  get secure(): boolean {
    return this.#req.scheme === 'https';
  }

  /** Whether all of the content was read. */
  get complete(): boolean {
    return this.readableEnded;
  }

  /** Whether the client left before the end. */
  get aborted(): boolean {
    return this.socket.destroyed;
  }

  /** @internal */
  override _read(): void {
    void this.#pull();
  }

  /** As in node:http an error that nobody listens for ends nothing but the stream. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.#pieces?.return?.();
    callback(this.listenerCount('error') > 0 ? error : null);
  }

  async #pull(): Promise<void> {
    try {
      this.#pieces ??= this.#req.stream[Symbol.asyncIterator]();
      const piece = await this.#pieces.next();
      this.push(piece.done ? null : piece.value);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  /** @internal */
  touch(member: string): void {
    this.#touched.push(member);
  }
}

refuseMembers(ConnectRequest.prototype, 'req', ['rawTrailers', 'setTimeout', 'trailers', 'trailersDistinct']);

noteMembers(ConnectRequest.prototype, 'req', [
  'accepts',
  'acceptsCharsets',
  'acceptsEncodings',
  'acceptsLanguages',
  'app',
  'baseUrl',
  'flash',
  'fresh',
  'get',
  'header',
  'host',
  'hostname',
  'ip',
  'ips',
  'is',
  'next',
  'param',
  'params',
  'path',
  'protocol',
  'range',
  'res',
  'route',
  'stale',
  'subdomains',
  'xhr',
]);
