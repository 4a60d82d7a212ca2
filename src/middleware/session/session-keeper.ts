/** Declares what a session asks of the place where it is kept. */

import type { SessionRecord } from './session-record.js';

/** What the token of a cookie has led to. */
export interface KeptSession {
  readonly record: SessionRecord;
  /** Whether it had better be kept anew: under a newer key. */
  readonly isStale: boolean;
}

export interface SessionKeeper {
  /** Whether the cookie holds all of the session: then every change needs a new one. */
  readonly isInCookie: boolean;
  /** What is kept under `token`, which any client may have made up. */
  open(token: string): KeptSession | undefined | Promise<KeptSession | undefined>;
  /**
   * Keeps a session; gives the token that leads to it from now on. Without a `token` it is a new one.
   *
   * @throws HttpError 409 where it was ended meanwhile.
   */
  keep(record: SessionRecord, token: string | undefined): string | Promise<string>;
  /** Ends a session, as far as that can be done here. */
  end(token: string): void | Promise<void>;
}
