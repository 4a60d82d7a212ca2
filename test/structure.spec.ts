import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Module, parseSync } from '@swc/core';
import { describe, expect, it } from 'vitest';

/** What a folder of src/ may import, by the beginning of the path below src/. Types count, unless listed apart. */
interface Reach {
  readonly all: readonly string[];
  /** Only by `import type`. */
  readonly types?: readonly string[];
}

const REACH: Readonly<Record<string, Reach>> = {
  protocol: { all: [] },
  routing: { all: [] },
  sockets: { all: [] },
  http: { all: ['protocol/'] },
  // A Server loads what supervises its workers when it is to have any.
  server: { all: ['protocol/', 'http/', 'routing/', 'sockets/', 'cluster/'] },
  // A worker stands on the sockets that systemd has opened for its supervisor.
  cluster: { all: ['http/', 'sockets/inherited.ts'], types: ['server/'] },
  middleware: { all: ['http/', 'protocol/'] },
  decorators: { all: ['protocol/methods.ts', 'protocol/status.ts'], types: ['protocol/', 'http/'] },
  // Joining a controller's prefix with a path, and checking the result, is routing's own job.
  // An application loads what tests need when a test asks for it.
  // So it does what describes it.
  bootstrap: { all: ['decorators/', 'server/', 'http/', 'routing/', 'testing/test-app.ts', 'openapi/', 'cluster/'] },
  cli: { all: ['bootstrap/'] },
  openapi: { all: ['decorators/', 'protocol/status.ts'], types: ['bootstrap/route-table.ts'] },
  engines: { all: ['http/', 'middleware/', 'server/logger.ts'] },
  runtimes: { all: [], types: ['bootstrap/'] },
  testing: { all: ['server/', 'sockets/', 'http/'], types: ['bootstrap/', 'decorators/'] },
};

/** Packages with one home each, by the beginning of the path. */
const HOMES: Readonly<Record<string, string>> = {
  'node:net': 'src/sockets/',
  'node:cluster': 'src/cluster/',
  'node:http2': 'src/server/http2/',
  'reflect-metadata': 'src/decorators/metadata.ts',
  tsyringe: 'src/bootstrap/container.ts',
};

const BARREL = 'src/index.ts';

/** What else a package may be imported as, and re-exports: `luminaire/redis`. */
const ENTRY = /^src\/engines\/\w+\.ts$/;

interface Import {
  readonly specifier: string;
  /** Written `import type` or `export type`: gone when compiled. One `type` inside braces leaves the import there. */
  readonly typeOnly: boolean;
}

interface SourceFile {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly hasDefaultExport: boolean;
  readonly exportsAll: boolean;
  readonly onlyReExports: boolean;
}

type Node = { readonly type?: unknown } & Readonly<Record<string, unknown>>;

/** Every object below `value` that is a node of the syntax tree. */
function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if (typeof (value as Node).type === 'string') yield value as Node;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

function textOf(literal: unknown): string | undefined {
  const { value } = (literal ?? {}) as { value?: unknown };
  return typeof value === 'string' ? value : undefined;
}

/** What `node` imports, where it does: a statement, `import()` with a literal, or an `import('...')` type. */
function importOf(node: Node): Import | undefined {
  const importing = (literal: unknown, typeOnly: boolean) => {
    const specifier = textOf(literal);
    return specifier === undefined ? undefined : { specifier, typeOnly };
  };
  switch (node.type) {
    case 'ImportDeclaration':
      return importing(node.source, node.typeOnly === true);
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return importing(node.source, node.typeOnly === true);
    case 'TsImportType':
      return importing(node.argument, true);
    case 'TsExternalModuleReference':
      return importing(node.expression, false);
    case 'CallExpression': {
      const { type } = node.callee as Node;
      const [first] = node.arguments as { expression: unknown }[];
      return type === 'Import' ? importing(first?.expression, false) : undefined;
    }
    default:
      return undefined;
  }
}

const RE_EXPORTS: readonly string[] = ['ExportNamedDeclaration', 'ExportAllDeclaration'];

function readSource(path: string, source: string): SourceFile {
  const module: Module = parseSync(source, { syntax: 'typescript', decorators: true, target: 'es2022' });
  const nodes = [...nodesOf(module.body)];
  const types = new Set(nodes.map((node) => node.type));
  const defaultSpecifier = (node: Node) =>
    node.type === 'ExportSpecifier' && textOf(node.exported ?? node.orig) === 'default';
  return {
    path,
    imports: nodes.flatMap((node) => importOf(node) ?? []),
    hasDefaultExport:
      types.has('ExportDefaultDeclaration') || types.has('ExportDefaultExpression') || nodes.some(defaultSpecifier),
    exportsAll: types.has('ExportAllDeclaration'),
    onlyReExports:
      module.body.some(({ type }) => RE_EXPORTS.includes(type)) &&
      module.body.every(({ type }) => type === 'ImportDeclaration' || RE_EXPORTS.includes(type)),
  };
}

