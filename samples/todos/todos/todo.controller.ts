import {
  Body,
  Controller,
  Delete,
  Doc,
  From,
  Get,
  Header,
  Param,
  Patch,
  Post,
  Query,
  Reply,
  Returns,
  Status,
} from 'luminaire';
import { Idempotency, IdempotencyKey } from '../api/idempotency.js';
import { Page } from '../api/paging.js';
import { Id } from '../api/text.js';
import { STALE, withETag } from '../api/version.js';
import { Editor, type ListAccess, Viewer } from '../lists/list-access.js';
import { NewTodo, Todo, TodoChanges, TodoQuery } from './todo.js';
import { TodoRepository } from './todo.repository.js';
import { TodoService } from './todo.service.js';

@Controller('/api', { scope: 'request' })
@Doc({ responses: STALE })
export class TodoController {
  constructor(
    private readonly service: TodoService,
    private readonly todos: TodoRepository,
    private readonly idempotency: Idempotency,
  ) {}

  @Get('/lists/:listId/todos')
  @Returns(200, Page(Todo))
  all(@Param('listId', Id) listId: number, @From(Viewer) _: ListAccess, @Query(TodoQuery) query: TodoQuery) {
    return this.todos.page(listId, query);
  }

  @Post('/lists/:listId/todos')
  @Returns(201, Todo)
  create(
    @Param('listId', Id) listId: number,
    @From(Editor) access: ListAccess,
    @Body(NewTodo) newTodo: NewTodo,
    @Header('idempotency-key?', IdempotencyKey) key?: string,
  ) {
    return this.idempotency.once({ ...access, key, request: ['todo', listId, newTodo] }, async () => {
      const todo = await this.service.create(access, newTodo);
      return Reply.created(`/api/todos/${todo.id}`, todo);
    });
  }

  @Get('/todos/:todoId')
  @Returns(200, Todo)
  async show(@Param('todoId', Id) id: number, @From(Viewer) _: ListAccess) {
    return withETag(await this.service.find(id));
  }

  @Patch('/todos/:todoId')
  @Returns(200, Todo)
  async change(
    @Param('todoId', Id) id: number,
    @From(Editor) access: ListAccess,
    @Body(TodoChanges) changes: TodoChanges,
    @Header('if-match?') ifMatch?: string,
  ) {
    return withETag(await this.service.change(access, id, changes, ifMatch));
  }

  @Delete('/todos/:todoId')
  @Status(204)
  remove(@Param('todoId', Id) id: number, @From(Editor) access: ListAccess, @Header('if-match?') ifMatch?: string) {
    return this.service.remove(access, id, ifMatch);
  }
}
