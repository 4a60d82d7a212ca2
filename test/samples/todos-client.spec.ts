import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { options } from '../../samples/todos/app.js';
import { openApiDocument } from '../../src/index.js';
import { TodosPlace } from './support/todos-app.js';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
/** Below the packages, and left out of the tree. */
const FOLDER = new URL('.cache/todos-client/', ROOT);

/** A program that knows the API by its types alone. What must not compile says so. */
const CLIENT = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

export async function use(baseUrl: string) {
  let cookie = '';
  const api = createClient<paths>({ baseUrl });
  api.use({
    onRequest({ request }) { request.headers.set('cookie', cookie); return request; },
    onResponse({ response }) { cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie; },
  });
  const refused = await api.POST('/api/lists', { body: { title: 'No' } });
  const problem: components['schemas']['Problem'] | undefined = refused.error;
  const user = await api.POST('/api/users', { body: { name: 'typed', password: 'correct horse' } });
  const list = await api.POST('/api/lists', { body: { title: 'Typed' } });
  const path = { listId: list.data!.id };
  const headers = { 'idempotency-key': 'a' };
  const todo = await api.POST('/api/lists/{listId}/todos', { params: { path, header: headers }, body: { title: 'Milk' } });
  const wrong = await api.POST('/api/lists/{listId}/todos', { params: { path }, body: { title: '' } });
  const found = await api.GET('/api/lists/{listId}/todos', { params: { path, query: { q: 'mil', state: 'open' } } });
  const stale = await api.PATCH('/api/todos/{todoId}', {
    params: { path: { todoId: todo.data!.id }, header: { 'if-match': '"7"' } },
    body: { isDone: true },
  });
  const version: number = todo.data!.version;
  return {
    problem: problem?.status, name: user.data?.name, version, titles: found.data?.items.map(({ title }) => title),
    pointer: wrong.error?.errors?.[0]?.pointer, stale: stale.error?.status,
  };
}

const api = createClient<paths>();
export const mistakes = () => {
  // @ts-expect-error no such path
  void api.GET('/api/nothing');
  // @ts-expect-error a title is text
  void api.POST('/api/lists', { body: { title: 7 } });
  // @ts-expect-error no such state
  void api.GET('/api/lists/{listId}/todos', { params: { path: { listId: 1 }, query: { state: 'gone' } } });
  // @ts-expect-error which list
  void api.GET('/api/lists/{listId}', { params: {} });
};
`;

it('is used by a client that openapi-typescript has typed, errors included', async () => {
  await rm(FOLDER, { recursive: true, force: true });
  const packages = new URL('node_modules/', FOLDER);
  await mkdir(packages, { recursive: true });
  // openapi-typescript needs the API of TypeScript 5, which the one here has no more.
  for (const [name, own] of [
    ['typescript', 'typescript-5.9'],
    ['openapi-typescript', 'openapi-typescript'],
  ] as const) {
    await symlink(fileURLToPath(new URL(`node_modules/${own}`, ROOT)), new URL(name, packages));
  }
  await writeFile(new URL('openapi.json', FOLDER), JSON.stringify(await openApiDocument(options)));
  await writeFile(new URL('package.json', FOLDER), '{ "type": "module" }');
  await writeFile(new URL('client.ts', FOLDER), CLIENT);
  const cwd = fileURLToPath(FOLDER);
  const preserve = ['--preserve-symlinks', '--preserve-symlinks-main'];
  const generate = 'node_modules/openapi-typescript/bin/cli.js';
  await run(
    process.execPath,
    [...preserve, generate, 'openapi.json', '--output', 'api.d.ts', '--default-non-nullable', 'false'],
    { cwd },
  );
  const flags = [
    '--ignoreConfig',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
  ];
  await run(fileURLToPath(new URL('node_modules/.bin/tsc', ROOT)), [...flags, 'client.ts'], { cwd });

  await using place = await TodosPlace.make();
  const app = await (await place.setup()).listen(0, '127.0.0.1');
  onTestFinished(() => app.close({ timeout: 0 }).then(() => {}));
  const { use } = (await import(new URL('client.js', FOLDER).href)) as { use(url: string): Promise<object> };
  expect(await use(app.url)).toEqual({
    problem: 401,
    name: 'typed',
    version: 1,
    titles: ['Milk'],
    pointer: '/title',
    stale: 412,
  });
}, 120_000);
