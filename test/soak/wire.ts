/** Sends exact bytes over TCP and reads whole responses, fast enough to be load. */

import { connect, type Socket } from 'node:net';

/** Longest wait for one response, in ms. The server's own timeouts are longer only where nothing is expected. */
const DEADLINE_MS = 30_000;

export interface Answer {
  readonly status: number;
  /** Status line and field lines. */
  readonly head: string;
  readonly content: Buffer;
}

/** Why an exchange failed, in a word that failures are counted by. */
export class Failure extends Error {
  readonly kind: string;

  constructor(kind: string, detail = '') {
    super(`${kind}${detail === '' ? '' : `: ${detail}`}`);
    this.kind = kind;
  }
}

/** One connection. */
export class Wire {
  readonly socket: Socket;
  #pieces: Buffer[] = [];
  #size = 0;
  #hasEnded = false;
  #error: NodeJS.ErrnoException | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#size += piece.length;
      this.#wake();
    });
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#hasEnded = true;
        this.#wake();
      });
    }
  }

  /** Connects. @throws Failure where nobody accepts. */
  static connect(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      const refused = (error: NodeJS.ErrnoException) => reject(new Failure(`connect ${error.code}`));
      socket.once('error', refused);
      socket.once('connect', () => {
        socket.off('error', refused);
        resolve(new Wire(socket));
      });
    });
  }

  /** Bytes received that no response has taken. */
  get pending(): number {
    return this.#size;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The error that ended the connection: `ECONNRESET` where the server did not close cleanly. */
  get error(): NodeJS.ErrnoException | undefined {
    return this.#error;
  }

  send(bytes: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Closes the sending side. */
  end(): void {
    this.socket.end();
  }

  /** Leaves: politely where nothing is unread, by a reset where something is. */
  leave(): void {
    this.socket.destroy();
  }

  /** Leaves by a reset, always. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /**
   * Reads one response that is not to HEAD, delimited by Content-Length, chunks or the close.
   *
   * @throws Failure where it does not come whole.
   */
  async response(): Promise<Answer> {
    const head = await this.#head();
    const status = Number(head.slice(9, 12));
    if (status < 200 || status === 204 || status === 304) return { status, head, content: Buffer.alloc(0) };
    if (/\r\ntransfer-encoding: chunked\r\n/i.test(head)) return { status, head, content: await this.#chunks() };
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
    const content = length === undefined ? await this.rest() : await this.take(Number(length));
    return { status, head, content };
  }

  /** Takes all that comes until the server closes. */
  async rest(): Promise<Buffer> {
    await this.#until(() => this.#hasEnded, 'the close');
    return this.#shift(this.#size);
  }

  /** Takes the next `size` bytes. */
  async take(size: number): Promise<Buffer> {
    await this.#until(() => this.#size >= size, `${size} bytes`);
    return this.#shift(size);
  }

  /** Waits until the server has closed its side. */
  async closed(): Promise<void> {
    await this.#until(() => this.#hasEnded, 'the close');
  }

  async #head(): Promise<string> {
    return (await this.takeThrough('\r\n\r\n')).toString('latin1');
  }

  async #chunks(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const line = (await this.takeThrough('\r\n')).toString('latin1');
      const size = Number.parseInt(line, 16);
      if (!/^[\da-f]+\r\n$/i.test(line)) throw new Failure('bad chunk size', JSON.stringify(line));
      const chunk = await this.take(size + 2);
      if (chunk.toString('latin1', size) !== '\r\n') throw new Failure('bad chunk end');
      if (size === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, size));
    }
  }

  /** Takes everything up to the end of `text`, which is looked for in few bytes only. */
  async takeThrough(text: string): Promise<Buffer> {
    let end = -1;
    await this.#until(() => {
      const found = this.#joined().indexOf(text, 0, 'latin1');
      end = found === -1 ? -1 : found + text.length;
      return end !== -1;
    }, JSON.stringify(text));
    return this.#shift(end);
  }

  #joined(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces, this.#size)];
    return this.#pieces[0] as Buffer;
  }

  #shift(size: number): Buffer {
    const all = this.#joined();
    this.#pieces = [all.subarray(size)];
    this.#size -= size;
    return all.subarray(0, size);
  }

  #until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const fail = (kind: string) =>
        settle(() => reject(new Failure(kind, `before ${what}, ${this.#size} bytes came`)));
      const timer = setTimeout(() => fail('no answer in time'), DEADLINE_MS);
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        this.#wake = () => {};
        outcome();
      };
      this.#wake = () => {
        if (holds()) settle(resolve);
        else if (this.#hasEnded) fail(this.#error === undefined ? 'closed early' : `closed early ${this.#error.code}`);
      };
      this.#wake();
    });
  }
}

/** A request without content, as bytes. */
export function get(path: string, version = '1.1', ...fields: string[]): string {
  return [`GET ${path} HTTP/${version}`, 'Host: soak', ...fields, '', ''].join('\r\n');
}

/** The head of a request whose content follows. */
export function headOf(method: string, path: string, ...fields: string[]): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: soak', ...fields, '', ''].join('\r\n');
}
