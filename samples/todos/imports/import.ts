import { z } from 'zod';
import { Id } from '../api/text.js';

export const MAX_IMPORT_SIZE = 5_000_000;

/** A file whose lines become todos, while that goes on and after. */
export const Import = z
  .object({ id: Id, listId: Id, done: z.int(), total: z.int(), createdAt: z.iso.datetime() })
  .meta({ id: 'Import' });
export type Import = Readonly<z.infer<typeof Import>>;

/** The lines of a file that are not blank. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|[\r\n]/).filter((line) => line.trim() !== '');
}
