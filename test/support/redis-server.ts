/** Runs a Redis server of its own, which can be away for a while. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineProcess } from './engine-process.js';

export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'redis-'));
  /** The Unix socket it listens on: no port that somebody else may have. */
  readonly path = join(this.#folder, 'redis.sock');
  #process: EngineProcess | undefined = undefined;

  /** @throws Error where Debian's package `redis-server` is not installed. */
  static async start(): Promise<RedisServer> {
    const server = new RedisServer();
    await server.start();
    return server;
  }

  /** Starts it, or starts it again: what it held is gone, unless it was told to save it. */
  async start(...options: string[]): Promise<void> {
    const fixed = ['--port', '0', '--unixsocket', this.path, '--dir', this.#folder, '--save', '', '--appendonly', 'no'];
    this.#process = new EngineProcess('redis-server', [...fixed, ...options], 'stdout', 'eady to accept connections');
    await this.#process.ready;
  }

  /** Ends it at once, as a machine that fails. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Holds it: it takes commands and answers none. */
  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
