import { Controller, Query, Socket, WebSocket, type WebSocketConnection } from 'luminaire';
import { Crowd } from './crowd.js';
import { Name, Place } from './item.js';

/** Where everybody points: too much for requests, and of no interest a moment later. */
@Controller()
export class CursorController {
  constructor(private readonly crowd: Crowd) {}

  @WebSocket('/cursors', { maxMessageSize: 256 })
  async follow(@Query('name', Name) name: string, @Socket(Place) socket: WebSocketConnection<Place>): Promise<void> {
    const visitor = this.crowd.enter(name, socket);
    try {
      for await (const place of socket) this.crowd.move(visitor, place);
    } finally {
      this.crowd.leave(visitor);
    }
  }
}
