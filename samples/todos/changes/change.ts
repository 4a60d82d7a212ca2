import { z } from 'zod';
import { Id } from '../api/text.js';

/** What somebody has done: told at once to all who may know, and kept. */
export const Change = z
  .object({
    id: Id,
    listId: Id,
    by: z.string(),
    /** What has happened to what: `todo.created`. */
    action: z.string(),
    /** What it was done to, as it is now. */
    subject: z.unknown(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Change' });
export type Change = Readonly<z.infer<typeof Change>>;
