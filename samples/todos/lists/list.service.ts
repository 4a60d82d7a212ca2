import { HttpError, requestScoped } from 'luminaire';
import type { User } from '../accounts/user.js';
import { UserRepository } from '../accounts/user.repository.js';
import { checkVersion } from '../api/version.js';
import { Journal } from '../changes/journal.js';
import { Transaction } from '../database/transaction.js';
import type { Member, NewList, Role, TodoList } from './list.js';
import { ListRepository } from './list.repository.js';

@requestScoped()
export class ListService {
  constructor(
    private readonly lists: ListRepository,
    private readonly users: UserRepository,
    private readonly journal: Journal,
    private readonly transaction: Transaction,
  ) {}

  async find(user: User, id: number): Promise<TodoList> {
    return found(await this.lists.find(user, id));
  }

  create(user: User, { title }: NewList): Promise<TodoList> {
    return this.transaction.run(async () => {
      const id = await this.lists.add(title);
      await this.lists.setRole(id, user, 'owner');
      const list = await this.find(user, id);
      await this.journal.record(user, id, 'list.created', list);
      return list;
    });
  }

  rename(user: User, id: number, { title }: NewList, ifMatch: string | undefined): Promise<TodoList> {
    return this.transaction.run(async () => {
      checkVersion(ifMatch, found(await this.lists.lock(user, id)));
      await this.lists.rename(id, title);
      const list = await this.find(user, id);
      await this.journal.record(user, id, 'list.renamed', { id, title, version: list.version });
      return list;
    });
  }

  remove(user: User, id: number, ifMatch: string | undefined): Promise<void> {
    return this.transaction.run(async () => {
      checkVersion(ifMatch, found(await this.lists.lock(user, id)));
      // While it still has members to be told.
      await this.journal.record(user, id, 'list.removed', { id });
      await this.lists.remove(id);
    });
  }

  /** Makes the user of that name a member, or gives a member another role. */
  share(user: User, id: number, name: string, role: Role): Promise<Member> {
    return this.transaction.run(async () => {
      const member = { user: await this.#other(user, name), role };
      await this.lists.setRole(id, member.user, role);
      await this.journal.record(user, id, 'member.set', member);
      return member;
    });
  }

  unshare(user: User, id: number, name: string): Promise<void> {
    return this.transaction.run(async () => {
      const other = await this.#other(user, name);
      await this.journal.record(user, id, 'member.removed', { user: other });
      HttpError.assert(await this.lists.removeMember(id, other), `${name} is no member of the list.`, 404);
    });
  }

  async #other(user: User, name: string): Promise<User> {
    const other = await this.users.find(name);
    HttpError.assert(other, `There is nobody called ${name}.`, 404);
    HttpError.assert(other.id !== user.id, 'Your own role is for another owner to change.', 409);
    return { id: other.id, name: other.name };
  }
}

function found(list: TodoList | undefined): TodoList {
  HttpError.assert(list, 'There is no such list.', 404);
  return list;
}
