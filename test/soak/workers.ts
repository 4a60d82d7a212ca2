/** Restarts an application with two workers under load, again and again, and compares what two carry with what one does. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { RollingLoad } from './rolling-load.js';
import { get } from './wire.js';

const SCRIPT = fileURLToPath(new URL('./worker-server.js', import.meta.url));
/** Connections of each kind. */
const EACH = 8;
const KEPT = 24;
const MEASURE_SECONDS = 5;

class Supervised {
  readonly child: ChildProcess;
  output = '';
  #wake: () => void = () => {};

  constructor(workers: number) {
    this.child = spawn(process.execPath, [SCRIPT], {
      env: { ...process.env, NODE_ENV: 'production', WORKERS: String(workers) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString('utf8');
        this.#wake();
      });
    }
    this.child.on('close', () => this.#wake());
  }

  /** Resolves with the groups of `pattern` once it was printed; forgets what came before its end. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) {
        this.output = this.output.slice(match.index + match[0].length);
        return match;
      }
      if (this.child.exitCode !== null) throw new Error(`The server ended:\n${this.output}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'close');
  }

  /** Milliseconds of CPU that its workers have had, by what Linux counts in hundredths of a second. */
  workersCpuMs(): number {
    const pids = readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8').trim().split(' ');
    return pids.reduce((sum, pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return sum + (Number(fields[11]) + Number(fields[12])) * 10;
    }, 0);
  }
}

/** Runs both. Resolves with whether no request was lost in any of `runs` restarts. */
export async function workers(runs: number): Promise<boolean> {
  const isGood = await restarts(runs);
  await carried();
  return isGood;
}

async function restarts(runs: number): Promise<boolean> {
  const server = new Supervised(2);
  let good = 0;
  try {
    const port = Number((await server.until(/listens on (\d+)\n/))[1]);
    for (let run = 1; run <= runs; run++) {
      const load = new RollingLoad(port, get('/pid'), EACH, KEPT);
      const startedAt = performance.now();
      server.child.kill('SIGHUP');
      await server.until(/All workers are replaced.*\n/);
      const tookMs = performance.now() - startedAt;
      const { answered, resent, failures, contents } = await load.stop();
      if (failures.length === 0) good++;
      console.log(
        `restart ${run}: ${answered} requests by ${contents.size} processes in ${tookMs.toFixed(0)} ms, ${resent} sent ` +
          `again on another connection, ${failures.length} failed`,
      );
      for (const failure of failures.slice(0, 5)) console.log(`  ${failure}`);
    }
  } finally {
    await server.stop();
  }
  console.log(`workers: ${good} of ${runs} restarts lost no request`);
  return good === runs;
}

async function carried(): Promise<void> {
  const [one, two] = [await measure(1), await measure(2)];
  const ratio = (two.requests / one.requests).toFixed(2);
  console.log(
    `two workers carried ${ratio} times the requests of one (${two.requests.toFixed(0)} to ${one.requests.toFixed(0)} ` +
      `a second, ${((one.cores / one.requests) * 1000).toFixed(1)} ms of CPU each, 32 kept connections). They had ${two.cores.toFixed(2)} cores, one had ` +
      `${one.cores.toFixed(2)}; they and h2load share the cores of the machine with whatever else runs.`,
  );
}

/** Requests a second, and cores that the workers used, under h2load for some seconds. */
async function measure(count: number): Promise<{ readonly requests: number; readonly cores: number }> {
  const server = new Supervised(count);
  try {
    const port = Number((await server.until(/listens on (\d+)\n/))[1]);
    const load = (seconds: number) =>
      promisify(execFile)('h2load', [...['--h1', `-D${seconds}`, '-c32', `http://127.0.0.1:${port}/work`]]);
    await load(1);
    const [cpuBefore, startedAt] = [server.workersCpuMs(), performance.now()];
    const { stdout } = await load(MEASURE_SECONDS);
    const cores = (server.workersCpuMs() - cpuBefore) / (performance.now() - startedAt);
    return { requests: Number(/(\d+) 2xx/.exec(stdout)?.[1]) / MEASURE_SECONDS, cores };
  } finally {
    await server.stop();
  }
}
