/** Runs the server in a process of its own and asks it for its figures. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ServerOptions } from '../../src/server/opts.js';
import type { Ask, Closed, Figures, Tell } from './figures.js';

const SCRIPT = fileURLToPath(new URL('./server.js', import.meta.url));

export class SoakedServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts the server on a free port of 127.0.0.1, with `variables` in its environment. */
  static async start(
    options: Omit<ServerOptions, 'logger'> = {},
    variables: Readonly<Record<string, string>> = {},
  ): Promise<SoakedServer> {
    const child = spawn(process.execPath, ['--expose-gc', SCRIPT, JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', ...variables },
    });
    const told = (await next(child)) as { port: number };
    return new SoakedServer(child, told.port);
  }

  /** Whether the process still runs: an error that nobody caught ends it. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Memory resident now, in bytes, without asking the process to collect first. 0 once it has ended. */
  residentBytes(): number {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  }

  async figures(): Promise<Figures> {
    return ((await this.#ask('figures')) as { figures: Figures }).figures;
  }

  /** Closes the server as an application would, and gives what it had served. */
  async close(): Promise<Closed> {
    return ((await this.#ask('close')) as { closed: Closed }).closed;
  }

  /** Ends the process without asking. */
  stop(): void {
    if (this.isAlive) this.#child.kill('SIGKILL');
  }

  #ask(ask: Ask): Promise<Tell> {
    const told = next(this.#child);
    this.#child.send(ask);
    return told;
  }
}

/** What the process tells next. @throws Error where it ends instead. */
async function next(child: ChildProcess): Promise<Tell> {
  const ended = new AbortController();
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
    throw new Error(`The server ended with ${code ?? signal}`);
  });
  exit.catch(() => {});
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal: ended.signal }), exit])) as [Tell];
    return message;
  } finally {
    ended.abort();
  }
}
