/** Says what a handler answers: its status, and the schema of what it returns. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FitsReturned, OnHandler } from './fits.js';
import { type HandlerKey, isStaticTarget, recordAbove, recordsFor } from './metadata.js';

/** Stands on a handler. */
export type StatusDecorator = <T extends object, K extends HandlerKey>(
  target: T & OnHandler<T, K, '@Status'>,
  handlerKey: K,
  descriptor: PropertyDescriptor,
) => void;

/** Stands on a handler whose returned value fits the input of `S`. */
export type ReturnsDecorator<N extends number, S extends StandardSchemaV1> = <T extends object, K extends HandlerKey>(
  target: T & OnHandler<T, K, '@Returns', FitsReturned<T, K, N, S>>,
  handlerKey: K,
  descriptor: PropertyDescriptor,
) => void;

/** Sets the status of a reply that the handler does not set itself, 200 to 599. Default 200, or 204 without content. */
export function Status(status: number): StatusDecorator {
  return (target, handlerKey) => recordReply(target, handlerKey, '@Status', status, undefined);
}

/**
 * Documents the answer and checks it: what the method returns runs through `schema`, and the schema's output is sent,
 * so fields that it does not name never leave. The compiler checks that the method returns the schema's **input**:
 * the value is validated, and transforms run, after the method. A value that does not fit is a 500.
 * One for each status: `@Returns(200, Todo) @Returns(404, Missing)`, the second for a `Reply` of 404.
 */
export function Returns<N extends number, S extends StandardSchemaV1>(status: N, schema: S): ReturnsDecorator<N, S> {
  return (target, handlerKey) => recordReply(target, handlerKey, '@Returns', status, schema);
}

function recordReply(
  target: object,
  handlerKey: HandlerKey,
  decorator: string,
  status: number,
  schema: StandardSchemaV1 | undefined,
): void {
  const isStatic = isStaticTarget(target);
  recordAbove(recordsFor(target).replies, { handlerKey, isStatic, status, schema, decorator });
}
