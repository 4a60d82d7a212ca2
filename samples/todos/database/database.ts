import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import { injectable } from 'luminaire';
import { Settings } from '../settings.js';
import { EmbeddedPool } from './embedded-pool.js';
import { migrate } from './migrate.js';
import { openServerPool } from './server-pool.js';
import type { Tables } from './tables.js';

/** Connects to the database, which has all its tables before the application listens. */
@injectable()
export class Database {
  /** Each runs by itself: what belongs together is for a `Transaction`. */
  readonly statements: Kysely<Tables>;

  constructor(private readonly settings: Settings) {
    this.statements = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool: () => this.#open() }),
      // created_at in SQL, createdAt here; what is inside of JSON stays.
      plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    });
  }

  onStart(): Promise<void> {
    return migrate(this.statements, this.settings.report);
  }

  async isThere(): Promise<boolean> {
    await this.statements.selectFrom('users').select('id').limit(1).execute();
    return true;
  }

  dispose(): Promise<void> {
    return this.statements.destroy();
  }

  #open() {
    const { databaseUrl, folder, report } = this.settings;
    if (databaseUrl !== undefined) return openServerPool(databaseUrl, report);
    report(`database: opening the one in ${folder}; the first time that takes some seconds`);
    return EmbeddedPool.open(folder);
  }
}
