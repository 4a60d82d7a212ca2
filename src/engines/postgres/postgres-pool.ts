/** Declares what is asked of a pool of connections to PostgreSQL. */

import type { PostgresClient } from './postgres-client.js';

/** One connection of a pool, as long as it is not released. */
export interface PostgresConnection extends PostgresClient {
  /** Tells of what a channel that it listens to was sent. */
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown;
  /** Tells that it has failed. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Tells that it is closed. */
  on(event: 'end', listener: () => void): unknown;
  /** `isLost`: it is closed, and not used again. */
  release(isLost: boolean): void;
}

/** A `Pool` of the package `pg`. */
export interface PostgresPool extends PostgresClient {
  /** Takes a connection out of the pool. */
  connect(): Promise<PostgresConnection>;
}
