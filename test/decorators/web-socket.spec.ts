import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { methodParameters, routeRecords } from '../../src/decorators/metadata.js';
import { Param } from '../../src/decorators/parameters.js';
import { Socket, WebSocket } from '../../src/decorators/web-socket.js';
import type { WebSocketConnection } from '../../src/http/web-socket/web-socket-connection.js';

const Move = z.object({ x: z.number() });

class Board {
  @WebSocket('/plain') async plain(@Socket() _socket: WebSocketConnection) {}
  @WebSocket('/:id', { deflate: true })
  async *moves(@Param('id') _id: string, @Socket(Move) _socket: WebSocketConnection<z.infer<typeof Move>>) {}
  @WebSocket() async bare() {}
}

describe('@WebSocket', () => {
  it('records a GET route that sends messages, with its options', () => {
    const common = { method: 'GET', sends: 'messages', isStatic: false, decorator: '@WebSocket' };
    expect(routeRecords(Board)).toEqual([
      { ...common, path: '/plain', handlerKey: 'plain', webSocket: {} },
      { ...common, path: '/:id', handlerKey: 'moves', webSocket: { deflate: true } },
      { ...common, path: '', handlerKey: 'bare', webSocket: {} },
    ]);
  });
});

describe('@Socket', () => {
  it.each([
    ['plain', 0, { source: 'socket', index: 0, hasSchema: false, schema: undefined, decorator: '@Socket()' }],
    ['moves', 1, { source: 'socket', index: 1, hasSchema: true, schema: Move, decorator: '@Socket(schema)' }],
  ])('records the parameter of %s', (key, at, record) => {
    expect(methodParameters(Board, key).records[at]).toMatchObject(record);
  });
});
