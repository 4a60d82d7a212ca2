/** Limits what the requests to a class or to one method may take. */

import { type HandlerKey, isStaticTarget, type LimitKind, recordAbove, recordsFor } from './metadata.js';

/** Stands on a class, or on a method of one. */
export type LimitDecorator = (target: object, handlerKey?: HandlerKey, descriptor?: PropertyDescriptor) => void;

/**
 * Answers 503 where the answer has not begun after `ms` milliseconds, and aborts `req.signal`. The handler goes on, as
 * nothing can stop it: what it still sends is dropped. Closer wins: method, class, application. `Infinity` for none.
 */
export function Timeout(ms: number): LimitDecorator {
  return limit('timeout', ms, `@Timeout(${ms})`);
}

/**
 * Accepts content of up to `bytes`; larger is answered 413. Closer wins: method, class, application. Middleware of the
 * application that reads content itself reads it under the application's limit.
 */
export function MaxBodySize(bytes: number): LimitDecorator {
  return limit('maxBodySize', bytes, `@MaxBodySize(${bytes})`);
}

function limit(kind: LimitKind, value: number, decorator: string): LimitDecorator {
  return (target, handlerKey) => {
    const isStatic = handlerKey !== undefined && isStaticTarget(target);
    recordAbove(recordsFor(target).limits, { handlerKey, isStatic, kind, value, decorator });
  };
}
