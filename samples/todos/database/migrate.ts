import { type Kysely, Migrator, sql } from 'kysely';
import { MIGRATIONS } from './migrations.js';
import type { Tables } from './tables.js';

/** Brings the tables up to date: all that is missing, or nothing. Says how far it is. */
export async function migrate(database: Kysely<Tables>, report: (line: string) => void): Promise<void> {
  let done = 0;
  let pending = 0;
  const migrations = Object.entries(MIGRATIONS).map(([name, statements]) => {
    const up = async (transaction: Kysely<unknown>): Promise<void> => {
      for (const statement of statements) await sql.raw(statement).execute(transaction);
      report(`database: migration ${++done} of ${pending}, ${name}`);
    };
    return [name, { up }] as const;
  });
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => Object.fromEntries(migrations) },
  });
  pending = (await migrator.getMigrations()).filter(({ executedAt }) => executedAt === undefined).length;
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error('The database could not be migrated', { cause: error });
}
