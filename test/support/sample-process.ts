/** Starts a sample in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiled } from './compiled.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Env = Readonly<Record<string, string>>;

export class SampleProcess {
  readonly #child: ChildProcess;
  /** All that was printed, on standard output and standard error. */
  output = '';

  private constructor(file: string, args: readonly string[], env: Env) {
    // A group of its own: npm starts a shell that starts the sample, and all of them are to stop.
    this.#child = spawn(file, args, {
      cwd: ROOT,
      env: { ...process.env, PORT: '0', HOST: '127.0.0.1', ...env },
      detached: true,
    });
    const collect = (chunk: Buffer): void => {
      this.output += chunk.toString('utf8');
    };
    this.#child.stdout?.on('data', collect);
    this.#child.stderr?.on('data', collect);
  }

  /** Starts the sample, compiled once for all tests, on any free port unless `env` names one. */
  static async start(name: string, env: Env = {}): Promise<SampleProcess> {
    return new SampleProcess(process.execPath, [join(await compiled(), 'dist/samples/start.js'), name], env);
  }

  /** Starts `npm start ARGS`, as the README does. It compiles into the tree, so one spec file alone may do it. */
  static npmStart(args: readonly string[] = [], env: Env = {}): SampleProcess {
    return new SampleProcess('npm', ['start', ...args], env);
  }

  /** Resolves with the address that the sample prints. @throws where it ends before. */
  async url(): Promise<string> {
    const [, url] = await this.until(/serves (http:\S+)/);
    return url as string;
  }

  /** Resolves when the output matches `pattern`. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      if (this.#child.exitCode !== null)
        throw new Error(`The sample ended before it printed ${pattern}:\n${this.output}`);
      await Promise.race([
        once(this.#child.stdout!, 'data'),
        once(this.#child.stderr!, 'data'),
        once(this.#child, 'close'),
      ]);
    }
  }

  /** Resolves with the exit code once the sample has ended. */
  async exitCode(): Promise<number> {
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    return this.#child.exitCode ?? -1;
  }

  /** Sends `signal` to the sample and waits for its end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { exitCode, signalCode, pid } = this.#child;
    if (exitCode !== null || signalCode !== null || pid === undefined) return;
    const closed = once(this.#child, 'close');
    process.kill(-pid, signal);
    await closed;
  }
}
