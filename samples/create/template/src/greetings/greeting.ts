/** What is greeted, and with what. */

import { z } from 'zod';

export const NewGreeting = z.object({ name: z.string().min(1).max(100), shout: z.boolean().default(false) });
export type NewGreeting = z.infer<typeof NewGreeting>;

export const Greeting = z.object({ text: z.string() }).meta({ id: 'Greeting' });
export type Greeting = z.infer<typeof Greeting>;
