/** Hands what happens to whoever watches. */

/** One event, as the page hears it. */
export interface NewsItem {
  readonly event: string;
  readonly data: unknown;
}

/** Most items that wait for one watcher; beyond it the oldest are dropped. */
const MAX_WAITING = 500;

interface Watcher {
  readonly waiting: NewsItem[];
  wake: () => void;
}

export class News {
  readonly #watchers = new Set<Watcher>();

  publish(item: NewsItem): void {
    for (const watcher of this.#watchers) {
      watcher.waiting.push(item);
      if (watcher.waiting.length > MAX_WAITING) watcher.waiting.shift();
      watcher.wake();
    }
  }

  /** Gives each item that is published from this call on, until `gone` aborts. */
  follow(gone: AbortSignal): AsyncIterable<NewsItem> {
    const watcher: Watcher = { waiting: [], wake: () => {} };
    this.#watchers.add(watcher);
    // Not left to the generator: one that was never begun runs no `finally`.
    const leave = () => {
      this.#watchers.delete(watcher);
      watcher.wake();
    };
    gone.addEventListener('abort', leave, { once: true });
    if (gone.aborted) leave();
    return watch(watcher, gone);
  }

  /** How many watch. */
  get watchers(): number {
    return this.#watchers.size;
  }
}

async function* watch(watcher: Watcher, gone: AbortSignal): AsyncGenerator<NewsItem> {
  while (!gone.aborted) {
    const arrived = watcher.waiting.splice(0);
    yield* arrived;
    if (arrived.length > 0) continue;
    await new Promise<void>((resolve) => {
      watcher.wake = resolve;
    });
  }
}
