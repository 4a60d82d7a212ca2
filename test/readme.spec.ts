import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Application, type Class, createApp, Opts, type Server } from '../src/index.js';

// The examples of the README, cut out of it, compiled by the compiler and run.

const ROOT = new URL('../', import.meta.url);
const FOLDER = new URL('test/readme-examples/', ROOT);
const readme = await readFile(new URL('README.md', ROOT), 'utf8');
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);

/** The example that contains `text`. */
function exampleWith(text: string): string {
  const found = examples.filter((code) => code.includes(text));
  expect(found, `the examples of the README with ${text}`).toHaveLength(1);
  return found[0] as string;
}

/** Replaces `from`, which must be there: an example that changed must not escape its test. */
function replace(code: string, from: string, to: string): string {
  expect(code).toContain(from);
  return code.replace(from, to);
}

beforeAll(async () => {
  const first = exampleWith('class PlanetController');
  const testing = exampleWith('const app = createApp');
  const server = exampleWith('Server.new({');
  const resolvers = exampleWith('class RowController');
  const served = replace(first, 'port: 8080', 'port: 0');
  const controllers = first.slice(0, first.indexOf('const app'));
  const files = {
    'first.ts': `${served}\nexport { app };\n`,
    'testing.ts': `import { expect } from 'vitest';\n${controllers}\n${testing}\nexport {};\n`,
    'resolvers.ts': `${resolvers}\nexport { RowController };\n`,
    'server.ts': `${replace(replace(server, 'listen(8080)', 'listen(0)'), 'await server.run()', 'void server.run()')}\nexport { server };\n`,
    'tsconfig.json': JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false },
      include: ['.'],
      exclude: [],
    }),
  };
  await mkdir(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(new URL(name, FOLDER), text);
});
afterAll(() => rm(FOLDER, { recursive: true, force: true }));

describe('the README', () => {
  it('compiles in each example', async () => {
    const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', ROOT));
    const { stdout } = await promisify(execFile)(tsc, ['-p', fileURLToPath(FOLDER)]).catch((error) => error);
    expect(stdout).toBe('');
  }, 60_000);

  it('runs its first controller', async () => {
    const { app } = (await import(/* @vite-ignore */ new URL('first.ts', FOLDER).pathname)) as { app: Application };
    const planets = await fetch(`${app.url}/planets?starts-with=M`);
    expect(await planets.json()).toEqual(['Mercury', 'Mars']);
    expect(await (await fetch(`${app.url}/planets/3`)).json()).toEqual({ name: 'Earth' });
    const missing = await fetch(`${app.url}/planets/9`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { detail: 'There is no planet 9.' }]);
    expect((await fetch(`${app.url}/planets/x`)).status).toBe(400);
    await app.close();
  });

  it('runs its test', async () => {
    await import(/* @vite-ignore */ new URL('testing.ts', FOLDER).pathname);
  });

  it('runs its resolvers', async () => {
    const { RowController } = (await import(/* @vite-ignore */ new URL('resolvers.ts', FOLDER).pathname)) as {
      RowController: Class;
    };
    await using t = await createApp({ controllers: [RowController] }).test();
    const as = (user: string) => ({ headers: { 'x-user': user } });
    expect((await t.get('/rows')).status).toBe(401);
    expect((await t.post('/rows', as('bob'))).status).toBe(403);
    expect((await t.post('/rows', as('ada'))).status).toBe(204);
    expect(await (await t.get('/rows', as('bob'))).json()).toEqual(['by ada']);
    expect((await t.get('/rows?page=0', as('bob'))).status).toBe(400);
  });

  it('runs its Server', async () => {
    const { server } = (await import(/* @vite-ignore */ new URL('server.ts', FOLDER).pathname)) as { server: Server };
    expect(await (await fetch(`http://127.0.0.1:${server.port}/hello/Ada`)).text()).toBe('Hello Ada!');
    await server.close();
  });

  it('lists every option with its default', () => {
    const { logger: _logger, ...opts } = Opts.new();
    for (const [name, value] of Object.entries(opts)) {
      const byDefault = name === 'workers' ? 'none' : '511';
      const shown = value === undefined ? byDefault : value === Number.POSITIVE_INFINITY ? 'none' : String(value);
      expect(readme).toMatch(new RegExp(`^\\| \`${name}\` \\| \`?${shown}\`? \\|`, 'm'));
    }
  });
});
