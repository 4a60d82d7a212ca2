/** Declares what a valid order is. Alone in its file: only servers that validate load zod. */

import { z } from 'zod';

export const NewOrder = z.object({
  customer: z.string().min(1).max(80),
  email: z.email(),
  items: z
    .array(z.object({ sku: z.string().min(4).max(16), quantity: z.int().min(1), price: z.number().min(0) }))
    .min(1)
    .max(50),
  note: z.string().max(500).optional(),
});
export type NewOrder = z.infer<typeof NewOrder>;
