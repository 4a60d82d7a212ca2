/** Repeats what an engine could not do while it was away. */

import { setTimeout as wait } from 'node:timers/promises';
import { withinStoreTime } from '../middleware/store-time.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** How long the engine of a backplane may be away. */
export interface AwayOptions {
  /**
   * Milliseconds for which `publish`, `read` and `subscribe` wait for an engine that is away, before they reject.
   * Default 10000.
   */
  readonly timeout?: number;
}

/**
 * As `attempt`, which is made again while `isAway` says so of its error, for at most `ms` milliseconds. It must be one
 * that may be made twice: that its answer was lost does not say that it was not done.
 */
export async function whileAway<Answer>(
  ms: number,
  isAway: (error: unknown) => boolean,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  const deadline = performance.now() + ms;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await withinStoreTime(Math.max(1, Math.ceil(deadline - performance.now())), attempt);
    } catch (error) {
      if (!isAway(error) || performance.now() + pauseMs >= deadline) throw error;
    }
    await wait(pauseMs);
  }
}

/** Milliseconds before another connection is tried, after so many that have failed in a row. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
}
