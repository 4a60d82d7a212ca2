import { requestScoped } from 'luminaire';
import { newestFirst, type Page, type Paging } from '../api/paging.js';
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
  page(todoId: number, paging: Paging): Promise<Page<Comment>> {
    const comments = this.transaction.statements
      .selectFrom('comments')
      .innerJoin('users', 'users.id', 'userId')
      .select(['comments.id', 'todoId', 'users.name as by', 'text', 'comments.createdAt'])
      .where('todoId', '=', todoId);
    return newestFirst(comments, 'comments.id', paging);
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
