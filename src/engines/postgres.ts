/** What an application shares over PostgreSQL: `luminaire/postgres`. */

export type { PostgresClient } from './postgres/postgres-client.js';
export {
  PostgresIdempotencyStore,
  type PostgresIdempotencyStoreOptions,
} from './postgres/postgres-idempotency-store.js';
