import { HttpError, injectable } from 'luminaire';
import { StoredFiles } from '../attachments/stored-files.js';
import { Journal } from '../changes/journal.js';
import { News } from '../changes/news.js';
import { Database } from '../database/database.js';
import { Transaction } from '../database/transaction.js';
import type { ListAccess } from '../lists/list-access.js';
import { Settings } from '../settings.js';
import { TodoRepository } from '../todos/todo.repository.js';
import { type Import, linesOf } from './import.js';

const BATCH = 100;
const COLUMNS = ['imports.id', 'listId', 'done', 'total', 'imports.createdAt'] as const;

/**
 * Imports in the background, a batch a transaction, which also keeps how far it has come: each line is imported once,
 * also where the process is killed, and everybody sees the progress.
 */
@injectable()
export class ImportService {
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(
    private readonly database: Database,
    private readonly files: StoredFiles,
    private readonly news: News,
    private readonly settings: Settings,
  ) {}

  /** Goes on with what an earlier process has left. */
  async onStart(): Promise<void> {
    const unfinished = this.database.statements.selectFrom('imports').select('id').whereRef('done', '<', 'total');
    for (const { id } of await unfinished.execute()) this.#start(id);
  }

  async add({ user, listId }: ListAccess, file: string, total: number): Promise<Import> {
    const row = { listId, userId: user.id, file, total };
    const imports = this.database.statements.insertInto('imports').values(row);
    const added = await imports.returning(COLUMNS).executeTakeFirstOrThrow();
    this.#start(added.id);
    return added;
  }

  async find(listId: number, id: number): Promise<Import> {
    const imports = this.database.statements.selectFrom('imports').select(COLUMNS);
    const found = await imports.where('listId', '=', listId).where('id', '=', id).executeTakeFirst();
    HttpError.assert(found, 'There is no such import.', 404);
    return found;
  }

  async dispose(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  #start(id: number): void {
    const running = this.#run(id)
      .catch((error: unknown) => this.settings.report(`import ${id}: stopped until the next start: ${error}`))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #run(id: number): Promise<void> {
    while (!this.#isStopped && (await this.#importBatch(new Transaction(this.database), id)));
  }

  /** Tells whether there is more to do. */
  #importBatch(transaction: Transaction, id: number): Promise<boolean> {
    return transaction.run(async () => {
      const { statements } = transaction;
      // Gone with its list, or another process works on it.
      const job = await statements
        .selectFrom('imports')
        .innerJoin('users', 'users.id', 'userId')
        .select([...COLUMNS, 'file', 'userId', 'users.name'])
        .where('imports.id', '=', id)
        .forUpdate('imports')
        .skipLocked()
        .executeTakeFirst();
      if (job === undefined || job.done >= job.total) return false;
      const { listId, total } = job;
      const batch = linesOf(await this.files.text(job.file)).slice(job.done, job.done + BATCH);
      const newTodos = batch.map((title) => ({ title, notes: '' }));
      await new TodoRepository(transaction).add(listId, newTodos);
      const done = job.done + batch.length;
      await statements.updateTable('imports').set({ done }).where('id', '=', id).execute();
      const user = { id: job.userId, name: job.name };
      await new Journal(transaction, this.news).record(user, listId, 'import.progressed', { id, done, total });
      this.settings.report(`import ${id}: ${done} of ${total}`);
      return done < total;
    });
  }
}
