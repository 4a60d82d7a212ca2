/** Runs a NATS server of its own, which can be away for a while. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineProcess } from './engine-process.js';

export class NatsServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nats-'));
  #process: EngineProcess | undefined = undefined;
  /** A free one when it is first started, the same from then on. */
  port = 0;

  /** Starts it, or starts it again with what it held. @throws Error where Debian's `nats-server` is not installed. */
  async start(): Promise<void> {
    const port = this.port === 0 ? '-1' : String(this.port);
    const args = ['-a', '127.0.0.1', '-p', port, '-js', '-sd', this.#folder];
    this.#process = new EngineProcess('nats-server', args, 'stderr', 'Server is ready');
    const output = await this.#process.ready;
    this.port = Number(/client connections on 127\.0\.0\.1:(\d+)/.exec(output)?.[1]);
  }

  /** Ends it at once, as a machine that fails. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Takes away what it held, once it has ended. */
  wipe(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.wipe();
  }
}
