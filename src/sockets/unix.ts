/** Listens on a Unix domain socket: a name in the file system instead of a port. */

import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEFAULT_BACKLOG } from './accept-queue.js';
import type { ListenerSocket, SocketName } from './listener-socket.js';
import { NetListener } from './net-listener.js';
import { setSocketOption } from './socket-options.js';

/** Who may connect to the path. */
export interface UnixSocketOptions {
  /** Who may connect, as the permission bits of the file: `0o660`. Default: what the umask of the process leaves. */
  readonly mode?: number;
}

/** Bytes that a path may have: longer ones are cut off without a word, and name another file. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * A path to listen on. One that begins with NUL is an abstract name of Linux: in no file system, gone with its process.
 * The clients are `net.Socket`s without an address.
 */
export class UnixSocket implements ListenerSocket {
  readonly #listener = new NetListener();
  readonly #path: string;
  readonly #mode: number | undefined;

  /** @throws TypeError where the path is empty or too long, or the mode is none. */
  constructor(path: string, { mode }: UnixSocketOptions = {}) {
    const bytes = Buffer.byteLength(path);
    if (bytes === 0 || bytes > MAX_PATH_BYTES) {
      throw new TypeError(`UnixSocket: the path must have 1 to ${MAX_PATH_BYTES} bytes, got ${bytes}`);
    }
    if (path.includes('\0', 1)) throw new TypeError('UnixSocket: the path must not have a NUL behind its first byte');
    if (mode !== undefined && !(Number.isInteger(mode) && mode >= 0 && mode <= 0o777)) {
      throw new TypeError(`UnixSocket: mode must be from 0 to 0o777, got ${mode}`);
    }
    this.#path = path;
    this.#mode = mode;
  }

  /** Does nothing: the path is the address. `listen(port)` and `setIp` of a Server mean nothing here. */
  bind(_ip: string, _port: number): void {}

  /**
   * Listens, in place of a socket file that a process left behind when it was killed.
   *
   * @throws `EADDRINUSE` where somebody listens there, or the file is no socket.
   */
  async listen(backlog: number = DEFAULT_BACKLOG): Promise<void> {
    // Before the first attempt: a worker of node:cluster has but one that it shares with the others.
    if (await isStale(this.#path)) rmSync(this.#path, { force: true });
    const server = createServer({ allowHalfOpen: true });
    const listening = this.#listener.listen(server, { path: this.#path }, backlog);
    // The file is there now, and nobody was accepted yet: later, and whom the umask lets in would have been.
    const isBound = server.listening;
    if (isBound) this.#setMode();
    await listening;
    // In a worker of node:cluster the primary has bound it, some time in between.
    if (!isBound) this.#setMode();
  }

  #setMode(): void {
    if (this.#mode !== undefined && !isAbstract(this.#path)) chmodSync(this.#path, this.#mode);
  }

  accept(): Promise<Duplex> {
    return this.#listener.accept();
  }

  /** The path as `ip`, and as `url` with `unix:` before it. */
  getsockname(): SocketName {
    const shown = isAbstract(this.#path) ? `@${this.#path.slice(1)}` : this.#path;
    return { ip: shown, port: 0, url: `unix:${shown}` };
  }

  /** Throws: a Unix domain socket has no options. */
  setoption(name: string, value: unknown): void {
    setSocketOption('a UnixSocket', {}, name, value, this.#listener.isListening);
  }

  /** Stops listening, and removes the file. */
  close(): void {
    this.#listener.close();
  }
}

function isAbstract(path: string): boolean {
  return path.startsWith('\0');
}

/** Whether `path` is a socket on which nobody listens. Whatever else is there belongs to somebody. */
async function isStale(path: string): Promise<boolean> {
  if (isAbstract(path) || !lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return false;
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
