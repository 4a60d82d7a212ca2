/** Keeps the keys of requests in PostgreSQL, for all processes of an application. */

import type {
  ClaimedRequest,
  IdempotencyClaim,
  IdempotencyStore,
} from '../../middleware/idempotency/idempotency-store.js';
import { checkNames, optionError } from '../../middleware/option-error.js';
import type { PostgresClient } from './postgres-client.js';

/** Which table keys and answers are in. */
export interface PostgresIdempotencyStoreOptions {
  /** The table, with its schema or without: `shop.idempotency_keys`. Default `idempotency_keys`. */
  readonly table?: string;
}

/** Names that need no quotes, so that none can be more than a name. */
const TABLE = /^(?:[a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*$/;

/** Milliseconds after which a process looks again for what has expired. */
const SWEEP_INTERVAL_MS = 60_000;

/** Rows that are deleted at once, while a request waits. */
const SWEPT_ROWS = 1000;

/** Times that a key is claimed which was given back between one statement and the next. */
const MAX_CLAIMS = 5;

/**
 * An {@link IdempotencyStore} over PostgreSQL. One statement claims a key, so that of all processes one gets it; the time is
 * that of the database alone. Its table is made by {@link createTable}, or by a migration that has the same statements.
 */
export class PostgresIdempotencyStore implements IdempotencyStore {
  readonly #client: PostgresClient;
  readonly #table: string;
  #sweptAt = 0;

  /** `client` is opened, and closed, by the application. @throws TypeError for an option that is malformed. */
  constructor(client: PostgresClient, options: PostgresIdempotencyStoreOptions = {}) {
    checkNames('PostgresIdempotencyStore', options, ['table']);
    const { table = 'idempotency_keys' } = options;
    if (typeof table !== 'string' || !TABLE.test(table)) {
      throw optionError('PostgresIdempotencyStore: table', 'a name in lower case, as "shop.idempotency_keys"', table);
    }
    this.#client = client;
    this.#table = table;
  }

  /** Makes the table where there is none. May be called by all processes at once. */
  async createTable(): Promise<void> {
    const index = `${this.#table.replace('.', '_')}_expiry`;
    // Two that make it at once would meet in the catalogue: the lock lasts as long as this one statement.
    await this.#client.query(`do $$ begin
      perform pg_advisory_xact_lock(hashtext('${this.#table}'));
      create table if not exists ${this.#table} (
        id text primary key, owner text not null, fingerprint text not null,
        answer text, expires_at timestamptz not null
      );
      create index if not exists ${index} on ${this.#table} (expires_at);
    end $$`);
  }

  async claim(id: string, claim: IdempotencyClaim): Promise<ClaimedRequest | undefined> {
    await this.#sweep();
    for (let claims = 0; claims < MAX_CLAIMS; claims++) {
      if (await this.#take(id, claim)) return undefined;
      const found = await this.#find(id);
      if (found !== undefined) return found;
    }
    throw new Error(`A key was given back ${MAX_CLAIMS} times while it was claimed`);
  }

  async keep(id: string, owner: string, answer: string, maxAge: number): Promise<boolean> {
    const { rows } = await this.#client.query(
      `update ${this.#table} set answer = $3, expires_at = now() + $4 * interval '1 second'
      where id = $1 and owner = $2 and answer is null returning id`,
      [id, owner, answer, maxAge],
    );
    return rows.length === 1;
  }

  async release(id: string, owner: string): Promise<void> {
    await this.#client.query(`delete from ${this.#table} where id = $1 and owner = $2 and answer is null`, [id, owner]);
  }

  /** A row that has expired is taken over in its place: nobody can come between its end and the next claim. */
  async #take(id: string, { owner, fingerprint, lockTimeout }: IdempotencyClaim): Promise<boolean> {
    const { rows } = await this.#client.query(
      `insert into ${this.#table} as kept (id, owner, fingerprint, expires_at)
      values ($1, $2, $3, now() + $4 * interval '1 millisecond')
      on conflict (id) do update set
        owner = excluded.owner, fingerprint = excluded.fingerprint, answer = null, expires_at = excluded.expires_at
      where kept.expires_at <= now() returning id`,
      [id, owner, fingerprint, lockTimeout],
    );
    return rows.length === 1;
  }

  async #find(id: string): Promise<ClaimedRequest | undefined> {
    const { rows } = await this.#client.query(
      `select fingerprint, answer from ${this.#table} where id = $1 and expires_at > now()`,
      [id],
    );
    const [row] = rows as { readonly fingerprint: string; readonly answer: string | null }[];
    return row && { fingerprint: row.fingerprint, answer: row.answer ?? undefined };
  }

  /** Deletes what has expired, now and then: without a timer, that somebody would have to stop. */
  async #sweep(): Promise<void> {
    if (Date.now() - this.#sweptAt < SWEEP_INTERVAL_MS) return;
    this.#sweptAt = Date.now();
    const { rows } = await this.#client.query(
      `delete from ${this.#table} where id in (
        select id from ${this.#table} where expires_at <= now() limit ${SWEPT_ROWS} for update skip locked
      ) returning id`,
    );
    // There is more: the next request goes on.
    if (rows.length === SWEPT_ROWS) this.#sweptAt = 0;
  }
}
