import { z } from 'zod';
import { User } from '../accounts/user.js';
import { Id, Line } from '../api/text.js';

/** Viewers read, editors also change what is on the list, owners also the list itself and who its members are. */
export const Role = z.enum(['viewer', 'editor', 'owner']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

export const NewList = z.object({ title: Line }).meta({ id: 'NewList' });
export type NewList = z.infer<typeof NewList>;

export const TodoList = z
  .object({ id: Id, title: Line, role: Role, version: z.int(), createdAt: z.iso.datetime() })
  .meta({ id: 'TodoList' });
export type TodoList = Readonly<z.infer<typeof TodoList>>;

export const Membership = z.object({ role: Role }).meta({ id: 'Membership' });
export type Membership = z.infer<typeof Membership>;

export const Member = z.object({ user: User, role: Role }).meta({ id: 'Member' });
export type Member = Readonly<z.infer<typeof Member>>;
