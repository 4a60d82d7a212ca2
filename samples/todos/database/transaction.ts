import type { Kysely } from 'kysely';
import { requestScoped } from 'luminaire';
import { Database } from './database.js';
import type { Tables } from './tables.js';

/** The one transaction of a request: whatever serves the request takes part in it. */
@requestScoped()
export class Transaction {
  readonly #afterCommit: (() => void)[] = [];
  #open: Kysely<Tables> | undefined = undefined;

  constructor(private readonly database: Database) {}

  /** Where statements go: into the transaction while there is one, or each by itself. */
  get statements(): Kysely<Tables> {
    return this.#open ?? this.database.statements;
  }

  /**
   * Makes `change` as a whole or, where it throws, not at all. A change inside of another is a part of that. Whatever it
   * calls uses these `statements`: it would wait for ever for another connection where there is but one.
   */
  async run<Result>(change: () => Promise<Result>): Promise<Result> {
    if (this.#open !== undefined) return change();
    try {
      const result = await this.database.statements.transaction().execute((open) => {
        this.#open = open;
        return change();
      });
      for (const listener of this.#afterCommit) listener();
      return result;
    } finally {
      this.#open = undefined;
      this.#afterCommit.length = 0;
    }
  }

  /** Calls `listener` once what has been done is there for everybody to see. */
  afterCommit(listener: () => void): void {
    this.#afterCommit.push(listener);
  }
}
