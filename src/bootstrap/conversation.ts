/** Calls a `@WebSocket` method with its socket, and ends the socket with it. */

import { WebSocketAcceptor } from '../http/web-socket/web-socket-acceptor.js';
import type { WebSocketConnection } from '../http/web-socket/web-socket-connection.js';
import { type MessageReader, readJson, readRaw } from '../http/web-socket/web-socket-message.js';
import type { Call, HandlerParts } from './handler.js';
import { buildArgumentsReader } from './parameters/parameter-readers.js';

/** What a conversation needs of the parts of its handler. */
type ConversationParts = Pick<HandlerParts, 'key' | 'parameters' | 'makeResolver' | 'webSocket' | 'place' | 'logger'>;

type Socket = WebSocketConnection<unknown>;

/**
 * Builds what checks the handshake, reads the arguments, opens the socket and calls the method. The promise is kept when
 * the socket has closed; it rejects only before the socket is open.
 */
export function buildConversation(parts: ConversationParts): Call {
  const { key, parameters, makeResolver, webSocket } = parts;
  const readArguments = buildArgumentsReader(parameters, makeResolver);
  const record = parameters.records.find(({ source }) => source === 'socket');
  const read: MessageReader<unknown> = record?.schema === undefined ? readRaw : readJson(record.schema);
  let acceptor: WebSocketAcceptor | undefined;
  return async (instance, req, res, scope) => {
    acceptor ??= await WebSocketAcceptor.load(webSocket);
    // Before the arguments: what a foreign page asks for is not even looked up.
    const protocol = acceptor.check(req);
    const args = await readArguments(req, res, scope);
    // Its time was up, or its client had left, while the arguments were read: nobody is there to talk to.
    if (req.isAborted) throw req.signal.reason;
    const socket = acceptor.accept(req, res, protocol, read);
    if (record === undefined) socket.ignoreMessages();
    else args[record.index] = socket;
    try {
      const returned = instance[key]?.(...args);
      if (isAsyncIterable(returned)) await sendAll(returned, socket);
      else await returned;
      socket.close();
    } catch (error) {
      if (socket.isOpen || !isAbort(error)) {
        parts.logger.error({ ref: req.id, handler: parts.place, err: error }, 'A WebSocket handler failed');
      }
      socket.fail();
    }
    await socket.closed;
  };
}

/** Sends each value as it comes, no faster than the client takes them. The source is stopped when the socket closes. */
async function sendAll(source: AsyncIterable<unknown>, socket: Socket): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  // Once, and awaited: whatever the generator holds is released before the exchange counts as over.
  let stopped: Promise<unknown> | undefined;
  const stop = () => {
    stopped ??= Promise.resolve(iterator.return?.());
    return stopped;
  };
  socket.signal.addEventListener('abort', () => void stop().catch(() => {}), { once: true });
  let step: IteratorResult<unknown> | undefined;
  try {
    for (step = await iterator.next(); !step.done && socket.isOpen; step = await iterator.next()) {
      const slow = sendValue(step.value, socket);
      if (slow !== undefined) await slow;
    }
  } finally {
    if (!step?.done) await stop();
  }
}

function sendValue(value: unknown, socket: Socket): void | Promise<void> {
  return typeof value === 'string' || value instanceof Uint8Array ? socket.send(value) : socket.json(value);
}

/** Whether something gave up because it was told to. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
