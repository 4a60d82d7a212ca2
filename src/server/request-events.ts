/** Publishes the start, the end and the error of requests for `node:diagnostics_channel`. */

import { channel } from 'node:diagnostics_channel';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';

/** Where a request is served, once the router knows. */
export interface ServedRoute {
  readonly method: string;
  /** `/todos/:id`: few values, whatever the clients ask for. */
  readonly pattern: string;
  /** `TodoController.show`, where a controller serves it. */
  readonly place: string | undefined;
}

/** What is published. One object for all events of one request only as far as `req` is one. */
export interface RequestEvent {
  readonly req: Request;
  readonly res: Response;
  /** Looked up when it is read. */
  readonly route: ServedRoute | undefined;
  /** What was thrown; on `luminaire:request:error` alone. */
  readonly error?: unknown;
}

/** A request is about to be served. A store that is bound to this channel holds for all that serves it. */
const START = channel('luminaire:request:start');
/** A response is complete, or was cut off. */
const END = channel('luminaire:request:end');
/** Something was thrown while a request was served. */
const ERROR = channel('luminaire:request:error');

/** Whether anybody would hear of a request. */
export function hasListeners(): boolean {
  return START.hasSubscribers || END.hasSubscribers;
}

/** Serves one request between its events. */
export function publishAround(event: RequestEvent, serve: () => void | Promise<void>): void | Promise<void> {
  event.res.onFinish(() => END.publish(event));
  return START.runStores(event, serve);
}

export function publishError(makeEvent: () => RequestEvent): void {
  if (ERROR.hasSubscribers) ERROR.publish(makeEvent());
}
