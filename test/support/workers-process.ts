/** Runs the application of test/cluster in a process of its own, with workers. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, onTestFinished } from 'vitest';
import { compiled } from './compiled.js';

let script: string;

/** Compiles the application before the tests of a file. */
export function compileApplication(): void {
  beforeAll(async () => {
    script = join(await compiled(), 'dist/test/cluster/application.js');
  });
}

export class WorkersProcess {
  readonly child: ChildProcess;
  /** All that was printed on standard output, and apart from it on standard error. */
  output = '';
  errors = '';
  port = 0;
  readonly #exit: Promise<unknown>;
  #wake: () => void = () => {};

  private constructor(env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [script], {
      env: { ...process.env, NODE_ENV: 'production', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#exit = once(this.child, 'close');
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('utf8');
      this.#wake();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString('utf8');
      this.#wake();
    });
    this.child.on('close', () => this.#wake());
  }

  /** Starts it without waiting for anything. Its processes end with the test. */
  static spawn(env: Readonly<Record<string, string>> = {}): WorkersProcess {
    const started = new WorkersProcess(env);
    onTestFinished(async () => {
      // Workers end when the channel to their supervisor does; one that hangs is named by its own line.
      started.child.kill('SIGKILL');
      for (const pid of started.pids()) tryKill(pid);
      await started.#exit;
    });
    return started;
  }

  /** Starts it, and waits until all workers listen. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<WorkersProcess> {
    const started = WorkersProcess.spawn(env);
    const [, port] = await started.until(/^supervises \S* (\d+)$/m);
    started.port = Number(port);
    // What its workers print comes by itself.
    const { WORKERS = '2', KIND } = env;
    if (KIND === undefined && WORKERS !== 'auto') await started.untilServes(Number(WORKERS));
    return started;
  }

  /** The workers that were started so far, in order. */
  pids(): number[] {
    return [...this.output.matchAll(/^serves (\d+)/gm)].map(([, pid]) => Number(pid));
  }

  /** How often `pattern`, which is global, was printed. */
  count(pattern: RegExp): number {
    return [...`${this.output}${this.errors}`.matchAll(pattern)].length;
  }

  /** Resolves when the output matches `pattern`, `times` in all. */
  async until(pattern: RegExp, times = 1): Promise<RegExpExecArray> {
    const all = new RegExp(pattern, `${pattern.flags}g`);
    for (;;) {
      const [match] = [...`${this.output}${this.errors}`.matchAll(all)].slice(times - 1);
      if (match !== undefined) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`It ended before it printed ${pattern}:\n${this.output}\n${this.errors}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when `n` workers have been started in all. */
  async untilServes(n: number): Promise<number[]> {
    await this.until(/^serves /m, n);
    return this.pids();
  }

  /** Says a word to the supervisor. */
  say(word: 'state' | 'restart' | 'close'): void {
    this.child.stdin?.write(`${word}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves with the exit code once every process has ended that holds its standard output: its workers too. */
  async exitCode(): Promise<number | string> {
    await this.#exit;
    return this.child.exitCode ?? this.child.signalCode ?? 'none';
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
