/** Listens on a TCP port. */

import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { AcceptQueue, DEFAULT_BACKLOG } from './accept-queue.js';
import { ListenerClosed, type ListenerSocket, type SocketName } from './listener-socket.js';

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

type OptionName = keyof typeof OPTIONS;

/** The default socket of a Server. Its clients are `net.Socket`s. */
export class TcpSocket implements ListenerSocket {
  readonly #queue = new AcceptQueue();
  readonly #options: Record<OptionName, boolean> = { ...OPTIONS };
  #name: SocketName = { ip: '0.0.0.0', port: 0 };
  #server: Server | undefined;

  /** Remembers the address; `listen` binds it. */
  bind(ip: string, port: number): void {
    this.#name = { ip, port };
  }

  async listen(backlog: number = DEFAULT_BACKLOG): Promise<void> {
    if (this.#queue.closed) throw new ListenerClosed();
    if (this.#server !== undefined) throw new Error('The socket is already listening');
    const server = createServer({
      allowHalfOpen: true,
      noDelay: this.#options['tcp-nodelay'],
      keepAlive: this.#options.keepalive,
    });
    this.#server = server;
    this.#queue.setLimit(backlog);
    server.on('connection', (client) => this.#queue.offer(client));
    try {
      const { address, port } = await this.#listening(server, backlog);
      this.#name = { ip: address, port };
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
  }

  #listening(server: Server, backlog: number): Promise<AddressInfo> {
    const options: ListenOptions & { reusePort: boolean } = {
      host: this.#name.ip,
      port: this.#name.port,
      backlog,
      ipv6Only: this.#options['ipv6-v6only'],
      reusePort: this.#options.reuseport,
    };
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.once('close', () => reject(new ListenerClosed()));
      server.listen(options, () => {
        // A close during the look-up of the address comes too early for Node to drop the handle.
        if (this.#queue.closed) return void server.close();
        server.off('error', reject);
        server.on('error', (error) => this.#queue.fail(error));
        resolve(server.address() as AddressInfo);
      });
    });
  }

  accept(): Promise<Duplex> {
    return this.#queue.accept();
  }

  getsockname(): SocketName {
    return this.#name;
  }

  /** Sets `tcp-nodelay` (on unless told), `keepalive`, `reuseport` or `ipv6-v6only` (off), each a boolean. */
  setoption(name: string, value: unknown): void {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new TypeError(`Unknown option "${name}": a TcpSocket knows ${Object.keys(OPTIONS).join(', ')}`);
    }
    if (typeof value !== 'boolean') throw new TypeError(`Option "${name}" must be a boolean, got ${typeof value}`);
    if (this.#server !== undefined) throw new Error(`Option "${name}" must be set before listening`);
    this.#options[name as OptionName] = value;
  }

  close(): void {
    if (this.#queue.closed) return;
    this.#queue.close();
    // The port is free when this returns; the callback would wait for the last connection.
    this.#server?.close();
  }
}
