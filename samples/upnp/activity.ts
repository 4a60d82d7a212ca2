/** Keeps what has happened lately, and tells who watches. */

export interface Entry {
  readonly at: string;
  readonly kind: 'announced' | 'searched' | 'called' | 'refused' | 'subscribed' | 'notified' | 'lost';
  readonly text: string;
}

/** Entries that are kept. */
const MAX_ENTRIES = 40;
/** Characters of an entry: what strangers send may be long. */
const MAX_TEXT = 300;

export class Activity {
  readonly #entries: Entry[] = [];
  readonly #watchers = new Set<() => void>();

  /** The latest first. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  record(kind: Entry['kind'], text: string): void {
    this.#entries.unshift({ at: new Date().toISOString(), kind, text: text.slice(0, MAX_TEXT) });
    this.#entries.length = Math.min(this.#entries.length, MAX_ENTRIES);
    this.touch();
  }

  /** Tells those who watch that something has changed. */
  touch(): void {
    for (const tell of [...this.#watchers]) tell();
  }

  /** Resolves at the next change, or when `signal` aborts. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        signal.removeEventListener('abort', settle);
        this.#watchers.delete(settle);
        resolve();
      };
      signal.addEventListener('abort', settle);
      this.#watchers.add(settle);
      if (signal.aborted) settle();
    });
  }
}
