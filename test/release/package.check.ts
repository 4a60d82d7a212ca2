import { readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { run, runWell } from './stranger.js';

const installed = inject('installed');
const folder = join(installed, 'node_modules/luminaire');
const tools = join(inject('tools'), 'node_modules');
const files = filesBelow(folder);
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** What may be in the package. */
const MAY_BE = [
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(?:lib|edge)\/[\w-]+\.js$/,
  /^dist\/src\/(?:[\w-]+\/)*[\w-]+\.d\.ts$/,
];

/** Packages that an application may be installed with: what it asks for itself comes on top. */
const MAX_PACKAGES = 25;
/** Bytes of all of them. 3.3 million when this was written: what is beyond this needs a reason. */
const MAX_BYTES = 5_000_000;

function filesBelow(top: string): string[] {
  return readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(top, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'));
}

const textOf = (path: string): string => readFileSync(join(folder, path), 'utf8');

/** The modules that a file imports, by any form with a literal. */
function importsOf(path: string): string[] {
  const form =
    /(?:^|[\s;}])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]|require(?:\(import\.meta\.url\))?\(['"]([^'"]+)['"]\)/g;
  return [...textOf(path).matchAll(form)].map(([, from, direct, required]) => (from ?? direct ?? required) as string);
}

/** Every path that the manifest promises. */
function promised(value: unknown): string[] {
  if (typeof value === 'string') return [posix.normalize(value)];
  return Object.values(value as object).flatMap(promised);
}

describe('the package', () => {
  it('holds the built files, their types and four documents', () => {
    expect(files.filter((path) => !MAY_BE.some((rule) => rule.test(path)))).toEqual([]);
    for (const rule of MAY_BE) expect(files.some((path) => rule.test(path))).toBe(true);
  });

  it('has every file that its manifest promises', () => {
    const { main, types, exports, bin } = manifest;
    expect(promised([main, types, exports, bin]).filter((path) => !files.includes(path))).toEqual([]);
  });

  it('names no path of the machine that packed it, and no source map', () => {
    const paths = [inject('tree'), fileURLToPath(new URL('../..', import.meta.url)), homedir(), `${tmpdir()}/`];
    const suspect = [...paths, 'sourceMappingURL'];
    expect(files.filter((path) => suspect.some((text) => textOf(path).includes(text)))).toEqual([]);
  });

  it('imports what it has, what it depends on and what Node has', () => {
    const { name, dependencies, peerDependencies } = manifest;
    const packages = [name, ...Object.keys({ ...dependencies, ...peerDependencies })];
    const missing = files.flatMap((path) =>
      /\.(?:js|d\.ts)$/.test(path)
        ? importsOf(path)
            .filter((specifier) => !isThere(path, specifier, packages))
            .map((specifier) => `${path}: ${specifier}`)
        : [],
    );
    expect(missing).toEqual([]);
  });

  it.each(['dist/lib', 'dist/edge'])('is loaded as two files of %s: the rest is imported on demand', (build) => {
    const statically = (path: string) =>
      [...textOf(`${build}/${path}`).matchAll(/^(?:import|export)\s[^'"]*['"](\.[^'"]+)['"]/gm)].map(
        ([, from]) => from,
      );
    expect(statically('index.js')).toEqual(['./core.js']);
    expect(statically('core.js')).toEqual([]);
  });

  it('is what publint recommends', async () => {
    const { code, output } = await run(
      process.execPath,
      [`${tools}/publint/src/cli.js`, inject('tarball'), '--strict'],
      installed,
    );
    expect(output).toContain('All good!');
    expect(code).toBe(0);
  });

  // ES modules alone, which CommonJS requires from Node 20.19 on: see runs.check.ts. `moduleResolution: node10` reads no
  // `exports`: it finds the package itself by `main` and `types`, and no entry below it, which TypeScript 7 took away.
  it('has types where they are looked for', async () => {
    const attw = [`${tools}/@arethetypeswrong/cli/dist/index.js`, inject('tarball'), '--profile', 'esm-only'];
    expect(await run(process.execPath, attw, installed)).toMatchObject({
      code: 0,
      output: expect.stringContaining('bundler: 🟢'),
    });
  });
});

function isThere(path: string, specifier: string, packages: readonly string[]): boolean {
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    return files.includes(path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
  }
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] as string;
  return packages.includes(name) || (specifier.startsWith('node:') && builtinModules.includes(specifier.slice(5)));
}

describe('what npm installs with it', () => {
  const modules = join(installed, 'node_modules');
  const everything = filesBelow(modules);
  const packages = everything.filter((path) =>
    /(?:^|node_modules\/)(?:@[^/]+\/)?[^@/][^/]*\/package\.json$/.test(path),
  );

  it(`is at most ${MAX_PACKAGES} packages`, () => {
    console.log(`${packages.length} packages`);
    expect(packages.length).toBeGreaterThan(2);
    expect(packages.length).toBeLessThanOrEqual(MAX_PACKAGES);
  });

  it('runs no script', () => {
    const scripts = packages.filter((path) => {
      const { scripts = {} } = JSON.parse(readFileSync(join(modules, path), 'utf8'));
      return ['preinstall', 'install', 'postinstall'].some((name) => name in scripts);
    });
    expect([...scripts, ...everything.filter((path) => path.endsWith('binding.gyp'))]).toEqual([]);
  });

  it(`is at most ${MAX_BYTES} bytes`, () => {
    const bytes = everything.map((path) => statSync(join(modules, path)).size).reduce((sum, size) => sum + size, 0);
    console.log(`${bytes} bytes installed`);
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  });
});

describe('its start', () => {
  it('is printed beside that of node:http, as machines differ', async () => {
    console.log(
      await runWell(process.execPath, [fileURLToPath(new URL('measure-start.mjs', import.meta.url))], installed),
    );
  });
});
