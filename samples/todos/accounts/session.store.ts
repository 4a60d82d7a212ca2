import { injectable, type SessionStore, type SessionStoring } from 'luminaire';
import { Database } from '../database/database.js';

/** Keeps sessions in the database, so that a restart signs nobody out. */
@injectable()
export class DatabaseSessionStore implements SessionStore {
  constructor(private readonly database: Database) {}

  async get(id: string): Promise<string | undefined> {
    const sessions = this.database.statements.selectFrom('sessions').select('content');
    return (await sessions.where('id', '=', id).where('expiresAt', '>', new Date().toISOString()).executeTakeFirst())
      ?.content;
  }

  async set(id: string, content: string, { maxAge, isNew }: SessionStoring): Promise<boolean> {
    const { statements } = this.database;
    const expiresAt = new Date(Date.now() + maxAge * 1000);
    if (isNew) {
      await statements.deleteFrom('sessions').where('expiresAt', '<', new Date().toISOString()).execute();
      await statements.insertInto('sessions').values({ id, content, expiresAt }).execute();
      return true;
    }
    const kept = statements.updateTable('sessions').set({ content, expiresAt }).where('id', '=', id);
    return (await kept.executeTakeFirst()).numUpdatedRows === 1n;
  }

  async destroy(id: string): Promise<void> {
    await this.database.statements.deleteFrom('sessions').where('id', '=', id).execute();
  }
}
