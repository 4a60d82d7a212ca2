/** Enforces the limits of one route. */

import type { Handler } from '../http/handler.js';
import { HttpError } from '../http/http-error.js';
import type { Logger } from '../server/logger.js';
import { isThenable } from './schema.js';

/** Accepts up to `bytes` of content in place of the server's own limit. */
export function limitContent(handler: Handler, bytes: number): Handler {
  return (req, res) => {
    req.limitContent(bytes);
    return handler(req, res);
  };
}

/**
 * Answers 503 where `handler` has not begun to answer `ms` after it gave way. One that answers at once costs no timer:
 * nothing could interrupt it anyway.
 */
export function limitTime(handler: Handler, ms: number, place: string, logger: Logger): Handler {
  return (req, res) => {
    const pending = handler(req, res);
    if (res.hasSent() || !(isThenable(pending) || res.holdOpen)) return pending;
    return new Promise((resolve, reject) => {
      let late: HttpError | undefined;
      const timer = setTimeout(() => {
        if (res.hasSent()) return;
        late = new HttpError(`There was no answer within ${ms} ms.`, 503);
        req.abort(late);
        reject(late);
      }, ms);
      const stop = () => {
        clearTimeout(timer);
        resolve();
      };
      res.onFinish(stop);
      if (!isThenable(pending)) return;
      pending.then(
        () => res.holdOpen || stop(),
        (error: unknown) => {
          clearTimeout(timer);
          if (late === undefined) reject(error);
          else if (!isAbort(error, late))
            logger.warn({ err: error, handler: place }, 'A handler failed after its time');
        },
      );
    });
  };
}

/** Whether something gave up because it was told to. */
function isAbort(error: unknown, reason: Error): boolean {
  return error === reason || (error instanceof Error && (error.name === 'AbortError' || error.cause === reason));
}
