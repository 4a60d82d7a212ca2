import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A schema of these types: what the compiler sees of zod, valibot or arktype. */
export declare function schema<Input, Output = Input>(): StandardSchemaV1<Input, Output>;

export interface Todo {
  title: string;
  done: boolean;
}

export const todo = schema<Todo>();
export const count = schema<unknown, number>();
export const color = schema<'red' | 'green', 'red' | 'green'>();
export const tags = schema<string[], Set<string>>();
