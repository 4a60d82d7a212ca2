import { testTodos } from './support/todos-tests.js';

testTodos('the embedded database', async () => undefined);
