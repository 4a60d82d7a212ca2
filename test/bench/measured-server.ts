/** Runs one server in a process of its own, on a core of its own, and reads what it costs. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Microseconds in a clock tick of /proc/PID/stat: 100 ticks a second on Linux. */
const TICK_US = 10_000;

export class MeasuredServer {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
  }

  /** Starts `script` on `core`; its first line of output is its port. */
  static async start(script: string, core: number): Promise<MeasuredServer> {
    const child = spawn('taskset', ['-c', String(core), process.execPath, script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(([code]) =>
        Promise.reject(new Error(`${script} ended with ${code} before it listened`)),
      ),
    ]);
    return new MeasuredServer(child, Number(line));
  }

  /** CPU time spent so far, user and system, in microseconds. */
  cpuMicroseconds(): number {
    // The fields behind the command, which may hold spaces; utime and stime are the 14th and 15th of all.
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}
