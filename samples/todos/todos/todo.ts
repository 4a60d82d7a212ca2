import { z } from 'zod';
import { Paging } from '../api/paging.js';
import { Id, Line, Lines } from '../api/text.js';

export const NewTodo = z.object({ title: Line, notes: Lines.default('') }).meta({ id: 'NewTodo' });
export type NewTodo = z.infer<typeof NewTodo>;

export const TodoChanges = z
  .object({ title: Line, notes: Lines, isDone: z.boolean() })
  .partial()
  .meta({ id: 'TodoChanges' });
export type TodoChanges = z.infer<typeof TodoChanges>;

export const Todo = z
  .object({
    id: Id,
    listId: Id,
    title: Line,
    notes: Lines,
    isDone: z.boolean(),
    version: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Todo' });
export type Todo = Readonly<z.infer<typeof Todo>>;

/** `q`: the beginnings of words that a todo has, each of them. */
export const TodoQuery = Paging.extend({
  q: z.string().max(100).optional(),
  state: z.enum(['open', 'done']).optional(),
});
export type TodoQuery = z.infer<typeof TodoQuery>;
