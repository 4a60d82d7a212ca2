import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Application } from '../src/index.js';
import { command } from './support/command.js';

// The example of the README, cut out of it, compiled by the compiler and run. What it says of a new project is followed by
// test/release/readme.check.ts.

const ROOT = new URL('../', import.meta.url);
const FOLDER = new URL('test/readme-examples/', ROOT);
const readme = await readFile(new URL('README.md', ROOT), 'utf8');
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);

beforeAll(async () => {
  // One that nobody runs must not go unseen.
  expect(examples).toHaveLength(1);
  expect(examples[0]).toContain('port: 8080');
  const files = {
    'planets.ts': `${examples[0]?.replace('port: 8080', 'port: 0')}\nexport { app };\n`,
    'tsconfig.json': JSON.stringify({ extends: '../../tsconfig.json', include: ['.'], exclude: [] }),
  };
  await mkdir(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(new URL(name, FOLDER), text);
});
afterAll(() => rm(FOLDER, { recursive: true, force: true }));

describe('the README', () => {
  it('compiles in its example', async () => {
    const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', ROOT));
    expect((await command(tsc, ['-p', fileURLToPath(FOLDER)])).stdout).toBe('');
  }, 60_000);

  it('runs its example', async () => {
    const { app } = (await import(/* @vite-ignore */ new URL('planets.ts', FOLDER).pathname)) as { app: Application };
    expect(await (await fetch(`${app.url}/planets/3`)).json()).toEqual({ name: 'Earth' });
    const missing = await fetch(`${app.url}/planets/9`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { detail: 'There is no planet 9.' }]);
    expect((await fetch(`${app.url}/planets/x`)).status).toBe(400);
    await app.close();
  });

  it('names each sample', () => {
    const samples = readdirSync(new URL('samples', ROOT)).filter((name) =>
      existsSync(new URL(`samples/${name}/app.ts`, ROOT)),
    );
    const named = [...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual(samples);
  });
});
