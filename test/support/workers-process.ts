/** Runs the application of test/cluster in a process of its own, with workers. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;

/** Compiles the application for the tests of a file, into a folder that is gone when they have ended. */
export function compileApplication(): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'luminaire-workers-'));
    const sources = ['src', 'test/cluster/application.ts'];
    await promisify(execFile)(join(ROOT, 'node_modules/.bin/swc'), [...sources, '--out-dir', folder, '--quiet'], {
      cwd: ROOT,
    });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
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
    this.child = spawn(process.execPath, [join(folder, 'test/cluster/application.js')], {
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
