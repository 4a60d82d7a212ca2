/** Runs one server in a process of its own, on a core of its own, and reads what it costs. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Part } from './part.js';
import type { CpuProfile, Wish } from './probe.js';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Microseconds in a clock tick of /proc/PID/stat: 100 ticks a second on Linux. */
const TICK_US = 10_000;

const PROBE = fileURLToPath(new URL('./probe.js', import.meta.url));

/** Servers that run now: none outlives the benchmark, however that ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** The server said that it cannot be measured here. */
export class Unavailable extends Error {}

export class MeasuredServer {
  readonly port: number;
  /** Milliseconds from the start of the process until it listened. */
  readonly startedInMs: number;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, port: number, startedInMs: number) {
    this.#process = child;
    this.port = port;
    this.startedInMs = startedInMs;
  }

  /**
   * Starts `script` with one part of its application. Its first line of output is its port.
   * `withProbe` also loads what {@link collectedBytes} and the profile speak to.
   *
   * @throws Unavailable where the server says so.
   */
  static async start(script: string, part: Part, withProbe = false): Promise<MeasuredServer> {
    const probe = withProbe ? ['--expose-gc', '--import', PROBE] : [];
    const startedAt = performance.now();
    const child = spawn('taskset', ['-c', String(SERVER_CORE), process.execPath, ...probe, script, part], {
      stdio: ['ignore', 'pipe', 'inherit', ...(withProbe ? ['ipc' as const] : [])],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const stdout = child.stdout as NonNullable<typeof child.stdout>;
    const exit = once(child, 'exit').then(([code]) => [`ended with ${code} before it listened`]);
    const [line] = await Promise.race([once(createInterface({ input: stdout }), 'line'), exit]);
    const startedInMs = performance.now() - startedAt;
    const port = Number(line);
    if (port > 0) return new MeasuredServer(child, port, startedInMs);
    child.kill('SIGKILL');
    if (String(line).startsWith('unavailable: ')) throw new Unavailable(String(line).slice('unavailable: '.length));
    throw new Error(`${script}: ${line}`);
  }

  /** CPU time spent so far, user and system, all threads, in microseconds. */
  cpuMicroseconds(): number {
    // The fields behind the command, which may hold spaces; utime and stime are the 14th and 15th of all.
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  }

  /** Memory resident now, in bytes. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Memory resident once what nobody holds was collected, in bytes. */
  async collectedBytes(): Promise<number> {
    await this.#wish('collect');
    return this.residentBytes();
  }

  startProfile(): Promise<unknown> {
    return this.#wish('start-profile');
  }

  async stopProfile(): Promise<CpuProfile> {
    return (await this.#wish('stop-profile')) as CpuProfile;
  }

  async stop(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
  }

  async #wish(wish: Wish): Promise<unknown> {
    this.#process.send(wish);
    const [{ result }] = await once(this.#process, 'message');
    return result;
  }
}