/** The path of the TypeScript file that a relative `specifier` in `from` means. */
function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

const isRelative = (specifier: string) => specifier.startsWith('.');
const isIn = (path: string, places: readonly string[]) => places.some((place) => path.startsWith(`src/${place}`));

function checkImportDirection({ path, imports }: SourceFile): string[] {
  if (!path.startsWith('src/') || path === BARREL) return [];
  const folder = path.split('/')[1];
  const reach = Object.hasOwn(REACH, folder) ? REACH[folder] : undefined;
  if (reach === undefined) return [`${path}: no row of the import table covers it`];
  return imports
    .filter(({ specifier }) => isRelative(specifier))
    .filter(({ specifier, typeOnly }) => {
      const target = resolve(path, specifier);
      return !isIn(target, [`${folder}/`, ...reach.all, ...(typeOnly ? (reach.types ?? []) : [])]);
    })
    .map(({ specifier, typeOnly }) => {
      const onlyTypes = !typeOnly && isIn(resolve(path, specifier), reach.types ?? []);
      return `${path}: ${folder} may ${onlyTypes ? 'only import types from' : 'not import'} '${specifier}'`;
    });
}

function checkHomes({ path, imports }: SourceFile): string[] {
  if (!path.startsWith('src/')) return [];
  return imports.flatMap(({ specifier }) => {
    const name = specifier === 'net' ? 'node:net' : specifier;
    const home = Object.keys(HOMES).find((owned) => name === owned || name.startsWith(`${owned}/`));
    return home === undefined || path.startsWith(HOMES[home])
      ? []
      : [`${path}: only ${HOMES[home]} may import '${specifier}'`];
  });
}

function checkSpelling({ path, imports, hasDefaultExport, exportsAll, onlyReExports }: SourceFile): string[] {
  const found = imports
    .filter(({ specifier }) => isRelative(specifier) && !specifier.endsWith('.js'))
    .map(({ specifier }) => `${path}: '${specifier}' must end in .js`);
  if (hasDefaultExport) found.push(`${path}: has a default export`);
  if (exportsAll) found.push(`${path}: exports by "*", not by name`);
  const isBarrel = onlyReExports || (path.startsWith('src/') && basename(path) === 'index.ts');
  if (path !== BARREL && !ENTRY.test(path) && isBarrel)
    found.push(`${path}: is a barrel, and only ${BARREL} may be one`);
  return found;
}

/** A sample stands where an application stands: outside the package. */
function checkSample({ path, imports }: SourceFile): string[] {
  if (!path.startsWith('samples/')) return [];
  return imports
    .filter(({ specifier }) =>
      isRelative(specifier) ? !resolve(path, specifier).startsWith('samples/') : /^(luminaire\/|\/|#)/.test(specifier),
    )
    .map(({ specifier }) => `${path}: a sample may import 'luminaire', packages and samples, not '${specifier}'`);
}

/**
 * Each cycle once, as the files on it. `import type` is not followed: it is gone at run time, so that http/handler.ts
 * may name the types of request.ts and response.ts, which name its own.
 */
function findCycles(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map(({ path, imports }) => [
      path,
      imports
        .filter(({ typeOnly, specifier }) => !typeOnly && isRelative(specifier))
        .map((i) => resolve(path, i.specifier)),
    ]),
  );
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start !== -1) cycles.push(`import cycle: ${[...trail.slice(start), path].join(' -> ')}`);
    if (start !== -1 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
}

const CHECKS = [checkImportDirection, checkHomes, checkSpelling, checkSample];

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function readFolder(folder: string): SourceFile[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => /(?<!\.d)\.[cm]?tsx?$/.test(path) && !path.includes('node_modules/'))
    .map((path) => readSource(path, readFileSync(join(ROOT, path), 'utf8')));
}

const files = [...readFolder('src'), ...readFolder('samples')];

describe('the source tree', () => {
  it('is there to be checked', () => {
    const folders = new Set(files.map(({ path }) => path.split('/')[1]));
    expect([...folders]).toEqual(expect.arrayContaining(['protocol', 'routing', 'sockets', 'http', 'server']));
    expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(20);
  });

  it.each([
    ['imports in one direction', checkImportDirection],
    ['imports each of some packages in one place', checkHomes],
    ['has named exports, .js in specifiers and one barrel', checkSpelling],
    ['has samples that use only the package', checkSample],
  ])('%s', (_title, check) => {
    expect(files.flatMap(check)).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(findCycles(files)).toEqual([]);
  });
});

