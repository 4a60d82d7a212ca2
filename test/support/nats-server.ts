/** Runs a NATS server of its own, which can be away for a while. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class NatsServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nats-'));
  #child: ChildProcess | undefined = undefined;
  /** A free one when it is first started, the same from then on. */
  port = 0;

  /** Starts it, or starts it again with what it held. @throws Error where Debian's `nats-server` is not installed. */
  async start(): Promise<void> {
    const port = this.port === 0 ? '-1' : String(this.port);
    const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', port, '-js', '-sd', this.#folder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        if (output.includes('Server is ready')) resolve();
      });
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`nats-server ended before it was ready:\n${output}`)));
    });
    this.port = Number(/client connections on 127\.0\.0\.1:(\d+)/.exec(output)?.[1]);
  }

  /** Ends it at once, as a machine that fails. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
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
