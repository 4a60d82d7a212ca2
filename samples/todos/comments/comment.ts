import { z } from 'zod';
import { Id, Lines } from '../api/text.js';

export const NewComment = z.object({ text: Lines.regex(/\S/) }).meta({ id: 'NewComment' });
export type NewComment = z.infer<typeof NewComment>;

export const Comment = z
  .object({ id: Id, todoId: Id, by: z.string(), text: Lines, createdAt: z.iso.datetime() })
  .meta({ id: 'Comment' });
export type Comment = Readonly<z.infer<typeof Comment>>;
