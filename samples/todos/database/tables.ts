import type { ColumnType, Generated } from 'kysely';
import type { Role } from '../lists/list.js';

/** The number of the type `timestamptz`. */
export const TIMESTAMPTZ = 1184;

/** Gives a time as the API has it (RFC 3339), from PostgreSQL's text. */
export const readTimestamp = (text: string): string => new Date(text).toISOString();

/** A time: text when it is read. */
type Time = ColumnType<string, Date | undefined, Date>;
type Json = ColumnType<unknown, string | undefined, string>;

interface Row {
  readonly id: Generated<number>;
  readonly createdAt: Time;
}

/** The tables as the migrations have left them. */
export interface Tables {
  readonly users: Row & { name: string; password: string };
  readonly sessions: { id: string; content: string; expiresAt: ColumnType<string, Date, Date> };
  readonly lists: Row & { title: string; version: Generated<number> };
  readonly members: { listId: number; userId: number; role: Role };
  readonly todos: Row & {
    listId: number;
    title: string;
    notes: Generated<string>;
    isDone: Generated<boolean>;
    version: Generated<number>;
    updatedAt: Time;
    words: ColumnType<string, never, never>;
  };
  readonly comments: Row & { todoId: number; userId: number; text: string };
  readonly attachments: Row & { todoId: number; file: string; name: string; type: string; size: number };
  readonly changes: Row & { listId: number; userId: number; action: string; subject: Json };
  readonly idempotencyKeys: { userId: number; key: string; fingerprint: string; reply: Json; createdAt: Time };
  readonly imports: Row & { listId: number; userId: number; file: string; total: number; done: Generated<number> };
}
