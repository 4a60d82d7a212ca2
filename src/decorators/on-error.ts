/** Marks methods that turn errors into replies. */

import type { FitsErrorHandler, OnHandler } from './fits.js';
import { type ErrorClass, type HandlerKey, isStaticTarget, recordAbove, recordsFor } from './metadata.js';

/** Stands on a method that takes an `E`. */
export type OnErrorDecorator<E extends Error> = <T extends object, K extends HandlerKey>(
  target: T & OnHandler<T, K, '@OnError', FitsErrorHandler<T, K, E>>,
  handlerKey: K,
  descriptor: PropertyDescriptor,
) => void;

/**
 * Marks a method, called as `(error, req, res)`, that answers the `errorClass` errors of its controller's routes: those
 * of middleware, resolvers, parameters, handlers and replies. What it returns is sent as a handler's value would be; an
 * `HttpError`, returned or thrown, is answered as such; `undefined` leaves the error to the application's `onError`.
 * Of several, that of the nearest class of the error answers; a subclass's before that of the class it extends.
 */
export function OnError<E extends Error>(errorClass: ErrorClass<E>): OnErrorDecorator<E> {
  return (target, handlerKey) => {
    const isStatic = isStaticTarget(target);
    const decorator = `@OnError(${(errorClass as { name?: string } | undefined)?.name ?? ''})`;
    recordAbove(recordsFor(target).errors, { handlerKey, isStatic, errorClass, decorator });
  };
}
