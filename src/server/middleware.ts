/** Joins middleware and a handler into one handler. */

import type { Handler, Middleware } from '../http/handler.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';

/** Joins `stack` and `handler` into one handler, first middleware outermost. Runs once a route. */
export function compose(stack: readonly Middleware[], handler: Handler): Handler {
  return stack.reduceRight<Handler>((next, middleware) => (req, res) => middleware(req, res, next), handler);
}

/**
 * As {@link compose}, for `debug`: a middleware that calls `next` twice, or ends before what `next` returned has ended,
 * is an error that names it. The second would answer too early and leave a rejection that nobody handles.
 */
export function composeChecked(stack: readonly Middleware[], handler: Handler): Handler {
  return stack.reduceRight<Handler>(
    (next, middleware) => (req, res) => runChecked(middleware, next, req, res),
    handler,
  );
}

function runChecked(middleware: Middleware, next: Handler, req: Request, res: Response): void | Promise<void> {
  const name = middleware.name || '(anonymous)';
  let isCalled = false;
  let isPending = false;
  const settle = (): void => {
    isPending = false;
  };
  const outcome = middleware(req, res, (nextReq, nextRes) => {
    if (isCalled) throw new Error(`next was called twice by the middleware ${name}`);
    isCalled = true;
    const rest = next(nextReq, nextRes);
    if (rest === undefined) return;
    isPending = true;
    rest.then(settle, settle);
    return rest;
  });
  const assertSettled = (): void => {
    if (isPending) throw new Error(`The middleware ${name} ended before next: return what next returns, or await it`);
  };
  if (outcome === undefined) return assertSettled();
  // One turn later: an `await next(...)` and `settle` wait for the same promise.
  return outcome.then(() => Promise.resolve().then(assertSettled));
}
