/** Limits the time that an answer may take to begin. */

import type { Middleware } from '../http/handler.js';
import { serveWithin } from '../http/time-limit.js';
import { checkWhole } from './option-error.js';

/** Longer ones would end at once: Node keeps the time of a timer in 32 bits. */
const MAX_TIMER_MS = 2_147_483_647;

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
