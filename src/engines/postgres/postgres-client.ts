/** Declares what is asked of a client of PostgreSQL. */

/** Runs statements: a `Pool` of the package `pg`, a PGlite, or what is made like them. */
export interface PostgresClient {
  /** Runs one statement by itself, outside of any transaction; `$1` in it is the first of `values`. */
  query(statement: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}
