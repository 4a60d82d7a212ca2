import { z } from 'zod';
import { Param, Signal } from '../../../src/decorators/parameters.js';
import { Get } from '../../../src/decorators/route.js';
import { Socket, WebSocket } from '../../../src/decorators/web-socket.js';
import type { WebSocketConnection } from '../../../src/http/web-socket/web-socket-connection.js';
import { acceptWebSocket } from '../../../src/http/web-socket/web-socket-acceptor.js';
import type { Request } from '../../../src/http/request.js';
import type { Response } from '../../../src/http/response.js';

const Move = z.object({ x: z.number(), y: z.number() });
type Move = z.infer<typeof Move>;

class Fits {
  // fits: plain messages
  @WebSocket('/a') async plain(@Socket() socket: WebSocketConnection) {}
  // fits: what the schema gives
  @WebSocket('/b') async moves(@Socket(Move) socket: WebSocketConnection<Move>) {}
  // fits: less than the schema gives
  @WebSocket('/c') async less(@Socket(Move) socket: WebSocketConnection<{ x: number }>) {}
  // fits: unknown messages
  @WebSocket('/d') async unknown(@Socket() socket: WebSocketConnection<unknown>) {}
  // fits: a generator, with other parameters
  @WebSocket('/e/:id', { protocols: ['v1'] }) async *generates(@Param('id') id: string, @Signal() gone: AbortSignal) { yield { id }; }
  // fits: an async iterable that is returned
  @WebSocket() returned(): AsyncIterable<string> { throw 0; }
  // fits: a method that never returns
  @WebSocket() async never(): Promise<never> { throw 0; }
  // fits: a union of what may come
  @WebSocket() async union(@Socket(z.union([Move, z.string()])) socket: WebSocketConnection<Move | string>) {}
}

class Refused {
  // refused: @WebSocket closes the socket when the method is over: write "async atOnce()"
  @WebSocket() atOnce(@Socket() socket: WebSocketConnection) {}
  // refused: @WebSocket closes the socket when the method is over: write "async value()"
  @WebSocket() async value() { return 1; }
  // refused: @WebSocket closes the socket when the method is over: write "async generates()"
  @WebSocket() *generates() { yield 1; }
  // refused: @WebSocket closes the socket when the method is over: declare what it returns
  @WebSocket() anything(): any {}
  // refused: @WebSocket stands in a public method: remove "private" or "protected"
  @WebSocket() private async hidden() {}
  // refused: @WebSocket stands in an instance method: remove "static"
  @WebSocket() static async shared() {}
  // refused: a path starts with "/": write "/a"
  @WebSocket('a') async path() {}
  // refused: 'maxPayload' does not exist in type 'WebSocketOptions'
  @WebSocket('/a', { maxPayload: 1 }) async option() {}
  // refused: @Socket() gives a WebSocketConnection
  @WebSocket() async text(@Socket() socket: WebSocketConnection<string>) {}
  // refused: @Socket() gives a WebSocketConnection
  @WebSocket() async string(@Socket() socket: string) {}
  // refused: @Socket() gives a WebSocketConnection: declare the parameter so
  @WebSocket() async any(@Socket() socket: any) {}
  // refused: @Socket(schema) gives a WebSocketConnection
  @WebSocket() async more(@Socket(Move) socket: WebSocketConnection<{ z: number }>) {}
  // refused: @Socket() reads a request, so it stands in a handler, not in a constructor
  constructor(@Socket() socket: WebSocketConnection) {}
}

declare const req: Request;
declare const res: Response;

async function accepted() {
  // fits: messages of the schema
  for await (const { x } of await acceptWebSocket(req, res, { message: Move, deflate: true })) x.toFixed();
  // fits: text or bytes
  for await (const message of await acceptWebSocket(req, res)) message.length;
  // refused: Property 'z' does not exist
  for await (const { z } of await acceptWebSocket(req, res, { message: Move })) z;
  // refused: Argument of type 'number' is not assignable to parameter of type 'string | Uint8Array
  (await acceptWebSocket(req, res)).send(1);
}
