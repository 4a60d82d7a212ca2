import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  BootError,
  Controller,
  checkApp,
  createApp,
  explainRequest,
  Get,
  listRoutes,
  Param,
  Produces,
  Returns,
  Socket,
  Status,
  Use,
  WebSocket,
  type WebSocketConnection,
  type WebSocketOptions,
} from '../../../src/index.js';

const wrong = (options: unknown) => options as WebSocketOptions;

@Controller()
class TwoSockets {
  @WebSocket('/a') async a(@Socket() _one: WebSocketConnection, @Socket() _two: WebSocketConnection) {}
}
@Controller()
class NoWebSocket {
  @Get('/a') a(@Socket() _socket: WebSocketConnection) {}
}
@Controller()
class TwoKinds {
  @Get('/a') @WebSocket('/a') async a() {}
}
@Controller()
class WithStatus {
  @WebSocket('/a') @Status(202) async a() {}
}
@Controller()
class WithReturns {
  @WebSocket('/a') @Returns(200, z.void()) async a() {}
}
@Controller()
class WithProduces {
  @WebSocket('/a') @Produces('application/json') async a() {}
}
@Controller()
class WrongOptions {
  @WebSocket('/a', wrong({ maxPayload: 1 })) async a() {}
}
@Controller()
class WrongOrigin {
  @WebSocket('/a', { origins: ['a.example'] }) async a() {}
}
@Controller()
class NoSchema {
  @WebSocket('/a') async a(@Socket(undefined as never) _socket: WebSocketConnection<never>) {}
}
@Controller()
class Twice {
  @WebSocket('/a') async a() {}
  @WebSocket('/a') async b() {}
}
@Controller()
class WrongName {
  @WebSocket('/:id') async a(@Param('name') _name: string) {}
}

describe('boot finds', () => {
  it.each<[string, new () => object, string]>([
    ['two sockets', TwoSockets, 'TwoSockets.a: expected one @Socket, found 2. It is the same socket: read it with one schema.'], // biome-ignore format: one row
    ['a socket without @WebSocket', NoWebSocket, 'NoWebSocket.a: expected @WebSocket above a method with @Socket(), found none. Only @WebSocket opens a socket.'], // biome-ignore format: one row
    ['two kinds of route on one method', TwoKinds, 'TwoKinds.a: expected a method of its own under @WebSocket, found @Get above it. A request that opens no socket is answered by another method, which may have the same path.'], // biome-ignore format: one row
    ['@Status beside it', WithStatus, 'WithStatus.a: expected no @Status, @Returns or @Produces beside @WebSocket, found @Status. A WebSocket is answered 101, and then has messages: remove it.'], // biome-ignore format: one row
    ['@Returns beside it', WithReturns, 'found @Returns.'],
    ['@Produces beside it', WithProduces, 'found @Produces.'],
    ['an unknown option', WrongOptions, 'WrongOptions.a: @WebSocket: unknown option "maxPayload"; known are origins,'],
    ['an origin that is none', WrongOrigin, 'WrongOrigin.a: @WebSocket: origins must be "*" or a list of origins'],
    ['a schema that is not there', NoSchema, 'NoSchema.a: expected a Standard Schema (a value with "~standard") in @Socket(schema), found nothing yet.'], // biome-ignore format: one row
    ['two sockets at one path', Twice, 'Twice.b: @WebSocket: WebSocket /a is already registered by Twice.a; Twice.b would never run.'], // biome-ignore format: one row
    ['a path parameter that is not there', WrongName, 'WrongName.a: expected :name in GET /:id for @Param("name")'],
  ])('%s', async (_title, controller, message) => {
    const error = await createApp({ controllers: [controller] }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BootError);
    expect((error as BootError).findings.map((each) => each.message)).toEqual([expect.stringContaining(message)]);
  });
});

const auth = function auth() {};

@Controller('/board')
@Use(auth)
class Board {
  @Get() page() {
    return 'page';
  }
  @WebSocket('', { protocols: ['v1'] }) async cursors(@Socket() _socket: WebSocketConnection) {}
  @WebSocket('/alone') async alone() {}
}

const options = { controllers: [Board] };

describe('an application with WebSockets', () => {
  it('is proved', () => {
    expect(checkApp(options)).toEqual({ errors: [], warnings: [] });
  });

  it('lists them apart from the @Get of the same path', () => {
    expect(listRoutes(options)).toBe(
      [
        'GET        /board        auth → Board.page',
        'WebSocket  /board        auth → Board.cursors',
        'WebSocket  /board/alone  auth → Board.alone',
        '',
      ].join('\n'),
    );
  });

  it('tells what a request for a socket meets', () => {
    expect(explainRequest(options, 'WebSocket /board').replaceAll(/ {2,}/g, '  ')).toBe(
      [
        'WebSocket /board',
        '1  route  WebSocket /board by @WebSocket  Board.cursors',
        '2  limit  maxMessageSize: 1048576 bytes  Board.cursors',
        '3  limit  timeout: none  application',
        '4  middleware  auth  Board',
        '5  parameter  @Socket()  Board.cursors',
        '6  handler  Board.cursors  Board.cursors',
        '7  reply  101, then messages; 1000 when the method is over  Board.cursors',
        '8  error  an HttpError as it says, anything else 500  server',
        '9  error  1011 once the socket is open  server',
        '',
      ].join('\n'),
    );
  });

  it('tells what any other request meets', () => {
    expect(explainRequest(options, 'GET /board')).toContain('Board.page');
    const refused = explainRequest(options, 'GET /board/alone');
    expect(refused).toContain('auth');
    expect(refused).toContain('426: this is served over WebSocket alone; explain "WebSocket /board/alone"');
    expect(explainRequest(options, 'WebSocket /nowhere')).toContain('404: no route matches');
    expect(explainRequest(options, 'POST /board/alone')).toContain('405, Allow: GET, HEAD, OPTIONS');
  });
});
