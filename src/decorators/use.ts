/** Puts middleware around the routes of a class or of one method. */

import type { Middleware } from '../http/handler.js';
import type { MiddlewareClass } from './injected.js';
import { type HandlerKey, isStaticTarget, recordAbove, recordsFor } from './metadata.js';

/** Stands on a class, or on a method of one. */
export type UseDecorator = (target: object, handlerKey?: HandlerKey, descriptor?: PropertyDescriptor) => void;

/**
 * Puts `middleware` around every route of a class, or around one method.
 * Runs left to right, the top `@Use` first: application, then class (a base class before its subclass), then method.
 * A class is made by the container at boot.
 */
export function Use(...middleware: readonly (Middleware | MiddlewareClass)[]): UseDecorator {
  return (target, handlerKey) => {
    const isStatic = handlerKey !== undefined && isStaticTarget(target);
    recordAbove(recordsFor(target).uses, { handlerKey, isStatic, middleware });
  };
}
