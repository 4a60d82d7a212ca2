/** Joins middleware and a handler into one handler. */

import type { Handler, Middleware } from '../http/handler.js';

/** Joins `stack` and `handler` into one handler, first middleware outermost. Runs once a route. */
export function compose(stack: readonly Middleware[], handler: Handler): Handler {
  return stack.reduceRight<Handler>((next, middleware) => (req, res) => middleware(req, res, next), handler);
}

/** As {@link compose}, and calling `next` a second time for one request is an error that names the middleware. */
export function composeChecked(stack: readonly Middleware[], handler: Handler): Handler {
  return stack.reduceRight<Handler>((next, middleware) => {
    return (req, res) => {
      let isCalled = false;
      return middleware(req, res, (nextReq, nextRes) => {
        if (isCalled) throw new Error(`next was called twice by the middleware ${middleware.name || '(anonymous)'}`);
        isCalled = true;
        return next(nextReq, nextRes);
      });
    };
  }, handler);
}
