/** Decides how long to wait before a worker that has ended is replaced. */

/** Milliseconds after which a worker counts as one that runs: what came before is forgotten. */
export const STABLE_MS = 10_000;
/** Milliseconds before the second attempt, the first is made at once; each further one waits twice as long. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** Workers in a row, each ended before it was stable, after which nothing more is tried: some 15 s. */
export const MOST_FAILURES = 10;

export class BackOff {
  #failures = 0;

  /**
   * Counts the end of a worker that took requests for `livedMs`. Gives the milliseconds to wait, 0 after one that was
   * stable; `undefined` where it is no use.
   */
  afterEnd(livedMs: number): number | undefined {
    if (livedMs >= STABLE_MS) {
      this.#failures = 0;
      return 0;
    }
    this.#failures++;
    if (this.#failures >= MOST_FAILURES) return undefined;
    if (this.#failures === 1) return 0;
    return Math.min(FIRST_DELAY_MS * 2 ** (this.#failures - 2), LONGEST_DELAY_MS);
  }
}
