/** Runs programs, the application of this folder among them, for one spec each. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { compiled } from '../support/compiled.js';

/** A folder that is there while the spec runs, with the application compiled elsewhere. */
export class Place {
  folder = '';
  #compiled = '';

  static forSpec(): Place {
    const place = new Place();
    beforeAll(() => place.#prepare());
    afterAll(() => rm(place.folder, { recursive: true, force: true }));
    return place;
  }

  /** The script of the application. */
  get script(): string {
    return join(this.#compiled, 'dist/test/deployment/application.js');
  }

  /** Writes a file into the folder, and gives its path. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    return path;
  }

  async #prepare(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'luminaire-deployment-'));
    this.#compiled = await compiled();
    await symlink(join(this.#compiled, 'node_modules'), join(this.folder, 'node_modules'));
    await this.write('package.json', '{"type":"module"}');
  }
}

/** A program that runs in a process group of its own, and what it has printed. */
export class Running {
  readonly child: ChildProcess;
  output = '';
  readonly #closed: Promise<unknown>;
  #wake: () => void = () => {};
  static readonly #all = new Set<Running>();

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
    Running.#all.add(this);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.output += bytes.toString('utf8');
        this.#wake();
      });
    }
    this.#closed = once(this.child, 'close').then(() => this.#wake());
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** All that `pattern`, which is global, finds in the output. */
  all(pattern: RegExp): RegExpExecArray[] {
    return [...this.output.matchAll(pattern)];
  }

  /** Resolves when the output matches `pattern`, `times` in all. @throws Error where it ends before. */
  async until(pattern: RegExp, times = 1): Promise<RegExpExecArray> {
    const all = new RegExp(pattern, `${pattern.flags}g`);
    for (;;) {
      const match = this.all(all)[times - 1];
      if (match !== undefined) return match;
      if (this.hasEnded) throw new Error(`It ended before it printed ${pattern}:\n${this.output}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Asks it to end, and gives its exit code, or the signal that ended it. */
  async stop(): Promise<number | string | null> {
    this.child.kill('SIGTERM');
    await this.#closed;
    Running.#all.delete(this);
    return this.child.exitCode ?? this.child.signalCode;
  }

  /** Ends it and all that it has started, at once. */
  async kill(): Promise<void> {
    Running.#all.delete(this);
    try {
      process.kill(-(this.child.pid as number), 'SIGKILL');
    } catch {
      // All have ended.
    }
    await this.#closed;
  }

  /** Ends what still runs. */
  static async killAll(): Promise<void> {
    await Promise.all([...Running.#all].map((running) => running.kill()));
  }
}

/** Stands for systemd: starts a program on the sockets that are open, and again whenever it has ended. */
const MANAGER = `while :; do sh -c 'LISTEN_PID=$$ exec "$@"' sh "$@"; echo ended; done`;

/** Has systemd-socket-activate listen on `address`, and run `command` for the first client, with `variables` alone. */
export function activated(address: string, variables: readonly string[], command: readonly string[]): Running {
  const settings = [`--listen=${address}`, ...variables.map((variable) => `--setenv=${variable}`)];
  const { PATH } = process.env;
  return new Running('systemd-socket-activate', [...settings, 'sh', '-c', MANAGER, 'manager', ...command], { PATH });
}
