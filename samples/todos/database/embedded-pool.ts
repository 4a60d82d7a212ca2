import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { readTimestamp, TIMESTAMPTZ } from './tables.js';

/**
 * PostgreSQL's own engine in this process, as a pool of its one connection: whoever asks for it waits until it is
 * given back.
 */
export class EmbeddedPool implements PostgresPool {
  readonly #engine: PGlite;
  readonly #lock: string;
  #givenBack: Promise<void> = Promise.resolve();

  private constructor(engine: PGlite, lock: string) {
    this.#engine = engine;
    this.#lock = lock;
  }

  /** Opens the database in `folder`, or makes one. @throws Error where another process has it open. */
  static async open(folder: string): Promise<EmbeddedPool> {
    await mkdir(folder, { recursive: true });
    const lock = join(folder, 'process.pid');
    await takeLock(lock);
    // 27 MB that only who uses it loads.
    const { PGlite } = await import('@electric-sql/pglite');
    const parsers = { [TIMESTAMPTZ]: readTimestamp };
    return new EmbeddedPool(await PGlite.create({ dataDir: join(folder, 'postgres'), parsers }), lock);
  }

  async connect(): Promise<PostgresPoolClient> {
    const before = this.#givenBack;
    let release = (): void => {};
    this.#givenBack = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    const query = (text: string, parameters: readonly unknown[]) => this.#engine.query(text, [...parameters]);
    return { query, release } as unknown as PostgresPoolClient;
  }

  async end(): Promise<void> {
    await this.#engine.close();
    await rm(this.#lock, { force: true });
  }
}

/** Two engines would ruin each other's files. What a killed process has left is taken over. */
async function takeLock(path: string): Promise<void> {
  const owner = Number(await readFile(path, 'utf8').catch(() => ''));
  if (owner > 0 && owner !== process.pid && isRunning(owner)) {
    throw new Error(`TODOS_FOLDER must be another one: process ${owner} uses ${path}`);
  }
  await writeFile(path, String(process.pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
