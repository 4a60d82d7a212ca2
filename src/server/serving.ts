/** Has one request served, whatever it came on. */

import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import { isThenable } from '../http/thenable.js';

/** Who serves requests. */
export interface ServingHost {
  /** Serves one request. */
  handle(req: Request, res: Response): void | Promise<void>;
  /** Answers what `handle` threw, as far as the response still can be. Never throws. */
  fail(error: unknown, req: Request, res: Response): void;
}

/** Calls the handler, and answers what it throws or leaves unanswered. Gives what settles when it ends, unless it has. */
export function serveRequest(host: ServingHost, req: Request, res: Response): Promise<void> | undefined {
  try {
    const pending = host.handle(req, res);
    // Without a compiler in between, a handler may return anything: `(req, res) => res.send()` does.
    if (isThenable(pending)) {
      pending.then(
        () => settle(host, req, res),
        (error: unknown) => host.fail(error, req, res),
      );
      return pending;
    }
  } catch (error) {
    host.fail(error, req, res);
    return undefined;
  }
  settle(host, req, res);
  return undefined;
}

/** Calls what the application asked to be called. Nobody else could catch what it throws. */
export function tell(
  listener: () => void,
  host: ServingHost,
  req: Request | undefined,
  res: Response | undefined,
): void {
  try {
    listener();
  } catch (error) {
    if (req !== undefined && res !== undefined) host.fail(error, req, res);
  }
}

/** Ends a response that its handler left open, so that no client waits for ever. */
function settle(host: ServingHost, req: Request, res: Response): void {
  if (res.hasEnded() || res.holdOpen) return;
  try {
    if (!res.hasSent() && !res.hasBody && !res.hasStatus) res.setStatus(204);
    res.end();
  } catch (error) {
    host.fail(error, req, res);
  }
}
