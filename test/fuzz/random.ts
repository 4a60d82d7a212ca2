/** Gives the same numbers again for the same seed, so that a failure is replayed from one number. */

/** A small generator of 32-bit numbers (mulberry32): a stream of requests needs a few hundred, none of them secret. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    this.#state = Math.imul((seed ^ (seed >>> 16)) + 0x9e3779b9, 0x85ebca6b) | 0;
  }

  /** A number from 0 up to, but not including, 2^32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * limit);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** `size` octets, as latin1 text. */
  octets(size: number): string {
    let text = '';
    for (let i = 0; i < size; i++) text += String.fromCharCode(this.below(256));
    return text;
  }
}
