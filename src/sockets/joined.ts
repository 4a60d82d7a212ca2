/** Listens on several sockets as one. */

import type { Duplex } from 'node:stream';
import { acceptEach } from './accept-each.js';
import { AcceptQueue, DEFAULT_BACKLOG } from './accept-queue.js';
import { ListenerClosed, type ListenerSocket, type SocketName } from './listener-socket.js';

/**
 * One Server on many sockets. The first one is what the Server is told about: `listen(port)`, `setIp`, `getsockname`,
 * `setoption`. The others keep the address that they were bound to.
 */
export class JoinedSocket implements ListenerSocket {
  /** The sockets, in the order given. */
  readonly sockets: readonly ListenerSocket[];
  readonly #queue = new AcceptQueue();
  #isListening = false;

  /** @throws TypeError without a socket. */
  constructor(first: ListenerSocket, ...others: readonly ListenerSocket[]) {
    if (first === undefined) throw new TypeError('JoinedSocket: expected a socket, got none');
    this.sockets = [first, ...others];
  }

  /** Binds the first one alone. */
  bind(ip: string, port: number): void | Promise<void> {
    return this.sockets[0].bind(ip, port);
  }

  /**
   * Starts to listen on each in turn, all with the same `backlog`.
   *
   * @throws what the first one to fail throws; then all are closed, and stay so.
   */
  async listen(backlog?: number): Promise<void> {
    if (this.#queue.closed) throw new ListenerClosed();
    if (this.#isListening) throw new Error('The socket is already listening');
    this.#isListening = true;
    this.#queue.setLimit(backlog ?? DEFAULT_BACKLOG);
    try {
      for (const socket of this.sockets) await socket.listen(backlog);
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#queue.closed) throw new ListenerClosed();
    void this.#acceptAll();
  }

  /** Ends when nobody listens any more, also where each was closed by itself. */
  async #acceptAll(): Promise<void> {
    const queue = this.#queue;
    await Promise.all(this.sockets.map((socket) => acceptEach(socket, queue, (client) => queue.offer(client))));
    queue.close();
  }

  accept(): Promise<Duplex> {
    return this.#queue.accept();
  }

  /** The name of the first one. Ask the others themselves: {@link sockets}. */
  getsockname(): SocketName {
    return this.sockets[0].getsockname();
  }

  /** Sets an option of the first one. The others are set before they are joined. */
  setoption(name: string, value: unknown): void {
    this.sockets[0].setoption(name, value);
  }

  /** Closes all. @throws AggregateError of what could not be closed. */
  async close(): Promise<void> {
    this.#queue.close();
    const closed = await Promise.allSettled(this.sockets.map(async (socket) => socket.close()));
    const errors = closed.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors, 'Some of the joined sockets could not be closed');
  }
}
