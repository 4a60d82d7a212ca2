/** Opens WebSockets to a served Server, by the client of `ws`. */

import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import { request, type Served } from './served.js';

/** The fields of a handshake that nothing is wrong with; the key is that of RFC 6455 §1.3. */
export const HANDSHAKE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A request that opens a WebSocket, as bytes. */
export function handshake(path: string, ...fields: string[]): string {
  return request(`GET ${path}`, ...HANDSHAKE, ...fields);
}

/** A frame with `text`, masked by zeros, so that it can be read in what a test says. */
export function textFrame(text: string): string {
  return `\x81${String.fromCharCode(0x80 + text.length)}\0\0\0\0${text}`;
}

/** One client. Text is a string, bytes are a Buffer. */
export class TestSocket {
  readonly ws: WebSocket;
  readonly messages: (string | Buffer)[] = [];
  #close: readonly [code: number, reason: string] | undefined;
  #arrived: () => void = () => {};

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer, isBinary) => {
      this.messages.push(isBinary ? data : data.toString());
      this.#arrived();
    });
    ws.on('close', (code, reason) => {
      this.#close = [code, reason.toString()];
      this.#arrived();
    });
    // What went wrong is told by the close as well.
    ws.on('error', () => {});
  }

  /** Takes the next message. @throws where the socket closes instead. */
  async next(): Promise<string | Buffer> {
    while (this.messages.length === 0) {
      if (this.#close !== undefined) throw new Error(`Closed by ${this.#close.join(' ')} before a message`);
      await this.#arrival();
    }
    return this.messages.shift() as string | Buffer;
  }

  /** How it was closed. */
  async closed(): Promise<readonly [code: number, reason: string]> {
    while (this.#close === undefined) await this.#arrival();
    return this.#close;
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }
}

/** Connects to `path`. @throws where the handshake is refused. */
export async function openSocket(
  served: Served,
  path = '/',
  options: ClientOptions & { readonly protocols?: readonly string[] } = {},
): Promise<TestSocket> {
  const { protocols = [], ...rest } = options;
  const { duplex } = await served.connect();
  duplex.removeAllListeners('data');
  const ws = new WebSocket(`ws://h${path}`, [...protocols], { createConnection: () => duplex as never, ...rest });
  onTestFinished(() => ws.terminate());
  const socket = new TestSocket(ws);
  await once(ws, 'open');
  return socket;
}
