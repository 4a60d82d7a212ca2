import { HttpError, requestScoped } from 'luminaire';
import { checkVersion } from '../api/version.js';
import { Journal } from '../changes/journal.js';
import { Transaction } from '../database/transaction.js';
import type { ListAccess } from '../lists/list-access.js';
import type { NewTodo, Todo, TodoChanges } from './todo.js';
import { TodoRepository } from './todo.repository.js';

@requestScoped()
export class TodoService {
  constructor(
    private readonly todos: TodoRepository,
    private readonly journal: Journal,
    private readonly transaction: Transaction,
  ) {}

  async find(id: number): Promise<Todo> {
    return found(await this.todos.find(id));
  }

  create({ user, listId }: ListAccess, newTodo: NewTodo): Promise<Todo> {
    return this.transaction.run(async () => {
      const [todo] = await this.todos.add(listId, [newTodo]);
      await this.journal.record(user, listId, 'todo.created', todo);
      return todo;
    });
  }

  change({ user, listId }: ListAccess, id: number, changes: TodoChanges, ifMatch: string | undefined): Promise<Todo> {
    return this.transaction.run(async () => {
      checkVersion(ifMatch, found(await this.todos.lock(id)));
      const todo = await this.todos.change(id, changes);
      await this.journal.record(user, listId, 'todo.changed', todo);
      return todo;
    });
  }

  remove({ user, listId }: ListAccess, id: number, ifMatch: string | undefined): Promise<void> {
    return this.transaction.run(async () => {
      checkVersion(ifMatch, found(await this.todos.lock(id)));
      await this.todos.remove(id);
      await this.journal.record(user, listId, 'todo.removed', { id });
    });
  }
}

function found(todo: Todo | undefined): Todo {
  HttpError.assert(todo, 'There is no such todo.', 404);
  return todo;
}
