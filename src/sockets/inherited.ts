/** Listens on a descriptor that another process has opened. */

import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEFAULT_BACKLOG } from './accept-queue.js';
import type { ListenerSocket, SocketName } from './listener-socket.js';
import { NetListener } from './net-listener.js';
import { setSocketOption } from './socket-options.js';

/** Where systemd begins to count: after standard input, output and error (sd_listen_fds(3)). */
const FIRST_FD = 3;
/**
 * Stands in `LISTEN_PID` for a worker. The descriptors are those of the process that started it, which `node:cluster`
 * asks when a worker listens on one; in its own table the numbers mean something else.
 */
const OF_SUPERVISOR = 'supervisor';
const VARIABLES = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/** What this process has taken, for the environment of its workers. */
const taken: Record<string, string> = {};
let isUsed = false;

/** The variables by which the sockets that this process has taken from systemd are those of its workers too. */
export function variablesForWorkers(): Readonly<Record<string, string>> {
  return taken;
}

const OPTIONS = {
  /** Sends small writes at once instead of collecting them (Nagle's algorithm off). */
  'tcp-nodelay': true,
  /** Probes idle clients, so that dead ones are noticed. */
  keepalive: false,
};

/** Whether this process has an {@link InheritedSocket}. It can listen on the descriptor once: a close closes that too. */
export function hasInherited(): boolean {
  return isUsed;
}

/** A stream socket, TCP or Unix, that is bound already: by systemd, or by a parent process. */
export class InheritedSocket implements ListenerSocket {
  /** What `FileDescriptorName=` of the socket unit says; empty where nothing does. */
  readonly name: string;
  readonly #fd: number;
  readonly #listener = new NetListener();
  readonly #options: typeof OPTIONS = { ...OPTIONS };
  #name: SocketName;

  /** `fd` is the number of the descriptor in this process. */
  constructor(fd: number, name = '') {
    if (!Number.isInteger(fd) || fd < 0) throw new TypeError(`InheritedSocket: fd must be a whole number, got ${fd}`);
    isUsed = true;
    this.name = name;
    this.#fd = fd;
    this.#name = { ip: '', port: 0, url: `fd:${fd}` };
  }

  /**
   * Takes the sockets that systemd has opened for this process, in the order of its units; none where it was started in
   * another way. They are taken once: the variables `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` leave the
   * environment, so that no child process takes them for its own. Workers take those of their supervisor.
   *
   * @throws Error where `LISTEN_FDS` is no number.
   */
  static fromSystemd(env: NodeJS.ProcessEnv = process.env): InheritedSocket[] {
    const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES = '' } = env;
    // They may be left over from a parent that was activated itself.
    if (LISTEN_PID !== String(process.pid) && LISTEN_PID !== OF_SUPERVISOR) return [];
    if (!/^\d{1,4}$/.test(LISTEN_FDS)) throw new Error(`LISTEN_FDS must be a number, got "${LISTEN_FDS}"`);
    for (const variable of VARIABLES) delete env[variable];
    Object.assign(taken, { LISTEN_PID: OF_SUPERVISOR, LISTEN_FDS, LISTEN_FDNAMES });
    const names = LISTEN_FDNAMES.split(':');
    return Array.from({ length: Number(LISTEN_FDS) }, (_, i) => new InheritedSocket(FIRST_FD + i, names[i]));
  }

  /** Does nothing: whoever opened the socket has bound it. `listen(port)` and `setIp` of a Server mean nothing here. */
  bind(_ip: string, _port: number): void {}

  async listen(backlog: number = DEFAULT_BACKLOG): Promise<void> {
    const server = createServer({
      allowHalfOpen: true,
      noDelay: this.#options['tcp-nodelay'],
      keepAlive: this.#options.keepalive,
    });
    const bound = await this.#listener.listen(server, { fd: this.#fd }, backlog);
    // Node knows the address of a port, and not that of a path.
    if (typeof bound === 'object' && bound?.port !== undefined) this.#name = { ip: bound.address, port: bound.port };
  }

  accept(): Promise<Duplex> {
    return this.#listener.accept();
  }

  /** The bound address once listening; for a path, and before, `fd:` with the number as `url` alone. */
  getsockname(): SocketName {
    return this.#name;
  }

  /** Sets `tcp-nodelay` (on unless told) or `keepalive` (off), each a boolean. */
  setoption(name: string, value: unknown): void {
    setSocketOption('an InheritedSocket', this.#options, name, value, this.#listener.isListening);
  }

  /** Stops listening here. Whoever opened the socket may hold it open, and start the next process on it. */
  close(): void {
    this.#listener.close();
  }
}
