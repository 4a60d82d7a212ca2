import type { ReferenceExpression, SelectQueryBuilder } from 'kysely';
import { z } from 'zod';

const Cursor = z
  .string()
  .regex(/^[\w-]{1,20}$/)
  .transform((cursor, context) => {
    const id = Number(Buffer.from(cursor, 'base64url').toString('latin1'));
    if (Number.isInteger(id) && id > 0 && id < 2 ** 31) return id;
    context.addIssue('The cursor is none that was given');
    return z.NEVER;
  });

/** Which part of a long list is asked for: `next` of one page is `after` of the one that follows. */
export const Paging = z.object({
  after: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
export type Paging = z.infer<typeof Paging>;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; without it there is none. */
  readonly next?: string;
}

export function Page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item).readonly(), next: z.string().optional() });
}

/** Gives one page of `rows`, the newest first: those with the highest `id`. */
export async function newestFirst<DB, Table extends keyof DB, Item extends { readonly id: number }>(
  rows: SelectQueryBuilder<DB, Table, Item>,
  id: ReferenceExpression<DB, Table>,
  { after = 2 ** 31 - 1, limit }: Paging,
): Promise<Page<Item>> {
  // One more than fits tells whether another page follows.
  const wanted = rows.where(id, '<', after as never).orderBy(id, 'desc');
  const found = await wanted.limit(limit + 1).execute();
  const items = found.slice(0, limit) as Item[];
  const last = items.at(-1);
  if (last === undefined || found.length <= limit) return { items };
  return { items, next: Buffer.from(String(last.id)).toString('base64url') };
}
