/** Marks methods that hold a conversation over a WebSocket. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { WebSocketConnection } from '../http/web-socket/web-socket-connection.js';
import type { WebSocketOptions } from '../http/web-socket/web-socket-options.js';
import type { Declared, FitsConversation, FitsPath, FitsSocket, Key, OnHandler } from './fits.js';
import { type HandlerKey, isStaticTarget, recordAbove, recordsFor } from './metadata.js';
import { type ParameterDecorator, recordParameter } from './parameters.js';

/** Stands on a public instance method that is `async`, or `async *`. */
export type ConversationDecorator = <T extends object, K extends HandlerKey>(
  target: T & OnHandler<T, K, '@WebSocket', FitsConversation<T, K>>,
  handlerKey: K,
  descriptor: PropertyDescriptor,
) => void;

/** Stands on a parameter that accepts a socket whose messages are `Message`. */
export type SocketDecorator<D extends string, Message> = <T extends object, K extends Key, I extends number>(
  target: T & OnHandler<T, K, D, FitsSocket<Declared<T, K, I>, D, WebSocketConnection<Message>>>,
  handlerKey: K,
  index: I,
) => void;

/**
 * Marks a method as the one that talks to the WebSockets opened at `path` (RFC 6455). It is called once its arguments are
 * there, `@Socket()` among them; whatever refuses the request before, middleware and resolvers included, is an ordinary
 * answer. When the method is over, the socket is closed with 1000; where it throws, with 1011, and the error is logged.
 * What an `async *` method yields is sent: text and bytes as they are, anything else as JSON.
 *
 * A `@Get` may have the same path: it answers who asks for no WebSocket. Without one that is 426.
 */
export function WebSocket<Path extends string = ''>(
  path?: Path & FitsPath<Path>,
  options?: WebSocketOptions,
): ConversationDecorator {
  return (target, handlerKey) => {
    recordAbove(recordsFor(target).routes, {
      method: 'GET',
      path: path ?? '',
      handlerKey,
      isStatic: isStaticTarget(target),
      sends: 'messages',
      webSocket: options ?? {},
      decorator: '@WebSocket',
    });
  };
}

/**
 * Gives the socket that `@WebSocket` has opened. With a schema, messages are JSON that fits it, and what its output says:
 * one that does not fit closes the socket with 1007 (no JSON), 1003 (bytes) or 1008.
 */
export function Socket(): SocketDecorator<'@Socket()', string | Buffer>;
export function Socket<S extends StandardSchemaV1>(
  schema: S,
): SocketDecorator<'@Socket(schema)', StandardSchemaV1.InferOutput<S>>;
export function Socket(...given: [schema?: StandardSchemaV1]): ParameterDecorator {
  const hasSchema = given.length > 0;
  return recordParameter({
    source: 'socket',
    hasSchema,
    schema: given[0],
    decorator: hasSchema ? '@Socket(schema)' : '@Socket()',
  });
}
