/** Declares what a supervisor and its workers say to each other. */

import type { WorkersState } from '../http/workers.js';
import type { CloseOptions } from '../server/server.js';

/** Where a worker listens: for clients the same address whichever it is. */
export interface WorkerAddress {
  readonly ip: string;
  readonly port: number;
  readonly url: string;
}

/**
 * Milliseconds in which a connection of a process that is replaced, or closed by a signal, may bring one more request: the
 * client may have sent it already, and nothing says that it was not served.
 */
export const LINGER_MS = 1_000;

/** Milliseconds between two signs of life of a worker. */
export const BEAT_MS = 1_000;

export type FromWorker =
  | { readonly luminaire: 'listening'; readonly address: WorkerAddress }
  /** Its event loop turns; said every {@link BEAT_MS}. */
  | { readonly luminaire: 'beat' }
  /** It could not start; it has said why itself. */
  | { readonly luminaire: 'failed' }
  /** It has served its last request. */
  | { readonly luminaire: 'closed'; readonly destroyed: number };

export type ToWorker =
  | { readonly luminaire: 'workers'; readonly state: WorkersState }
  /** Times in milliseconds, as `Server.close` takes them. */
  | ({ readonly luminaire: 'close'; readonly isReplaced: boolean } & Required<CloseOptions>);

/** Whether a message is one of these: applications send their own on the same channel. */
export function isOurs(message: unknown): message is FromWorker | ToWorker {
  return typeof message === 'object' && message !== null && 'luminaire' in message;
}
