import { z } from 'zod';
import { Id } from '../api/text.js';

export const UserName = z
  .string()
  .regex(/^[\p{L}\p{N}._-]{1,40}$/u, '1 to 40 letters, digits, dots, dashes or underscores');

export const User = z.object({ id: Id, name: UserName }).meta({ id: 'User' });
export type User = Readonly<z.infer<typeof User>>;

export const Credentials = z
  .object({ name: UserName, password: z.string().min(8).max(200) })
  .meta({ id: 'Credentials' });
export type Credentials = z.infer<typeof Credentials>;

declare module 'luminaire' {
  interface SessionFields {
    user: User;
  }
}
