/** What an application shares over PostgreSQL: `luminaire/postgres`. */

export { PostgresBackplane, type PostgresBackplaneOptions } from './postgres/postgres-backplane.js';
export type { PostgresClient } from './postgres/postgres-client.js';
export {
  PostgresIdempotencyStore,
  type PostgresIdempotencyStoreOptions,
} from './postgres/postgres-idempotency-store.js';
export type { PostgresConnection, PostgresPool } from './postgres/postgres-pool.js';
export type { AwayOptions } from './while-away.js';
