/** Listens on a TCP port. */

import { type AddressInfo, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEFAULT_BACKLOG } from './accept-queue.js';
import type { ListenerSocket, SocketName } from './listener-socket.js';
import { NetListener } from './net-listener.js';
import { setSocketOption } from './socket-options.js';

/** luasocket's names for what Node can set on a listening socket, with their defaults. */
const OPTIONS = {
  /** Sends small writes at once instead of collecting them (Nagle's algorithm off). */
  'tcp-nodelay': true,
  /** Probes idle clients, so that dead ones are noticed. */
  keepalive: false,
  /** Shares the port with other processes. Node below 22.12 ignores it: the second listener gets EADDRINUSE. */
  reuseport: false,
  /** Refuses IPv4 clients on an IPv6 address. */
  'ipv6-v6only': false,
};

/** The default socket of a Server. Its clients are `net.Socket`s. */
export class TcpSocket implements ListenerSocket {
  readonly #listener = new NetListener();
  readonly #options: typeof OPTIONS = { ...OPTIONS };
  #name: SocketName = { ip: '0.0.0.0', port: 0 };

  /** Remembers the address; `listen` binds it. */
  bind(ip: string, port: number): void {
    this.#name = { ip, port };
  }

  async listen(backlog: number = DEFAULT_BACKLOG): Promise<void> {
    const options = this.#options;
    const server = createServer({
      allowHalfOpen: true,
      noDelay: options['tcp-nodelay'],
      keepAlive: options.keepalive,
    });
    const { ip: host, port } = this.#name;
    const where = { host, port, ipv6Only: options['ipv6-v6only'], reusePort: options.reuseport };
    const bound = (await this.#listener.listen(server, where, backlog)) as AddressInfo;
    this.#name = { ip: bound.address, port: bound.port };
  }

  accept(): Promise<Duplex> {
    return this.#listener.accept();
  }

  getsockname(): SocketName {
    return this.#name;
  }

  /** Sets `tcp-nodelay` (on unless told), `keepalive`, `reuseport` or `ipv6-v6only` (off), each a boolean. */
  setoption(name: string, value: unknown): void {
    setSocketOption('a TcpSocket', this.#options, name, value, this.#listener.isListening);
  }

  close(): void {
    this.#listener.close();
  }
}
