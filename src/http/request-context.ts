/** Gives the request that is being served to whoever was not handed it. */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request } from './request.js';

const storage = new AsyncLocalStorage<Request>();

/**
 * Gives the request that the running code serves, through every `await`: in middleware, while content is read, in the
 * handler, while an error is answered. `undefined` outside of a request, or where the server keeps no context.
 */
export function requestContext(): Request | undefined {
  return storage.getStore();
}

/** Calls `work` with its arguments, as part of serving `req`. @internal */
export function runInContext<Args extends unknown[], T>(req: Request, work: (...args: Args) => T, ...args: Args): T {
  return storage.run(req, work, ...args);
}
