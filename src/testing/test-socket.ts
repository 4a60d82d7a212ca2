/** Opens a WebSocket to an application in a test, without a port. */

import type { Duplex } from 'node:stream';
import { WebSocketConnection } from '../http/web-socket/web-socket-connection.js';
import { readRaw } from '../http/web-socket/web-socket-message.js';
import { MemorySocket } from '../sockets/memory.js';

/** What a test says beside the path. */
export interface TestSocketRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sub-protocols that are offered, the preferred first. */
  readonly protocols?: readonly string[];
}

/** Serves one client to its end. */
interface Serving {
  _tick(client: Duplex): Promise<void>;
}

const NEVER = Number.POSITIVE_INFINITY;
const OPTIONS = { maxQueueSize: NEVER, pingInterval: NEVER, pingTimeout: NEVER, idleTimeout: NEVER };

/** Opens a socket over a pair of streams. @throws Error with the status and the content of any other answer than 101. */
export async function openTestSocket(
  server: Serving,
  url: string,
  { headers = {}, protocols = [] }: TestSocketRequest = {},
): Promise<WebSocketConnection> {
  const { WebSocket } = await import('ws');
  const listener = new MemorySocket();
  listener.listen();
  const stream = listener.connect();
  void server._tick(await listener.accept());
  return new Promise((resolve, reject) => {
    const framed = new WebSocket(`ws://localhost${url}`, [...protocols], {
      headers,
      perMessageDeflate: false,
      createConnection: () => stream as never,
    });
    framed.on('open', () => resolve(new WebSocketConnection(framed, stream, readRaw, OPTIONS)));
    framed.on('error', reject);
    framed.on('unexpected-response', (outgoing, incoming) => {
      let content = '';
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        content += piece;
      });
      incoming.on('end', () => {
        reject(new Error(`GET ${url} was answered ${incoming.statusCode}: ${content}`));
        outgoing.destroy();
      });
    });
  });
}
