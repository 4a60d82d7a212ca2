/** Enforces the limits of one route. */

import type { Handler } from '../http/handler.js';
import { serveWithin } from '../http/time-limit.js';

/** Accepts up to `bytes` of content in place of the server's own limit. */
export function limitContent(handler: Handler, bytes: number): Handler {
  return (req, res) => {
    req.limitContent(bytes);
    return handler(req, res);
  };
}

/** Answers 503 where `handler` has not begun to answer `ms` after it gave way. */
export function limitTime(handler: Handler, ms: number, place: string): Handler {
  return (req, res) => serveWithin(ms, handler, req, res, place);
}
