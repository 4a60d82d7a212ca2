/** Tells which blocks of the engine have run, and how often, as V8 counts them. */

import { type Profiler, Session } from 'node:inspector';

/** Takes what has run since it was last taken. */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #isCounted: (url: string) => boolean;

  constructor(isCounted: (url: string) => boolean) {
    this.#isCounted = isCounted;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** The blocks that have run, each by its place: how often, as the number of bits of that count. */
  take(): Map<string, number> {
    const blocks = new Map<string, number>();
    for (const { url, functions } of this.#takeScripts()) {
      if (!this.#isCounted(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) blocks.set(`${url}:${startOffset}:${endOffset}`, 32 - Math.clz32(count));
        }
      }
    }
    return blocks;
  }

  stop(): void {
    this.#session.disconnect();
  }

  /** A session with its own thread answers before `post` returns. */
  #takeScripts(): Profiler.ScriptCoverage[] {
    let taken: Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error) throw error;
      taken = coverage.result;
    });
    return taken;
  }
}
