/** Opens WebSockets over the library `ws`, which is loaded where somebody does. */

import type { IncomingMessage } from 'node:http';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { WebSocketServer } from 'ws';
import type { Request } from '../request.js';
import { ClientGone } from '../request-body.js';
import type { Response } from '../response.js';
import { WebSocketConnection } from './web-socket-connection.js';
import { checkHandshake, WEB_SOCKET } from './web-socket-handshake.js';
import { type MessageReader, readJson, readRaw } from './web-socket-message.js';
import { type CheckedWebSocketOptions, checkWebSocketOptions, type WebSocketOptions } from './web-socket-options.js';

/** What the library reads of a request, and what its listeners are told of ours. */
interface Handshake {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The sub-protocol that was chosen, `''` for none. */
  readonly protocol: string;
  /** The 101 as the response would send it. */
  head: string;
}

const NO_BYTES = Buffer.alloc(0);
/** A context kept for every client would take some 300 KiB each. */
const DEFLATE = { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 1024 };

/** Opens the WebSockets of one route. */
export class WebSocketAcceptor {
  readonly #server: WebSocketServer;
  readonly #options: CheckedWebSocketOptions;

  private constructor(server: WebSocketServer, options: CheckedWebSocketOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Loads the library. @throws TypeError or RangeError naming an option that is unknown or out of range. */
  static async load(options: WebSocketOptions = {}): Promise<WebSocketAcceptor> {
    const checked = checkWebSocketOptions(options);
    const { WebSocketServer } = await import('ws');
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: checked.maxMessageSize,
      perMessageDeflate: checked.deflate && DEFLATE,
      handleProtocols: (_offered, request) => handshakeOf(request).protocol || false,
      // Known to the library, not yet to its types.
      ...{ closeTimeout: checked.closeTimeout },
    });
    server.on('headers', (lines, request) => {
      // The fields of the response, set by middleware for instance, beside those the library has negotiated.
      const negotiated = lines.filter((line) => line.startsWith('Sec-WebSocket-'));
      const own = handshakeOf(request).head.slice(0, -'\r\n\r\n'.length);
      lines.splice(0, lines.length, ...own.split('\r\n'), ...negotiated);
    });
    return new WebSocketAcceptor(server, checked);
  }

  /** Checks the handshake, and gives the sub-protocol to speak. @throws HttpError as {@link checkHandshake}. */
  check(req: Request): string {
    return checkHandshake(req, this.#options);
  }

  /** Answers 101 to a request that was checked. The socket is told when the server drains. */
  accept<Message>(
    req: Request,
    res: Response,
    protocol: string,
    read: MessageReader<Message>,
  ): WebSocketConnection<Message> {
    const { headers } = req;
    const shim: Handshake = {
      method: req.method,
      headers: {
        upgrade: WEB_SOCKET,
        'sec-websocket-key': headers.get('sec-websocket-key'),
        'sec-websocket-version': headers.get('sec-websocket-version'),
        'sec-websocket-protocol': headers.get('sec-websocket-protocol'),
        'sec-websocket-extensions': headers.get('sec-websocket-extensions'),
      },
      protocol,
      head: '',
    };
    let connection: WebSocketConnection<Message> | undefined;
    res.upgrade(WEB_SOCKET, (socket, head) => {
      shim.head = head;
      this.#server.handleUpgrade(shim as unknown as IncomingMessage, socket, NO_BYTES, (framed) => {
        connection = new WebSocketConnection(framed, socket, read, this.#options);
      });
    });
    // It has left in this moment; or it wants a compression that cannot be, which the library has answered.
    if (connection === undefined) throw new ClientGone();
    const opened = connection;
    req.signal.addEventListener('abort', () => opened.leave(), { once: true });
    // The draining began after the handshake was checked: nobody will tell of it again.
    if (req.serverDrains) opened.leave();
    return opened;
  }
}

function handshakeOf(request: IncomingMessage): Handshake {
  return request as unknown as Handshake;
}

/** Acceptors by the options that they were loaded for. */
const acceptors = new WeakMap<object, Promise<WebSocketAcceptor>>();
const DEFAULTS = Object.freeze({});

/**
 * Opens a WebSocket for a GET request: checks the handshake, answers 101 and gives the socket. It is the caller's: it
 * stays open when the handler ends. With `message`, a Standard Schema, messages are JSON that fits it: one that does not
 * closes the socket with 1007 (no JSON), 1003 (no text) or 1008. Keep the options in a constant: they are checked once.
 *
 * @throws HttpError 405, 426, 400, 403 or 503, to be answered as any other, where the handshake is refused. TypeError or
 * RangeError naming an option that is unknown or out of range.
 */
export function acceptWebSocket<S extends StandardSchemaV1>(
  req: Request,
  res: Response,
  options: WebSocketOptions & { readonly message: S },
): Promise<WebSocketConnection<StandardSchemaV1.InferOutput<S>>>;
export function acceptWebSocket(req: Request, res: Response, options?: WebSocketOptions): Promise<WebSocketConnection>;
export async function acceptWebSocket(
  req: Request,
  res: Response,
  options: WebSocketOptions & { readonly message?: StandardSchemaV1 } = DEFAULTS,
): Promise<WebSocketConnection<unknown>> {
  let loading = acceptors.get(options);
  if (loading === undefined) {
    const { message: _, ...rest } = options;
    loading = WebSocketAcceptor.load(rest);
    acceptors.set(options, loading);
  }
  const acceptor = await loading;
  const protocol = acceptor.check(req);
  const read: MessageReader<unknown> = options.message === undefined ? readRaw : readJson(options.message);
  return acceptor.accept(req, res, protocol, read);
}
