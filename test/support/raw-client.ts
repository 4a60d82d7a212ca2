/** Sends exact bytes and receives exact bytes. */

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** Longest wait in ms: below vitest's own 5000, so that a test that hangs says what had been received. */
const DEADLINE_MS = 4000;

// Taken before any test fakes time.
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;

/** Whether enough was received: a text to receive, or a question asked of all that was. */
export type Enough = string | ((received: string) => boolean);

/** One connection. Texts are latin1, a character a byte. */
export class RawClient {
  readonly duplex: Duplex;
  #received = '';
  #closed = false;
  #arrived: () => void = () => {};

  private constructor(duplex: Duplex) {
    this.duplex = duplex;
    duplex.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#arrived();
    });
    // A reset is a way to close: what matters to a test is what came before.
    for (const event of ['end', 'close', 'error']) duplex.on(event, () => this.#close());
  }

  /** Connects to a TCP port. Rejects where nothing listens. */
  static async tcp(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Talks over one end of a pair, such as `MemorySocket.connect()` gives. */
  static over(duplex: Duplex): RawClient {
    return new RawClient(duplex);
  }

  /** Whether nothing more will be received: the peer has ended its side, or the connection is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** What was received, and taken by none of the methods below. */
  get received(): string {
    return this.#received;
  }

  send(bytes: string | Uint8Array): this {
    this.duplex.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Ends this side only; the peer may go on. Resolves once the end is handed over. */
  async end(): Promise<void> {
    this.duplex.end();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Drops the connection. */
  destroy(): void {
    this.duplex.destroy();
  }

  /** Takes what was received up to the end of a text, or all of it once the predicate holds. */
  async until(enough: Enough): Promise<string> {
    const length = () => {
      if (typeof enough === 'function') return enough(this.#received) ? this.#received.length : -1;
      const start = this.#received.indexOf(enough);
      return start === -1 ? -1 : start + enough.length;
    };
    const what = typeof enough === 'string' ? JSON.stringify(enough) : 'what was waited for';
    await this.#waitFor(() => length() >= 0, what);
    return this.#take(length());
  }

  /**
   * Takes one response: its head, then its content by Content-Length or chunks. A response to HEAD has none, whatever
   * its head says.
   */
  async response(toHead = false): Promise<string> {
    const head = await this.until('\r\n\r\n');
    if (toHead || /^HTTP\/1\.\d (?:1\d\d|204|304)/.test(head)) return head;
    if (/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) return head + (await this.#chunks());
    const length = Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) return head + (await this.all());
    await this.#waitFor(() => this.#received.length >= length, `${length} bytes after ${JSON.stringify(head)}`);
    return head + this.#take(length);
  }

  /** Takes all that is received until the peer closes. */
  async all(): Promise<string> {
    await this.#waitFor(() => this.#closed, 'the end');
    return this.#take(this.#received.length);
  }

  async #chunks(): Promise<string> {
    let content = '';
    for (let size = -1; size !== 0; ) {
      const line = await this.until('\r\n');
      size = Number.parseInt(line, 16);
      if (Number.isNaN(size)) throw new Error(`Expected the size of a chunk, received ${JSON.stringify(line)}`);
      await this.#waitFor(() => this.#received.length >= size + 2, `a chunk of ${size} bytes`);
      content += line + this.#take(size + 2);
    }
    return content;
  }

  #take(length: number): string {
    const taken = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return taken;
  }

  #close(): void {
    this.#closed = true;
    this.#arrived();
  }

  /** Waits until `holds`. Rejects, with what was received instead, when the peer closes or the deadline passes. */
  #waitFor(holds: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) =>
        settle(() => reject(new Error(`${why} before ${what}; received ${JSON.stringify(this.#received)}`)));
      const timer = startTimer(() => fail(`${DEADLINE_MS} ms passed`), DEADLINE_MS);
      const settle = (outcome: () => void) => {
        stopTimer(timer);
        this.#arrived = () => {};
        outcome();
      };
      this.#arrived = () => {
        if (holds()) settle(resolve);
        else if (this.#closed) fail('The peer closed');
      };
      this.#arrived();
    });
  }
}

/** Sends `bytes`, ends this side, and gives all that comes back until the peer closes. */
export async function exchange(target: number | Duplex, bytes: string | Uint8Array): Promise<string> {
  const client = typeof target === 'number' ? await RawClient.tcp(target) : RawClient.over(target);
  client.send(bytes);
  await client.end();
  try {
    return await client.all();
  } finally {
    client.destroy();
  }
}
