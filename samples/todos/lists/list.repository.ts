import { requestScoped } from 'luminaire';
import type { User } from '../accounts/user.js';
import { newestFirst, type Page, type Paging } from '../api/paging.js';
import { Transaction } from '../database/transaction.js';
import type { Member, Role, TodoList } from './list.js';

const COLUMNS = ['lists.id', 'title', 'role', 'version', 'createdAt'] as const;

@requestScoped()
export class ListRepository {
  constructor(private readonly transaction: Transaction) {}

  /** The lists that `user` is a member of, newest first. */
  page(user: User, paging: Paging): Promise<Page<TodoList>> {
    return newestFirst(this.#listsOf(user), 'lists.id', paging);
  }

  async find(user: User, id: number): Promise<TodoList | undefined> {
    return this.#listsOf(user).where('lists.id', '=', id).executeTakeFirst();
  }

  /** Finds it, and keeps others from changing it until the transaction ends. */
  async lock(user: User, id: number): Promise<TodoList | undefined> {
    return this.#listsOf(user).where('lists.id', '=', id).forUpdate('lists').executeTakeFirst();
  }

  async add(title: string): Promise<number> {
    const lists = this.transaction.statements.insertInto('lists').values({ title });
    return (await lists.returning('id').executeTakeFirstOrThrow()).id;
  }

  async rename(id: number, title: string): Promise<void> {
    await this.transaction.statements
      .updateTable('lists')
      .set((row) => ({ title, version: row('version', '+', 1) }))
      .where('id', '=', id)
      .execute();
  }

  async remove(id: number): Promise<void> {
    await this.transaction.statements.deleteFrom('lists').where('id', '=', id).execute();
  }

  /** What `user` is in a list, or in the list that a todo is on. */
  async membership({ id }: User, of: 'list' | 'todo', itsId: number) {
    const memberships = this.transaction.statements.selectFrom('members').select(['members.listId', 'role']);
    const own = memberships.where('userId', '=', id);
    if (of === 'list') return own.where('listId', '=', itsId).executeTakeFirst();
    const todos = own.innerJoin('todos', 'todos.listId', 'members.listId');
    return todos.where('todos.id', '=', itsId).executeTakeFirst();
  }

  async members(listId: number): Promise<Member[]> {
    const users = this.transaction.statements.selectFrom('members').innerJoin('users', 'users.id', 'userId');
    const rows = await users.select(['id', 'name', 'role']).where('listId', '=', listId).orderBy('name').execute();
    return rows.map(({ id, name, role }) => ({ user: { id, name }, role }));
  }

  async setRole(listId: number, { id }: User, role: Role): Promise<void> {
    await this.transaction.statements
      .insertInto('members')
      .values({ listId, userId: id, role })
      .onConflict((conflict) => conflict.columns(['listId', 'userId']).doUpdateSet({ role }))
      .execute();
  }

  async removeMember(listId: number, { id }: User): Promise<boolean> {
    const members = this.transaction.statements.deleteFrom('members').where('listId', '=', listId);
    return (await members.where('userId', '=', id).executeTakeFirst()).numDeletedRows === 1n;
  }

  #listsOf({ id }: User) {
    const lists = this.transaction.statements.selectFrom('lists').innerJoin('members', 'listId', 'lists.id');
    return lists.select(COLUMNS).where('userId', '=', id);
  }
}
