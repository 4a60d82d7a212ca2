import { sql } from 'kysely';
import { requestScoped } from 'luminaire';
import { newestFirst, type Page } from '../api/paging.js';
import { Transaction } from '../database/transaction.js';
import type { NewTodo, Todo, TodoChanges, TodoQuery } from './todo.js';

const COLUMNS = ['id', 'listId', 'title', 'notes', 'isDone', 'version', 'createdAt', 'updatedAt'] as const;

@requestScoped()
export class TodoRepository {
  constructor(private readonly transaction: Transaction) {}

  /** Newest first. */
  page(listId: number, query: TodoQuery): Promise<Page<Todo>> {
    const { q = '', state } = query;
    let todos = this.#todos().where('listId', '=', listId);
    if (state !== undefined) todos = todos.where('isDone', '=', state === 'done');
    const words = q.match(/[\p{L}\p{N}]+/gu)?.map((word) => `${word}:*`);
    if (words !== undefined) todos = todos.where(sql<boolean>`words @@ to_tsquery('simple', ${words.join(' & ')})`);
    return newestFirst(todos, 'id', query);
  }

  async find(id: number): Promise<Todo | undefined> {
    return this.#todos().where('id', '=', id).executeTakeFirst();
  }

  /** Finds it, and keeps others from changing it until the transaction ends. */
  async lock(id: number): Promise<Todo | undefined> {
    return this.#todos().where('id', '=', id).forUpdate().executeTakeFirst();
  }

  async add(listId: number, newTodos: readonly NewTodo[]): Promise<Todo[]> {
    const rows = newTodos.map(({ title, notes }) => ({ listId, title, notes }));
    return this.transaction.statements.insertInto('todos').values(rows).returning(COLUMNS).execute();
  }

  async change(id: number, changes: TodoChanges): Promise<Todo> {
    return this.transaction.statements
      .updateTable('todos')
      .set(changes)
      .set((row) => ({ version: row('version', '+', 1), updatedAt: sql<Date>`now()` }))
      .where('id', '=', id)
      .returning(COLUMNS)
      .executeTakeFirstOrThrow();
  }

  async remove(id: number): Promise<void> {
    await this.transaction.statements.deleteFrom('todos').where('id', '=', id).execute();
  }

  #todos() {
    return this.transaction.statements.selectFrom('todos').select(COLUMNS);
  }
}
