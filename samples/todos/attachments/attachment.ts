import { z } from 'zod';
import { Id } from '../api/text.js';

export const MAX_ATTACHMENT_SIZE = 10_000_000;

export const Attachment = z
  .object({ id: Id, todoId: Id, name: z.string(), type: z.string(), size: z.int(), createdAt: z.iso.datetime() })
  .meta({ id: 'Attachment' });
export type Attachment = Readonly<z.infer<typeof Attachment>>;
