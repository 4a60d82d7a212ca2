import { afterAll } from 'vitest';
import { PostgresServer } from './support/postgres-server.js';
import { testTodos } from './support/todos-tests.js';

const server = PostgresServer.start();
afterAll(() => server.stop());

testTodos('a PostgreSQL server', () => server.makeDatabase());