describe('the checks', () => {
  it.each([
    ['src/protocol/a.ts', `import { b } from '../http/b.js';`, `protocol may not import '../http/b.js'`],
    ['src/routing/a.ts', `import type { B } from '../protocol/b.js';`, `routing may not import '../protocol/b.js'`],
    ['src/sockets/a.ts', `let b: import('../server/b.js').B;`, `sockets may not import '../server/b.js'`],
    ['src/http/a.ts', `const b = await import('../server/b.js');`, `http may not import '../server/b.js'`],
    ['src/http/a.ts', `export { b } from '../routing/b.js'; let c;`, `http may not import '../routing/b.js'`],
    ['src/middleware/a.ts', `import { b } from '../index.js';`, `middleware may not import '../index.js'`],
    [
      'src/decorators/a.ts',
      `import { b } from '../http/b.js';`,
      `decorators may only import types from '../http/b.js'`,
    ],
    [
      'src/decorators/a.ts',
      `import { type B } from '../http/b.js';`,
      `decorators may only import types from '../http/b.js'`,
    ],
    [
      'src/openapi/a.ts',
      `import { b } from '../bootstrap/route-table.js';`,
      `openapi may only import types from '../bootstrap/route-table.js'`,
    ],
    ['src/odd/a.ts', 'let b;', 'no row of the import table covers it'],
    ['src/toString/a.ts', 'let b;', 'no row of the import table covers it'],
    ['src/a.ts', 'let b;', 'no row of the import table covers it'],
    ['src/server/a.ts', `import net from 'node:net';`, `only src/sockets/ may import 'node:net'`],
    ['src/server/a.ts', `import type { Socket } from 'net';`, `only src/sockets/ may import 'net'`],
    ['src/server/a.ts', `import cluster from 'node:cluster';`, `only src/cluster/ may import 'node:cluster'`],
    ['src/cluster/a.ts', `import { b } from '../server/b.js';`, `cluster may only import types from '../server/b.js'`],
    ['src/server/a.ts', `import 'tsyringe';`, `only src/bootstrap/container.ts may import 'tsyringe'`],
    [
      'src/decorators/a.ts',
      `import 'reflect-metadata/lite';`,
      `only src/decorators/metadata.ts may import 'reflect-metadata/lite'`,
    ],
    ['src/http/a.ts', `import { b } from './b';`, `'./b' must end in .js`],
    ['src/http/a.ts', `import { b } from './b.ts';`, `'./b.ts' must end in .js`],
    ['src/http/a.ts', 'export default class A {}', 'has a default export'],
    ['src/http/a.ts', 'const a = 1; export default a;', 'has a default export'],
    ['src/http/a.ts', 'const a = 1; export { a as default };', 'has a default export'],
    ['src/http/a.ts', `export * from './b.js'; let c;`, 'exports by "*", not by name'],
    ['src/http/a.ts', `export { b } from './b.js';`, 'is a barrel, and only src/index.ts may be one'],
    ['src/http/a.ts', `import { b } from './b.js'; export { b };`, 'is a barrel, and only src/index.ts may be one'],
    ['src/http/index.ts', 'export const a = 1;', 'is a barrel, and only src/index.ts may be one'],
    [
      'samples/todo/a.ts',
      `import { b } from '../../src/index.js';`,
      `a sample may import 'luminaire', packages and samples, not '../../src/index.js'`,
    ],
    [
      'samples/todo/a.ts',
      `import { b } from 'luminaire/http';`,
      `a sample may import 'luminaire', packages and samples, not 'luminaire/http'`,
    ],
  ])('find in %s: %s', (path, source, message) => {
    expect(CHECKS.flatMap((check) => check(readSource(path, source)))).toEqual([`${path}: ${message}`]);
  });

  it.each([
    ['src/http/a.ts', `import { b } from '../protocol/b.js'; import { c } from './c.js'; import 'node:stream';`],
    ['src/decorators/a.ts', `import type { B } from '../http/b.js'; import { C } from '../protocol/methods.js';`],
    ['src/sockets/tls.ts', `import { connect } from 'node:net';`],
    ['src/index.ts', `export { a } from './http/a.js'; export type { B } from './server/b.js';`],
    ['src/engines/a.ts', `export { b } from './a/b.js';`],
    ['samples/todo/a.ts', `import { Get } from 'luminaire'; import { z } from 'zod'; import { b } from '../b/c.js';`],
  ])('find nothing in %s: %s', (path, source) => {
    expect(CHECKS.flatMap((check) => check(readSource(path, source)))).toEqual([]);
  });

  it('find a cycle of values, and none of types', () => {
    const cycle = (first: string) => [
      readSource('src/http/a.ts', `${first} { B } from './b.js';`),
      readSource('src/http/b.ts', `import { C } from './c.js';`),
      readSource('src/http/c.ts', `import { A } from './a.js';`),
    ];
    expect(findCycles(cycle('import'))).toEqual([
      'import cycle: src/http/a.ts -> src/http/b.ts -> src/http/c.ts -> src/http/a.ts',
    ]);
    expect(findCycles(cycle('import type'))).toEqual([]);
  });
});
