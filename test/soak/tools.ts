/** Runs load generators that others wrote, and reads what they say of the answers they got. */

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

/** What a tool did. */
export interface Outcome {
  readonly requests: number;
  /** Requests without the answer that was expected. */
  readonly errors: number;
}

export const REQUESTS = 100_000;
const CONNECTIONS = 64;
/** The longest a tool may take: 100,000 requests at 170 a second. */
const DEADLINE_MS = 600_000;

const run = promisify(execFile);

/** What runs as which package of Debian. */
const PACKAGES: Readonly<Record<string, string>> = {
  h2load: 'nghttp2-client',
  wrk: 'wrk',
  ab: 'apache2-utils',
  siege: 'siege',
  curl: 'curl',
  nginx: 'nginx',
  haproxy: 'haproxy',
};

/** Installs what is missing. @throws Error where that cannot be done. */
export function installTools(): void {
  const missing = Object.keys(PACKAGES).filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length === 0) return;
  const packages = missing.map((tool) => PACKAGES[tool] as string);
  console.log(`installs ${packages.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const isInstalled = [['update'], ['install', '-y', '--no-install-recommends', ...packages]].every(
    (args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0,
  );
  if (!isInstalled) throw new Error(`soak: apt-get could not install ${packages.join(', ')}`);
}

async function output(command: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(command, args, { timeout: DEADLINE_MS, maxBuffer: 1 << 26 });
  return stdout + stderr;
}

/** The number that `pattern` finds in `text`; `otherwise` where it finds none. */
function numberIn(text: string, pattern: RegExp, otherwise?: number): number {
  const found = pattern.exec(text)?.[1];
  if (found !== undefined) return Number(found);
  if (otherwise !== undefined) return otherwise;
  throw new Error(`soak: expected ${pattern} in\n${text}`);
}

/** `depth` requests are under way on each connection. */
export async function h2load(url: string, depth = 1): Promise<Outcome> {
  const text = await output('h2load', '--h1', `-n${REQUESTS}`, `-c${CONNECTIONS}`, `-m${depth}`, url);
  return { requests: numberIn(text, /(\d+) done/), errors: REQUESTS - numberIn(text, /status codes: (\d+) 2xx/) };
}

/** wrk counts seconds, not requests: as often as it needs for enough. */
export async function wrk(url: string): Promise<Outcome> {
  let requests = 0;
  let errors = 0;
  while (requests < REQUESTS) {
    const text = await output('wrk', '-t1', `-c${CONNECTIONS}`, '-d5s', url);
    requests += numberIn(text, /(\d+) requests in/);
    errors += numberIn(text, /Non-2xx or 3xx responses: (\d+)/, 0);
    for (const [, n] of text.matchAll(/(?:connect|read|write|timeout) (\d+)/g)) errors += Number(n);
  }
  return { requests, errors };
}

export async function ab(url: string, ...options: string[]): Promise<Outcome> {
  const text = await output('ab', '-q', '-r', ...options, '-n', String(REQUESTS), '-c', String(CONNECTIONS), url);
  const requests = numberIn(text, /Complete requests:\s+(\d+)/);
  const failed = numberIn(text, /Failed requests:\s+(\d+)/) + numberIn(text, /Non-2xx responses:\s+(\d+)/, 0);
  return { requests, errors: failed + REQUESTS - requests };
}

export async function siege(url: string): Promise<Outcome> {
  const each = Math.ceil(REQUESTS / CONNECTIONS);
  // Its limit is 255 clients and its pace a second between two requests, unless it measures: -b.
  const text = await output('siege', '-b', '-j', `-c${CONNECTIONS}`, `-r${each}`, url);
  const requests = numberIn(text, /"successful_transactions":\s+(\d+)/);
  return { requests, errors: numberIn(text, /"failed_transactions":\s+(\d+)/) + each * CONNECTIONS - requests };
}

/** One process, one connection, a hundred thousand addresses. */
export async function curl(origin: string): Promise<Outcome> {
  const child = spawn('curl', ['-s', '-w', '|%{http_code} %{num_connects}\n', `${origin}/number/[1-${REQUESTS}]`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  await once(child, 'close');
  const lines = Buffer.concat(pieces).toString().trimEnd().split('\n');
  const good = lines.filter((line, i) => line === `${i + 1}|200 ${i === 0 ? 1 : 0}`);
  return { requests: lines.length, errors: REQUESTS - good.length };
}
