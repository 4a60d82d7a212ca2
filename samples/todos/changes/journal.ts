import { requestScoped } from 'luminaire';
import type { User } from '../accounts/user.js';
import { newestFirst, type Page, type Paging } from '../api/paging.js';
import { Transaction } from '../database/transaction.js';
import type { Change } from './change.js';
import { News } from './news.js';

/** The audit trail. What it keeps is kept together with what was done, and told once that is so. */
@requestScoped()
export class Journal {
  constructor(
    private readonly transaction: Transaction,
    private readonly news: News,
  ) {}

  async record(user: User, listId: number, action: string, subject: unknown): Promise<void> {
    const { statements } = this.transaction;
    const kept = await statements
      .insertInto('changes')
      .values({ listId, userId: user.id, action, subject: JSON.stringify(subject) })
      .returning(['id', 'createdAt'])
      .executeTakeFirstOrThrow();
    const members = await statements.selectFrom('members').select('userId').where('listId', '=', listId).execute();
    const to = members.map(({ userId }) => userId);
    this.transaction.afterCommit(() => this.news.tell({ ...kept, listId, by: user.name, action, subject }, to));
  }

  /** What has happened to a list, the latest first. */
  page(listId: number, paging: Paging): Promise<Page<Change>> {
    const changes = this.transaction.statements
      .selectFrom('changes')
      .innerJoin('users', 'users.id', 'userId')
      .select(['changes.id', 'listId', 'users.name as by', 'action', 'subject', 'changes.createdAt'])
      .where('listId', '=', listId);
    return newestFirst(changes, 'changes.id', paging);
  }
}
