import type { PostgresPool } from 'kysely';
import { readTimestamp, TIMESTAMPTZ } from './tables.js';

/** Connections to a PostgreSQL server, made when they are needed. */
export async function openServerPool(url: string, report: (line: string) => void): Promise<PostgresPool> {
  const { Pool, types } = (await import('pg')).default;
  const getTypeParser = ((type: number, format: 'text') =>
    type === TIMESTAMPTZ ? readTimestamp : types.getTypeParser(type, format)) as typeof types.getTypeParser;
  const pool = new Pool({ connectionString: url, types: { getTypeParser } });
  // A connection that nobody uses may break: the next one is made anew.
  pool.on('error', (error) => report(`The database has closed a connection: ${error.message}`));
  return pool;
}
