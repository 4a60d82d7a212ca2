/** Answers a request that `node:http` has read, in a server of it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ClientGone } from '../http/request-body.js';
import type { ResponseHead } from '../http/response-head.js';
import { dateLine } from '../protocol/head-writer.js';
import { type Carrier, type Exchange, endToEndFields } from './exchange.js';
import type { ForeignHead } from './foreign-head.js';
import { settleAtOneOf } from './settle-at-one-of.js';

/** How an application is mounted in another server. */
export interface NodeListenerOptions {
  /**
   * Whether requests for paths that no route has, whatever the method, go to `next` instead of being answered 404;
   * middleware sees none of them. Default false.
   */
  readonly fallThrough?: boolean;
}

/** A listener of `node:http`, and middleware of Connect, Express and Vite. */
export type NodeListener = (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void;

export class NodeCarrier implements Carrier {
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  #isStreamed = false;
  #whole: Uint8Array[] = [];
  #hasRead = false;
  #stopWaiting: () => void = () => {};
  #leave: () => void = () => {};

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  get socket(): Duplex {
    return this.#incoming.socket;
  }

  get httpVersion(): '2.0' | undefined {
    return this.#incoming.httpVersionMajor > 1 ? '2.0' : undefined;
  }

  /** Ends `exchange` when the client leaves. */
  watch(exchange: Exchange): void {
    this.#leave = () => exchange.leave();
    this.#outgoing.once('close', this.#leave);
  }

  async read(): Promise<Uint8Array | undefined> {
    const incoming = this.#incoming;
    if (!this.#hasRead && incoming.readableEnded) {
      throw new Error('The content was read before it came here: mount the application before any body parser');
    }
    this.#hasRead = true;
    for (;;) {
      const piece = incoming.read() as Buffer | null;
      if (piece !== null) return piece;
      if (incoming.readableEnded) return undefined;
      if (incoming.destroyed) throw new ClientGone();
      await new Promise<void>((resolve) => {
        this.#stopWaiting = settleAtOneOf(incoming, ['readable', 'end', 'close'], resolve);
      });
    }
  }

  /** That server drops by itself only what nobody has begun to read. */
  dropContent(): void {
    this.#stopWaiting();
    // A stream learns one tick late that nobody waits for `readable` any more.
    setImmediate(() => this.#incoming.resume());
  }

  begin(head: ResponseHead, status: number, isStreamed: boolean): void {
    const fields: string[] = [];
    for (const field of endToEndFields(head)) fields.push(...field);
    // First, where our own server has it.
    if (fields[0]?.toLowerCase() !== 'date') fields.unshift('Date', dateLine().slice('Date: '.length, -2));
    this.#isStreamed = isStreamed;
    // HTTP/2 has no reason phrases, and warns of them.
    if (this.#incoming.httpVersionMajor > 1) this.#outgoing.writeHead(status, objectOf(fields));
    else this.#outgoing.writeHead(status, head.reasonFor(status), fields);
    if (isStreamed) this.#outgoing.flushHeaders();
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#isStreamed) {
      this.#whole.push(bytes);
      return true;
    }
    if (this.#outgoing.write(bytes)) return true;
    // Its `close` may still be to come, and a source that never pauses would not let it.
    if (this.#outgoing.destroyed) this.#leave();
    return false;
  }

  drained(): Promise<void> {
    if (!this.#outgoing.writableNeedDrain || this.#outgoing.destroyed) return Promise.resolve();
    return new Promise((resolve) => settleAtOneOf(this.#outgoing, ['drain', 'close'], resolve));
  }

  end(): void {
    if (this.#whole.length > 0) this.#outgoing.end(Buffer.concat(this.#whole));
    else this.#outgoing.end();
  }

  destroy(): void {
    // That of HTTP/2 has a stream of its own to destroy, on a connection with others.
    const { stream } = this.#outgoing as { stream?: Duplex };
    (stream ?? this.#outgoing).destroy();
  }
}

/** What `node:http` read. */
export function nodeHeadOf(incoming: IncomingMessage): ForeignHead {
  const { rawHeaders, httpVersionMajor, httpVersionMinor } = incoming;
  const fields: [string, string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    // The pseudo-header fields of HTTP/2 (RFC 9113 §8.3.1).
    if (rawHeaders[i].startsWith(':')) {
      if (rawHeaders[i] === ':authority') fields.push(['Host', rawHeaders[i + 1]]);
    } else {
      fields.push([rawHeaders[i], rawHeaders[i + 1]]);
    }
  }
  const isHttp10 = httpVersionMajor === 1 && httpVersionMinor === 0;
  return {
    method: incoming.method ?? 'GET',
    target: incoming.url || '/',
    minorVersion: isHttp10 ? 0 : 1,
    fields,
    hasUnsizedContent: httpVersionMajor > 1 && mayHaveContent(incoming),
  };
}

/** Content that says nothing of its size: HTTP/2 needs not. */
function mayHaveContent(incoming: IncomingMessage): boolean {
  return incoming.headers['content-length'] === undefined && !incoming.complete;
}

/** Field lines by name, several of one as a list. */
function objectOf(lines: readonly string[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i].toLowerCase();
    fields[name] ??= [];
    fields[name].push(lines[i + 1]);
  }
  return fields;
}
