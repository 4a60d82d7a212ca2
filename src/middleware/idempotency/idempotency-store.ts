/** Declares where the keys of requests are kept, with the answers to them. */

/** How a request claims its key. */
export interface IdempotencyClaim {
  /** Names this request alone: random, new for each. */
  readonly owner: string;
  /** What is asked for: of two requests with one key both have the same. */
  readonly fingerprint: string;
  /** Milliseconds after which the key may be claimed anew, unless an answer was kept: the process may have died. */
  readonly lockTimeout: number;
}

/** The request that has claimed a key before. */
export interface ClaimedRequest {
  readonly fingerprint: string;
  /** What was kept as its answer; nothing while it is still being served. */
  readonly answer?: string | undefined;
}

/**
 * Where keys are kept: a database. What a method rejects with is a store that fails. The ids it is given are hashes of who
 * sent the request, and its key.
 */
export interface IdempotencyStore {
  /**
   * Claims `id`, and gives nothing; or gives the request that has it. Of all that claim it at once, in whatever process,
   * one gets it. What has expired is not there.
   */
  claim(id: string, claim: IdempotencyClaim): Promise<ClaimedRequest | undefined>;
  /**
   * Keeps `answer` for `maxAge` seconds. Gives false, and keeps nothing, where `owner` has the id no more, because its
   * `lockTimeout` has passed and another one has claimed it.
   */
  keep(id: string, owner: string, answer: string, maxAge: number): Promise<boolean>;
  /** Gives `id` back for others to claim, where `owner` has it and has kept nothing. */
  release(id: string, owner: string): Promise<unknown>;
}
