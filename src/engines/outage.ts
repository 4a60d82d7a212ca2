/** Tells when an engine goes away, and when it is back. */

import type { Logger } from '../http/logger.js';
import { pauseAfter } from './while-away.js';

export class Outage {
  readonly #engine: string;
  #failures = 0;

  /** `engine` is its name in the log. */
  constructor(engine: string) {
    this.#engine = engine;
  }

  /** Notes that the connection has failed. Returns the milliseconds to wait before the next. */
  noteFailure(err: unknown, logger: Logger | undefined): number {
    if (this.#failures === 0) logger?.warn({ err }, `${this.#engine} is away: topics wait for it`);
    return pauseAfter(this.#failures++);
  }

  noteSuccess(logger: Logger | undefined): void {
    if (this.#failures > 0) logger?.info({}, `${this.#engine} is back: topics go on`);
    this.#failures = 0;
  }
}
