/** Runs a PostgreSQL server of its own, or uses that of `DATABASE_URL`. */

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const INSTALLED = '/usr/lib/postgresql';
/** PostgreSQL does not run as root. */
const NOBODY = 65_534;

export class PostgresServer {
  readonly #url: string;
  readonly #folder: string | undefined;

  private constructor(url: string, folder?: string) {
    this.#url = url;
    this.#folder = folder;
  }

  /** @throws Error where Debian's package `postgresql` is not installed. */
  static start(): PostgresServer {
    const { DATABASE_URL } = process.env;
    if (DATABASE_URL) return new PostgresServer(DATABASE_URL);
    const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
    if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
    command('initdb', '-D', join(folder, 'data'), '-U', 'todos', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N');
    startIn(folder);
    return new PostgresServer(`postgresql://todos@/postgres?host=${encodeURIComponent(folder)}`, folder);
  }

  /** Makes an empty database, and gives its address. */
  async makeDatabase(): Promise<string> {
    const name = `todos_${randomUUID().replaceAll('-', '')}`;
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return this.#url.replace(/\/[^/?]*(?=\?|$)/, `/${name}`);
  }

  /** Ends it as a power failure would. @throws Error for one that it has not started. */
  kill(): void {
    if (this.#folder === undefined) throw new Error('A server of somebody else is not killed');
    const lock = join(this.#folder, 'data', 'postmaster.pid');
    const pid = readFileSync(lock, 'utf8').split('\n')[0] as string;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    for (const each of [pid, ...children]) process.kill(Number(each), 'SIGKILL');
    // Nobody may have waited for its end, and then it looks as if it still ran.
    for (const file of [lock, join(this.#folder, '.s.PGSQL.5432.lock')]) rmSync(file, { force: true });
  }

  /** Starts it again, after {@link kill}. */
  restart(): void {
    if (this.#folder !== undefined) startIn(this.#folder);
  }

  stop(): void {
    if (this.#folder === undefined) return;
    command('pg_ctl', '-D', join(this.#folder, 'data'), '-m', 'immediate', '-w', 'stop');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function startIn(folder: string): void {
  // On a socket in its folder alone: no port that somebody else may have.
  const options = `-c listen_addresses= -c unix_socket_directories=${folder}`;
  command('pg_ctl', '-D', join(folder, 'data'), '-l', join(folder, 'log'), '-o', options, '-w', 'start');
}

function command(name: string, ...args: readonly string[]): void {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(a) - Number(b)) : [];
  const path = join(INSTALLED, versions.at(-1) ?? '', 'bin', name);
  const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  // Output to a pipe would be held open by the server that pg_ctl leaves running.
  const { status, error } = spawnSync(path, args, { ...owner, cwd: tmpdir(), stdio: 'ignore' });
  if (status !== 0) throw new Error(`${path} ended with ${status}`, { cause: error });
}
