/** Answers a request of the fetch standard with a response of it. */

import type { Duplex } from 'node:stream';
import { ClientGone } from '../http/request-body.js';
import type { ResponseHead } from '../http/response-head.js';
import { AbsentSocket, type Carrier, type Exchange, endToEndFields } from './exchange.js';
import type { ForeignHead } from './foreign-head.js';

/** What a request of the fetch standard does not say. */
export interface FetchOrigin {
  /** The address of the client, as the runtime tells it. Default: unknown, an empty string. */
  readonly remoteAddress?: string | undefined;
  /** Aborts when the client leaves. Default: the signal of the request. */
  readonly signal?: AbortSignal;
  /** Is given what resolves once all is over, handler and answer, where a runtime forgets a request sooner. */
  readonly waitUntil?: (over: Promise<void>) => void;
}

/** Answers one request. Bound to its server: it can be handed on as it is. */
export type Fetch = (request: globalThis.Request, origin?: FetchOrigin) => Promise<globalThis.Response>;

/** Starts an exchange over `carrier`, which is not served yet. */
export type OpenExchange = (carrier: Carrier) => Exchange;

/** Content of an answer that waits to be taken, in bytes, before the handler has to wait. */
const MAX_WAITING = 65_536;

/** Serves `request`. Rejects where there is no answer: its signal has aborted, or the handler has cut it off. */
export function serveFetch(
  request: globalThis.Request,
  origin: FetchOrigin | undefined,
  open: OpenExchange,
  serve: (exchange: Exchange, head: ForeignHead) => void,
): Promise<globalThis.Response> {
  return new Promise((resolve, reject) => {
    const signal = origin?.signal instanceof AbortSignal ? origin.signal : request.signal;
    if (signal.aborted) throw signal.reason;
    const carrier = new FetchCarrier(request, origin, resolve, reject);
    const exchange = open(carrier);
    carrier.onGone = () => exchange.destroy();
    carrier.watch(signal);
    if (typeof origin?.waitUntil === 'function') {
      const over = new Promise<void>((settle) => {
        carrier.onOver = settle;
      });
      // The handler too: what it leaves behind may take a while to clear away.
      origin.waitUntil(over.then(() => exchange.handling).catch(() => {}));
    }
    serve(exchange, headOf(request));
  });
}

/** `http://host:1/path?query#fragment` in its parts. */
const URL_PARTS = /^(\w+):\/\/([^/?#]*)([^#]*)/;

function headOf(request: globalThis.Request): ForeignHead {
  const [, , authority = '', target = ''] = URL_PARTS.exec(request.url) ?? [];
  const { headers } = request;
  const fields: [string, string][] = [];
  if (!headers.has('host')) fields.push(['Host', authority.slice(authority.indexOf('@') + 1)]);
  for (const field of headers) fields.push(field);
  const hasUnsizedContent =
    request.body !== null && !headers.has('content-length') && !headers.has('transfer-encoding');
  return {
    method: request.method,
    target: target.startsWith('/') ? target : `/${target}`,
    minorVersion: 1,
    fields,
    hasUnsizedContent,
  };
}

class FetchCarrier implements Carrier {
  /** Called when nobody takes the answer any more. */
  onGone: () => void = () => {};
  /** Called when the answer is complete, or will not be. */
  onOver: () => void = () => {};
  readonly #request: globalThis.Request;
  readonly #origin: FetchOrigin | undefined;
  readonly #resolve: (response: globalThis.Response) => void;
  readonly #reject: (reason: unknown) => void;
  #socket: Duplex | undefined = undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined = undefined;
  #init: ResponseInit = {};
  #whole: Uint8Array[] = [];
  /** The content where it is streamed. */
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  #wakers: (() => void)[] = [];
  #reason: unknown = undefined;
  #unwatch: () => void = () => {};

  constructor(
    request: globalThis.Request,
    origin: FetchOrigin | undefined,
    resolve: (response: globalThis.Response) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#origin = origin;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Ends the exchange when `signal` aborts, with its reason. Not after its end: some runtimes abort it after a whole answer too. */
  watch(signal: AbortSignal): void {
    const onAbort = () => {
      this.#reason = signal.reason;
      this.onGone();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#unwatch = () => signal.removeEventListener('abort', onAbort);
  }

  get socket(): Duplex {
    const address = this.#origin?.remoteAddress;
    const isEncrypted = this.#request.url.startsWith('https:');
    this.#socket ??= new AbsentSocket(typeof address === 'string' ? address : undefined, isEncrypted, () =>
      this.onGone(),
    );
    return this.#socket;
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#reader ??= this.#request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
    try {
      return (await this.#reader?.read())?.value;
    } catch (cause) {
      throw new ClientGone(undefined, { cause });
    }
  }

  dropContent(): void {
    const dropped = this.#reader === undefined ? this.#request.body?.cancel() : this.#reader.cancel();
    dropped?.catch(() => {});
  }

  begin(head: ResponseHead, status: number, isStreamed: boolean): void {
    const headers = new Headers();
    for (const [name, value] of endToEndFields(head)) headers.append(name, value);
    this.#init = { status, statusText: head.reasonFor(status), headers };
    if (!isStreamed) return;
    const content = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#stream = controller;
        },
        pull: () => this.#wake(),
        cancel: () => {
          this.#stream = undefined;
          this.onGone();
        },
      },
      { highWaterMark: MAX_WAITING, size: (piece) => piece.byteLength },
    );
    this.#resolve(new globalThis.Response(content, this.#init));
  }

  write(bytes: Uint8Array): boolean {
    if (this.#stream === undefined) {
      this.#whole.push(bytes);
      return true;
    }
    this.#stream.enqueue(bytes);
    return (this.#stream.desiredSize ?? 0) > 0;
  }

  drained(): Promise<void> {
    if (this.#stream === undefined || (this.#stream.desiredSize ?? 0) > 0) return Promise.resolve();
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  end(): void {
    this.#unwatch();
    this.onOver();
    if (this.#stream !== undefined) {
      this.#stream.close();
      return;
    }
    const [first = null] = this.#whole;
    const content = this.#whole.length > 1 ? Buffer.concat(this.#whole) : first;
    this.#resolve(new globalThis.Response(content as Uint8Array<ArrayBuffer> | null, this.#init));
  }

  destroy(): void {
    this.#unwatch();
    this.onOver();
    const reason = this.#reason ?? new ClientGone('The answer was cut off');
    this.#stream?.error(reason);
    this.#reject(reason);
    this.dropContent();
    this.#wake();
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}
