/** Puts load on a server with wrk. */

import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LOAD_CORE } from './measured-server.js';
import { BENCH } from './paths.js';

const run = promisify(execFile);

/** One request, as it is sent again and again. */
export interface Request {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Load {
  readonly request: Request;
  readonly connections: number;
  readonly seconds: number;
  /** 16 requests in each write. */
  readonly isPipelined?: boolean;
  /** Mean of the milliseconds that a connection waits before its next request. */
  readonly pauseMs?: number;
}

export interface Served {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** 99 % of the answers came within this many milliseconds. */
  readonly p99Ms: number;
}

/** @throws Error where wrk is not installed. */
export function assertWrk(): void {
  if (spawnSync('wrk', ['-v']).error === undefined) return;
  throw new Error('The benchmark needs wrk: apt-get install wrk');
}

/** Loads the server on `port` and says what it answered. @throws Error where one request failed. */
export async function putLoad(port: number, load: Load): Promise<Served> {
  const { connections, seconds, request } = load;
  const [script, args] = scriptFor(load);
  const { stdout } = await run('taskset', [
    ...['-c', String(LOAD_CORE), 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s'],
    ...Object.entries(request.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(script === '' ? [] : ['-s', join(BENCH, 'lua', script)]),
    `http://127.0.0.1:${port}${request.path}`,
    ...(args.length === 0 ? [] : ['--', ...args]),
  ]);
  if (/Socket errors|Non-2xx/.test(stdout)) throw new Error(`Requests failed:\n${stdout}`);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  if (!(requests > 0)) throw new Error(`No request was answered:\n${stdout}`);
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  return {
    requests,
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99Ms: Number(p99) * (unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1),
  };
}

function scriptFor({ request, isPipelined, pauseMs }: Load): [script: string, args: readonly string[]] {
  if (isPipelined) return ['pipeline.lua', []];
  if (pauseMs !== undefined) return ['paced.lua', [String(pauseMs)]];
  if (request.body === undefined) return ['', []];
  const file = join(tmpdir(), `bench-content-${process.pid}`);
  writeFileSync(file, request.body);
  return ['request.lua', [request.method ?? 'POST', file]];
}
