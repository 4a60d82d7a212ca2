/** Answers in place of what takes too long. */

import type { Handler } from './handler.js';
import { HttpError } from './http-error.js';
import type { Request } from './request.js';
import type { Response } from './response.js';
import { isThenable } from './thenable.js';

/** Longest time of a timer in milliseconds: Node keeps it in 32 bits, and a longer one would end at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/**
 * Calls `handler`, and rejects with an HttpError 503 where it has not begun to answer `ms` after it gave way; `req.signal`
 * aborts then. One that answers at once costs no timer: nothing could interrupt it anyway. What it throws after its time
 * is logged, with `place`, as nobody waits for it any more.
 */
export function serveWithin(
  ms: number,
  handler: Handler,
  req: Request,
  res: Response,
  place: string,
): void | Promise<void> {
  const pending = handler(req, res);
  if (res.hasSent() || !(isThenable(pending) || res.holdOpen)) return pending;
  return new Promise((resolve, reject) => {
    let late: HttpError | undefined;
    let isPending = isThenable(pending);
    const timer = setTimeout(() => {
      if (res.hasSent()) return;
      late = new HttpError(`There was no answer within ${ms} ms.`, 503);
      req.abort(late);
      reject(late);
    }, ms);
    res.onFinish(() => {
      clearTimeout(timer);
      // A handler that still runs is waited for: what stands around must not end before it.
      if (!isPending) resolve();
    });
    if (!isThenable(pending)) return;
    pending.then(
      () => {
        isPending = false;
        if (res.holdOpen && !res.hasEnded()) return;
        clearTimeout(timer);
        resolve();
      },
      (error: unknown) => {
        clearTimeout(timer);
        if (late === undefined) reject(error);
        else if (!isAbort(error, late))
          req.logger.warn({ err: error, handler: place }, 'A handler failed after its time');
      },
    );
  });
}

/** Whether something gave up because it was told to. */
function isAbort(error: unknown, reason: Error): boolean {
  return error === reason || (error instanceof Error && (error.name === 'AbortError' || error.cause === reason));
}
