/** Listens for datagrams, each of which is a client. */

import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { AcceptQueue, DEFAULT_BACKLOG } from './accept-queue.js';
import { Datagram } from './datagram.js';
import { ListenerClosed, type ListenerSocket, type SocketName } from './listener-socket.js';
import { setSocketOption } from './socket-options.js';
import { socketUrl } from './socket-url.js';

/** What a socket of datagrams hears besides what is sent to its own address. */
export interface UdpSocketOptions {
  /** Multicast groups to join, by their address. Default: none. */
  readonly groups?: readonly string[];
  /**
   * Whether an answer of this status is sent; any other is silence. Default: 2xx but 204. An answer to whatever came
   * would be an amplifier for those who forge their address, and devices that have nothing to say must say nothing.
   */
  readonly answers?: (status: number) => boolean;
  /** Datagrams served at one time; one more is dropped. Default 256. */
  readonly maxDatagrams?: number;
  /** Largest answer in bytes; a larger one is a {@link DatagramTooLarge}. Default 65507, what IPv4 can carry. */
  readonly maxAnswerSize?: number;
}

/** luasocket's names for what Node can set on a UDP socket, with their defaults. */
const OPTIONS = {
  /** Shares the port with other processes: all of them get what is sent to a group. */
  reuseaddr: false,
  /** Refuses IPv4 on an IPv6 address. */
  'ipv6-v6only': false,
  /** Whether datagrams may be sent to a broadcast address. */
  broadcast: false,
  /** Whether this machine hears what it sends to a group. */
  'ip-multicast-loop': true,
  /** Networks that what is sent to a group may cross. */
  'ip-multicast-ttl': 1,
  /** The address of the interface that groups are joined on, and spoken to. Empty: the system chooses. */
  'ip-multicast-if': '',
};

/** What UDP over IPv4 can carry: 65535 bytes without the heads of both. */
const MAX_ANSWER_SIZE = 65_507;

/**
 * A UDP port: each datagram is one client, and its answer is one datagram. It is sent whole when the response is
 * complete, or not at all. No connection persists, nothing lingers.
 */
export class UdpSocket implements ListenerSocket {
  readonly #queue = new AcceptQueue();
  readonly #options: typeof OPTIONS = { ...OPTIONS };
  readonly #groups: readonly string[];
  readonly #answers: (status: number) => boolean;
  readonly #maxDatagrams: number;
  readonly #maxAnswerSize: number;
  #name: SocketName = { ip: '0.0.0.0', port: 0 };
  #socket: Socket | undefined;
  /** Datagrams that are not answered yet. */
  #open = 0;

  /** @throws TypeError where a limit is no whole number from 1. */
  constructor(options: UdpSocketOptions = {}) {
    const { groups = [], answers = isTold, maxDatagrams = 256, maxAnswerSize = MAX_ANSWER_SIZE } = options;
    for (const [name, limit] of Object.entries({ maxDatagrams, maxAnswerSize })) {
      if (!(Number.isSafeInteger(limit) && limit >= 1)) {
        throw new TypeError(`UdpSocket: ${name} must be a whole number from 1, got ${limit}`);
      }
    }
    this.#groups = [...groups];
    this.#answers = answers;
    this.#maxDatagrams = maxDatagrams;
    this.#maxAnswerSize = maxAnswerSize;
  }

  /** Remembers the address; `listen` binds it. */
  bind(ip: string, port: number): void {
    this.#name = { ip, port };
  }

  /** Binds the address, and joins the groups. @throws what the system says: `EADDRINUSE`, `ENODEV` for an interface. */
  async listen(backlog: number = DEFAULT_BACKLOG): Promise<void> {
    if (this.#queue.closed) throw new ListenerClosed();
    if (this.#socket !== undefined) throw new Error('The socket is already listening');
    const { createSocket } = await import('node:dgram');
    if (this.#queue.closed) throw new ListenerClosed();
    const socket = createSocket({
      type: isIPv6(this.#name.ip) ? 'udp6' : 'udp4',
      reuseAddr: this.#options.reuseaddr,
      ipv6Only: this.#options['ipv6-v6only'],
    });
    this.#socket = socket;
    this.#queue.setLimit(backlog);
    try {
      await this.#bound(socket);
      this.#setOptions(socket);
    } catch (error) {
      if (this.#socket === socket) socket.close();
      this.#socket = undefined;
      throw error;
    }
    socket.on('error', (error) => this.#queue.fail(error));
    socket.on('message', (bytes, { address, port }) => this.#receive(bytes, address, port));
    const { address: ip, port } = socket.address();
    this.#name = { ip, port, url: socketUrl('udp', ip, port) };
  }

  accept(): Promise<Duplex> {
    return this.#queue.accept();
  }

  getsockname(): SocketName {
    return this.#name;
  }

  /**
   * Sets `reuseaddr`, `ipv6-v6only`, `broadcast` (off), `ip-multicast-loop` (on), each a boolean; `ip-multicast-ttl`, a
   * number (1); or `ip-multicast-if`, the address of an interface.
   */
  setoption(name: string, value: unknown): void {
    setSocketOption('a UdpSocket', this.#options, name, value, this.#socket !== undefined);
  }

  /** Sends a datagram that answers none. @throws Error while it does not listen, what the system says. */
  send(bytes: string | Uint8Array, port: number, ip: string): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return Promise.reject(new Error('The socket does not listen'));
    return new Promise((resolve, reject) => {
      socket.send(bytes, port, ip, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Receives nothing more. The port is free once the datagrams that are being served have their answer. */
  close(): void {
    if (this.#queue.closed) return;
    this.#queue.close();
    this.#socket?.removeAllListeners('message');
    this.#closeOnceIdle();
  }

  #bound(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      // Closed during the look-up of the address, it tells of nothing else.
      socket.once('close', () => reject(new ListenerClosed()));
      socket.bind(this.#name.port, this.#name.ip, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  }

  #setOptions(socket: Socket): void {
    const options = this.#options;
    const multicastInterface = options['ip-multicast-if'];
    if (options.broadcast) socket.setBroadcast(true);
    socket.setMulticastLoopback(options['ip-multicast-loop']);
    socket.setMulticastTTL(options['ip-multicast-ttl']);
    if (multicastInterface !== '') socket.setMulticastInterface(multicastInterface);
    for (const group of this.#groups) join(socket, group, multicastInterface || undefined);
  }

  #receive(bytes: Buffer, remoteAddress: string, remotePort: number): void {
    // To port 0 nothing can be sent: the address is forged.
    if (this.#open >= this.#maxDatagrams || remotePort === 0) return;
    this.#open++;
    const client = new Datagram(bytes, {
      remoteAddress,
      remotePort,
      maxAnswerSize: this.#maxAnswerSize,
      answers: this.#answers,
      send: (answer) => this.send(answer, remotePort, remoteAddress),
    });
    client.on('tooLarge', (error: Error) => this.#queue.fail(error));
    client.once('close', () => {
      this.#open--;
      if (this.#queue.closed) this.#closeOnceIdle();
    });
    this.#queue.offer(client);
  }

  #closeOnceIdle(): void {
    if (this.#open > 0) return;
    this.#socket?.close();
    this.#socket = undefined;
  }
}

function isTold(status: number): boolean {
  return status >= 200 && status < 300 && status !== 204;
}

/** Joins `group`. Where workers share the socket, the first of them has done it for all. */
function join(socket: Socket, group: string, multicastInterface: string | undefined): void {
  try {
    socket.addMembership(group, multicastInterface);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
  }
}
