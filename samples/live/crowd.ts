import { randomUUID } from 'node:crypto';
import type { WebSocketConnection } from 'luminaire';
import { Colour, type Place } from './item.js';

/** Somebody who looks at the board. */
export interface Visitor {
  readonly id: string;
  readonly name: string;
  readonly colour: Colour;
  /** Where the pointer is; unknown until it was over the board. */
  at?: Place;
}

/** Knows who is here, and shows everybody where the others point. */
export class Crowd {
  readonly #sockets = new Map<Visitor, WebSocketConnection<unknown>>();
  #entered = 0;

  enter(name: string, socket: WebSocketConnection<unknown>): Visitor {
    const colour = Colour.options[this.#entered++ % Colour.options.length] as Colour;
    const visitor: Visitor = { id: randomUUID(), name, colour };
    void socket.json({ kind: 'welcome', you: visitor, others: [...this.#sockets.keys()] });
    this.#tell(visitor, { kind: 'came', visitor });
    this.#sockets.set(visitor, socket);
    return visitor;
  }

  move(visitor: Visitor, at: Place): void {
    visitor.at = at;
    // An old position is worth nothing: who is slow misses some.
    this.#tell(visitor, { kind: 'moved', id: visitor.id, at }, (socket) => socket.queuedSize === 0);
  }

  leave(visitor: Visitor): void {
    this.#sockets.delete(visitor);
    this.#tell(visitor, { kind: 'left', id: visitor.id });
  }

  #tell(
    about: Visitor,
    message: object,
    isReady: (socket: WebSocketConnection<unknown>) => boolean = () => true,
  ): void {
    const text = JSON.stringify(message);
    for (const [visitor, socket] of this.#sockets) if (visitor !== about && isReady(socket)) void socket.send(text);
  }
}
