/** Runs a `net.Server` behind an accept queue. */

import type { AddressInfo, ListenOptions, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { AcceptQueue } from './accept-queue.js';
import { ListenerClosed } from './listener-socket.js';

/** What {@link NetListener.listen} takes; `reusePort` is missing from the types of Node 20. */
export type NetListenOptions = ListenOptions & { readonly reusePort?: boolean; readonly fd?: number };

/** What the sockets on Node's own servers have in common: one start, a queue of clients, one close. */
export class NetListener {
  readonly #queue = new AcceptQueue();
  #server: Server | undefined;

  /** Whether `listen` has been called, and has not failed. */
  get isListening(): boolean {
    return this.#server !== undefined;
  }

  /**
   * Listens with `server`, and gives its address. After a failure it may be called again, with another server.
   *
   * @throws ListenerClosed once closed, Error where it listens already, what the system says.
   */
  async listen(server: Server, options: NetListenOptions, backlog: number): Promise<AddressInfo | string | null> {
    if (this.#queue.closed) throw new ListenerClosed();
    if (this.#server !== undefined) throw new Error('The socket is already listening');
    this.#server = server;
    this.#queue.setLimit(backlog);
    server.on('connection', (client) => this.#queue.offer(client));
    try {
      return await this.#listening(server, { ...options, backlog });
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
  }

  #listening(server: Server, options: NetListenOptions): Promise<AddressInfo | string | null> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.once('close', () => reject(new ListenerClosed()));
      server.listen(options, () => {
        // A close during the look-up of the address comes too early for Node to drop the handle.
        if (this.#queue.closed) return void server.close();
        server.off('error', reject);
        server.on('error', (error) => this.#queue.fail(error));
        resolve(server.address());
      });
    });
  }

  accept(): Promise<Duplex> {
    return this.#queue.accept();
  }

  close(): void {
    if (this.#queue.closed) return;
    this.#queue.close();
    // The address is free when this returns; the callback would wait for the last connection.
    this.#server?.close();
  }
}
