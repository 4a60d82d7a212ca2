/** Runs programs, the application of this folder among them, for one spec each. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { command } from '../support/command.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder that is there while the spec runs. The application is compiled into it. */
export class Place {
  folder = '';

  static forSpec(): Place {
    const place = new Place();
    beforeAll(() => place.#prepare());
    afterAll(() => rm(place.folder, { recursive: true, force: true }));
    return place;
  }

  /** The script of the application. */
  get script(): string {
    return join(this.folder, 'test/deployment/application.js');
  }

  /** Writes a file into the folder, and gives its path. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    return path;
  }

  async #prepare(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'luminaire-deployment-'));
    const swc = join(ROOT, 'node_modules/.bin/swc');
    const files = 'src test/deployment/application.ts';
    const { code, stderr } = await command('sh', [
      '-c',
      `cd '${ROOT}' && '${swc}' ${files} --out-dir '${this.folder}' --quiet`,
    ]);
    if (code !== 0) throw new Error(stderr);
    await symlink(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
    await this.write('package.json', '{"type":"module"}');
  }
}

/** A program that runs, and what it has printed. It is killed with its group when the spec ends. */
export class Running {
  readonly child: ChildProcess;
  output = '';
  #wake: () => void = () => {};
  static readonly #all = new Set<Running>();

  constructor(file: string, args: readonly string[], options: SpawnOptions = {}) {
    this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    Running.#all.add(this);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.output += bytes.toString('utf8');
        this.#wake();
      });
    }
    this.child.on('close', () => this.#wake());
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves when the output matches. @throws Error where it ends before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      if (this.hasEnded) throw new Error(`It ended before it printed ${pattern}:\n${this.output}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Asks it to end, and gives its exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string | null> {
    if (!this.hasEnded) {
      const closed = once(this.child, 'close');
      this.child.kill(signal);
      await closed;
    }
    Running.#all.delete(this);
    return this.child.exitCode ?? this.child.signalCode;
  }

  /** Ends all that still run, at once. */
  static async killAll(): Promise<void> {
    await Promise.all([...Running.#all].map((running) => running.stop('SIGKILL')));
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
