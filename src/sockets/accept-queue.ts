/** Hands arriving clients to the accept calls that wait for them. */

import type { Duplex } from 'node:stream';
import { ListenerClosed } from './listener-socket.js';

/** How many clients may wait where `listen` was given no backlog: Node's own default. */
export const DEFAULT_BACKLOG = 511;

interface Waiting {
  readonly resolve: (client: Duplex) => void;
  readonly reject: (error: Error) => void;
}

const ignore = () => {};

/** A line of clients or a line of `accept` calls: never both at once. */
export class AcceptQueue {
  readonly #clients: Duplex[] = [];
  readonly #waiting: Waiting[] = [];
  #failure: Error | undefined;
  #closed = false;
  #limit = DEFAULT_BACKLOG;

  get closed(): boolean {
    return this.#closed;
  }

  /** Sets how many clients may wait. */
  setLimit(clients: number): void {
    this.#limit = clients;
  }

  /** Takes in a client: for the longest waiting `accept`, else for the next one. Destroys it where the line is full. */
  offer(client: Duplex): void {
    // Stays for good: an error between here and the first listener of whoever accepts would end the process.
    client.on('error', ignore);
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve(client);
    else if (this.#closed || this.#clients.length >= this.#limit) client.destroy();
    else this.#clients.push(client);
  }

  /** Rejects the longest waiting `accept`, else the next one, with `error`. The first of several errors is kept. */
  fail(error: Error): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.reject(error);
    else this.#failure ??= error;
  }

  /** Takes the next client that is still alive. */
  accept(): Promise<Duplex> {
    for (let client = this.#clients.shift(); client !== undefined; client = this.#clients.shift()) {
      if (!client.destroyed) return Promise.resolve(client);
    }
    if (this.#closed) return Promise.reject(new ListenerClosed());
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Destroys the clients in line and rejects the waiting calls. */
  close(): void {
    this.#closed = true;
    this.#failure = undefined;
    for (const client of this.#clients.splice(0)) client.destroy();
    for (const waiting of this.#waiting.splice(0)) waiting.reject(new ListenerClosed());
  }
}
