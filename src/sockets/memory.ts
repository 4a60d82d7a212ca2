/** Listens inside the process, without a port. */

import { type Duplex, duplexPair } from 'node:stream';
import { AcceptQueue, DEFAULT_BACKLOG } from './accept-queue.js';
import { ListenerClosed, type ListenerSocket, type SocketName } from './listener-socket.js';

/** A socket whose clients are made by `connect`: the whole server runs, and nothing is opened. */
export class MemorySocket implements ListenerSocket {
  readonly #queue = new AcceptQueue();
  #name: SocketName = { ip: 'memory', port: 0 };
  #listening = false;

  /** Remembers the address, for `getsockname` alone. */
  bind(ip: string, port: number): void {
    this.#name = { ip, port };
  }

  listen(backlog: number = DEFAULT_BACKLOG): void {
    if (this.#queue.closed) throw new ListenerClosed();
    if (this.#listening) throw new Error('The socket is already listening');
    this.#queue.setLimit(backlog);
    this.#listening = true;
  }

  /**
   * Connects, and gives the client's end. Throws while nothing listens, as a port would refuse. A client for whom the
   * backlog has no room is closed at once.
   */
  connect(): Duplex {
    if (this.#queue.closed) throw new ListenerClosed();
    if (!this.#listening) throw new Error('Nothing listens on this MemorySocket yet');
    const [client, server] = duplexPair({ allowHalfOpen: true });
    closeTogether(client, server);
    closeTogether(server, client);
    this.#queue.offer(server);
    return client;
  }

  accept(): Promise<Duplex> {
    return this.#queue.accept();
  }

  getsockname(): SocketName {
    return this.#name;
  }

  /** Throws: memory has no options. */
  setoption(name: string, _value: unknown): void {
    throw new TypeError(`Unknown option "${name}": a MemorySocket knows none`);
  }

  close(): void {
    this.#queue.close();
  }
}

/** Closes `other` after `one`, as a network would: what was already sent is still read. A pair alone does not. */
function closeTogether(one: Duplex, other: Duplex): void {
  one.once('close', () => {
    other.push(null);
    if (other.readableLength === 0) other.destroy();
    else other.once('end', () => other.destroy());
  });
}
