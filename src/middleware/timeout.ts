/** Limits the time that an answer may take to begin. */

import type { Middleware } from '../http/handler.js';
import { MAX_TIMER_MS, serveWithin } from '../http/time-limit.js';
import { checkWhole } from './option-error.js';

/**
 * Answers 503 where the answer has not begun `ms` milliseconds after the handler gave way, and aborts `req.signal`. The
 * handler goes on, as nothing can stop it: what it still sends is dropped. Of several limits the shortest is met first.
 *
 * @throws TypeError unless `ms` is a whole number from 1 to 2147483647.
 */
export function timeout(ms: number): Middleware {
  checkWhole('timeout: ms', ms, 1, MAX_TIMER_MS);
  // Named for the route table and for errors.
  return function timeout(req, res, next) {
    return serveWithin(ms, next, req, res, 'timeout');
  };
}
