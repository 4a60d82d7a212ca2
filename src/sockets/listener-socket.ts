/** Declares what a Server stands on. */

import type { Duplex } from 'node:stream';

/** Where a socket listens. */
export interface SocketName {
  readonly ip: string;
  readonly port: number;
  /** How to reach it, where that is not `http://ip:port`: `https://localhost:8443`, `unix:/run/app.sock`. */
  readonly url?: string;
}

/**
 * A source of clients: the asynchronous form of luasocket's master socket. A Server binds it, listens, then accepts in
 * a loop. A client is any `Duplex` of bytes that stays writable after its readable side has ended (`allowHalfOpen`).
 */
export interface ListenerSocket {
  /** Names the address to listen on; port 0 asks for a free one. May only remember it, and leave binding to `listen`. */
  bind(ip: string, port: number): void | Promise<void>;

  /**
   * Starts to listen. `backlog` is how many clients may wait to be accepted; the socket chooses where it is missing.
   * Rejects with the system's own error (`EADDRINUSE`) where the address cannot be had.
   */
  listen(backlog?: number): void | Promise<void>;

  /**
   * Takes the next client, in the order of arrival. May be called again while an earlier call waits; each client goes
   * to the call that waited longest. Rejects with `ListenerClosed` once closed, and with the error where the listening
   * socket itself reported one, after which it may be called again.
   *
   * From here on the client belongs to the caller: its `error` and `close` events, its timeouts and its end. A peer may
   * be quick: look at `destroyed` before waiting for `close`.
   */
  accept(): Promise<Duplex>;

  /** The bound address: before `listen` the one asked for, afterwards with the real port, still so when closed. */
  getsockname(): SocketName;

  /**
   * Sets an option, spelt as luasocket spells it, before `listen`. Throws a `TypeError` for a name that this socket
   * does not know, naming those it knows, and an `Error` once listening.
   */
  setoption(name: string, value: unknown): void;

  /**
   * Stops listening. Destroys the clients nobody accepted and rejects waiting `accept` calls; leaves accepted clients
   * alone, and does not wait for them. May be called more than once.
   */
  close(): void | Promise<void>;
}

/** Why `accept` rejects once its socket is closed. */
export class ListenerClosed extends Error {
  override readonly name = 'ListenerClosed';

  constructor(message = 'The listening socket is closed') {
    super(message);
  }
}
