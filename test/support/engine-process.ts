/** Runs the process of an engine, which can be away for a while. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export class EngineProcess {
  readonly #child: ChildProcess;
  /** What it had printed when it was ready. Rejects where it is not installed, or ends before. */
  readonly ready: Promise<string>;

  /** Starts it. It is ready once it has printed `sign` on `stream`. */
  constructor(command: string, args: readonly string[], stream: 'stdout' | 'stderr', sign: string) {
    const isOutput = stream === 'stdout';
    const child = spawn(command, args, {
      stdio: ['ignore', isOutput ? 'pipe' : 'ignore', isOutput ? 'inherit' : 'pipe'],
    });
    this.#child = child;
    this.ready = new Promise((resolve, reject) => {
      let output = '';
      child[stream]?.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        if (output.includes(sign)) resolve(output);
      });
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`${command} ended before it was ready:\n${output}`)));
    });
  }

  /** Ends it at once, as a machine that fails. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
