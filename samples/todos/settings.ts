import { resolve } from 'node:path';

/** What whoever runs the application may choose, by its environment. */
export class Settings {
  /** A PostgreSQL server. Without one PostgreSQL's own engine runs in this process, its files in `folder`. */
  readonly databaseUrl: string | undefined = process.env.DATABASE_URL || undefined;
  /** Holds the embedded database, and what was uploaded. */
  readonly folder: string = resolve(process.env.TODOS_FOLDER ?? 'todos-data');
  /** Requests a minute from one address. */
  readonly quota: number = quotaFromEnv('TODOS_QUOTA', 1200);
  /** Attempts a minute from one address to sign in or up. */
  readonly signInQuota: number = quotaFromEnv('TODOS_SIGN_IN_QUOTA', 20);
  /** Is told how far along what takes long is. */
  readonly report: (line: string) => void = (line) => console.log(line);
}

function quotaFromEnv(name: string, otherwise: number): number {
  const quota = Number(process.env[name] ?? otherwise);
  if (!Number.isInteger(quota) || quota < 1) {
    throw new Error(`${name} must be a whole number from 1, got "${process.env[name]}"`);
  }
  return quota;
}
