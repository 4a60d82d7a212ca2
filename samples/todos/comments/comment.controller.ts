import { Body, Controller, From, Get, Header, Param, Post, Query, Reply, Returns } from 'luminaire';
import { Idempotency, IdempotencyKey } from '../api/idempotency.js';
import { Page, Paging } from '../api/paging.js';
import { Id } from '../api/text.js';
import { type ListAccess, Viewer } from '../lists/list-access.js';
import { Comment, NewComment } from './comment.js';
import { CommentService } from './comment.service.js';

@Controller('/api/todos/:todoId/comments', { scope: 'request' })
export class CommentController {
  constructor(
    private readonly comments: CommentService,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @Returns(200, Page(Comment))
  all(@Param('todoId', Id) todoId: number, @From(Viewer) _: ListAccess, @Query(Paging) paging: Paging) {
    return this.comments.page(todoId, paging);
  }

  /** Whoever may read may have something to say. */
  @Post()
  @Returns(201, Comment)
  add(
    @Param('todoId', Id) todoId: number,
    @From(Viewer) access: ListAccess,
    @Body(NewComment) newComment: NewComment,
    @Header('idempotency-key?', IdempotencyKey) key?: string,
  ) {
    return this.idempotency.once({ ...access, key, request: ['comment', todoId, newComment] }, async () => {
      const comment = await this.comments.add(access, todoId, newComment);
      return Reply.created(`/api/todos/${todoId}/comments`, comment);
    });
  }
}
