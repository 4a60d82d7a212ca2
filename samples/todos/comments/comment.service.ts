import { requestScoped } from 'luminaire';
import { type Page, type Paging, pageOf } from '../api/paging.js';
import { Journal } from '../changes/journal.js';
import { Transaction } from '../database/transaction.js';
import type { ListAccess } from '../lists/list-access.js';
import type { Comment, NewComment } from './comment.js';

@requestScoped()
export class CommentService {
  constructor(
    private readonly journal: Journal,
    private readonly transaction: Transaction,
  ) {}

  /** Newest first. */
  async page(todoId: number, paging: Paging): Promise<Page<Comment>> {
    const { after, limit } = paging;
    let comments = this.transaction.statements
      .selectFrom('comments')
      .innerJoin('users', 'users.id', 'userId')
      .select(['comments.id', 'todoId', 'users.name as by', 'text', 'comments.createdAt'])
      .where('todoId', '=', todoId);
    if (after !== undefined) comments = comments.where('comments.id', '<', after);
    const rows = await comments
      .orderBy('comments.id', 'desc')
      .limit(limit + 1)
      .execute();
    return pageOf(rows, paging);
  }

  add({ user, listId }: ListAccess, todoId: number, { text }: NewComment): Promise<Comment> {
    return this.transaction.run(async () => {
      const comments = this.transaction.statements.insertInto('comments').values({ todoId, userId: user.id, text });
      const added = await comments.returning(['id', 'todoId', 'text', 'createdAt']).executeTakeFirstOrThrow();
      const comment = { ...added, by: user.name };
      await this.journal.record(user, listId, 'comment.created', comment);
      return comment;
    });
  }
}
