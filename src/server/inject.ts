/** Sends a request to a Server without a port: through the real parser and writer, over a pair of streams. */

import { type Duplex, Readable } from 'node:stream';
import { MemorySocket } from '../sockets/memory.js';

/** A request that is sent without a port. */
export interface InjectedRequest {
  /** Default `GET`. */
  readonly method?: string;
  /** The request-target: path and query, or another of the four forms. Default `/`. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** Serves one client to its end. */
interface Serving {
  _tick(client: Duplex): Promise<void>;
}

/** Statuses for which the fetch standard's Response takes no body. */
const BODILESS = new Set([204, 205, 304]);

/** Sends `request` and returns the answer as the fetch standard's Response; its body is still streaming. */
export async function inject(server: Serving, request: InjectedRequest): Promise<Response> {
  const http = await import('node:http');
  // A pair alone would not tell the server that the client is gone; a MemorySocket does.
  const socket = new MemorySocket();
  socket.listen();
  const clientEnd = socket.connect();
  void server._tick(await socket.accept());
  return new Promise((resolve, reject) => {
    const outgoing = http.request({
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: { host: 'localhost', connection: 'close', ...(request.headers as Record<string, string | string[]>) },
      createConnection: () => clientEnd as never,
    });
    const settle = (incoming: import('node:http').IncomingMessage, rest: Readable): void => {
      const headers = new Headers();
      for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
        headers.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string);
      }
      const status = incoming.statusCode ?? 0;
      const body = BODILESS.has(status) ? null : (Readable.toWeb(rest) as ReadableStream<Uint8Array>);
      resolve(new Response(body, { status, statusText: incoming.statusMessage ?? '', headers }));
    };
    outgoing.on('response', (incoming) => settle(incoming, incoming));
    // A 2xx answer to CONNECT is a tunnel: what follows the head is content to whoever injected it.
    outgoing.on('connect', (incoming, socket, early) => {
      if (early.length > 0) socket.unshift(early);
      socket.once('end', () => socket.end());
      settle(incoming, socket as unknown as Readable);
    });
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}
