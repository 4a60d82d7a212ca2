/** Turns errors of the domain into replies. */

import type { ErrorClass } from '../../decorators/metadata.js';
import type { Handler } from '../../http/handler.js';
import type { Request } from '../../http/request.js';
import { ClientGone } from '../../http/request-body.js';
import type { Response } from '../../http/response.js';
import { isThenable } from '../../http/thenable.js';
import type { ErrorHandler } from '../../server/server.js';
import type { Sender } from './reply-table.js';

/** Gives what is to be sent for an error, an error to answer instead, or `undefined` where it has nothing to say. */
export type ErrorReply = (error: unknown, req: Request, res: Response) => unknown;

/** Makes the function that sends what `reply` gives, and tells whether it did. It throws what is to be answered instead. */
export function buildErrorHandler(reply: ErrorReply, send: Sender): ErrorHandler {
  const finish = (value: unknown, req: Request, res: Response): boolean | Promise<boolean> => {
    if (value instanceof Error) throw value;
    if (value === undefined) return res.hasSent();
    const pending = send(value, req, res);
    return isThenable(pending) ? pending.then(() => true) : true;
  };
  return (error, req, res) => {
    const value = reply(error, req, res);
    return isThenable(value) ? value.then((done) => finish(done, req, res)) : finish(value, req, res);
  };
}

/** Puts `answer` around a handler. What it does not answer is thrown on, to the next layer. */
export function mapErrors(handler: Handler, answer: ErrorHandler): Handler {
  const recover = (error: unknown, req: Request, res: Response): void | Promise<void> => {
    // Nobody is there to answer, or an answer has begun.
    if (res.hasSent() || error instanceof ClientGone) throw error;
    res.reset();
    const answered = answer(error, req, res);
    if (typeof answered !== 'boolean') {
      return answered.then((isAnswered) => {
        if (!isAnswered) throw error;
      });
    }
    if (!answered) throw error;
  };
  return (req, res) => {
    try {
      const pending = handler(req, res);
      return isThenable(pending) ? pending.then(undefined, (error: unknown) => recover(error, req, res)) : pending;
    } catch (error) {
      return recover(error, req, res);
    }
  };
}

/** Finds the entry of the nearest class of `error`. */
export function nearestOf<Entry>(entries: ReadonlyMap<ErrorClass, Entry>, error: unknown): Entry | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  for (let each = Object.getPrototypeOf(error); each !== null; each = Object.getPrototypeOf(each)) {
    const entry = entries.get(each.constructor);
    if (entry !== undefined) return entry;
  }
  return undefined;
}
