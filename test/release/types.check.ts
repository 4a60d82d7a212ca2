import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { ANSWERS, entriesOf, makeProject, OWN_PACKAGES, type Project, run, runWell } from './stranger.js';

const installed = inject('installed');
const tools = join(inject('tools'), 'node_modules');

const COMPILERS = {
  '5.4': join(OWN_PACKAGES, 'typescript-5.4'),
  '5.9': join(OWN_PACKAGES, 'typescript-5.9'),
  '6.0': join(tools, 'typescript-6'),
  '7.0': join(OWN_PACKAGES, 'typescript'),
} as const;
type Version = keyof typeof COMPILERS;

const NODE_20 = { '@types/node': join(OWN_PACKAGES, '@types/node') };
const NODE_26 = { '@types/node': join(tools, '@types/node') };

const STRICT = { strict: true };
const LOOSE = { strict: false };
const NODE_NEXT = { module: 'nodenext' };
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' };

const LIB = ['es2023', 'esnext.disposable'];
const SETTINGS = {
  target: 'es2022',
  lib: LIB,
  types: ['node'],
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  declaration: true,
  skipLibCheck: false,
  rootDir: '.',
  outDir: 'out',
};

/** Makes a project with these settings of the compiler. */
function project(
  name: string,
  settings: object,
  { packages = NODE_20, ...more }: Project = {},
  below = installed,
): string {
  const tsconfig = { compilerOptions: { ...SETTINGS, ...settings }, files: ['main.ts'] };
  return makeProject(below, name.replaceAll(/\W+/g, '-'), {
    ...more,
    packages,
    files: { 'tsconfig.json': tsconfig, ...more.files },
  });
}

const tsc = (version: Version, folder: string) =>
  run(process.execPath, [join(COMPILERS[version], 'bin/tsc'), '--project', folder, '--pretty', 'false'], folder);

const COMPILES = { code: 0, output: '' };

describe.concurrent('a project', () => {
  // Strictness and resolution have nothing to do with each other; the newest compiler is quick enough for all four.
  it.each<[Version, object, object]>([
    ['5.4', STRICT, NODE_NEXT],
    ['5.4', LOOSE, BUNDLER],
    ['5.9', STRICT, BUNDLER],
    ['5.9', LOOSE, NODE_NEXT],
    ['6.0', STRICT, NODE_NEXT],
    ['6.0', LOOSE, BUNDLER],
    ['7.0', STRICT, NODE_NEXT],
    ['7.0', STRICT, BUNDLER],
    ['7.0', LOOSE, NODE_NEXT],
    ['7.0', LOOSE, BUNDLER],
  ])('compiles with TypeScript %s, %j and %j, then runs', async (version, strictness, resolution) => {
    const name = `tsc ${version} ${JSON.stringify([strictness, resolution])}`;
    const folder = project(name, { ...strictness, ...resolution });
    expect(await tsc(version, folder)).toMatchObject(COMPILES);
    expect(JSON.parse(await runWell(process.execPath, ['out/main.js'], folder))).toEqual(ANSWERS);
  });

  it.each<[string, object, Project?]>([
    [
      'every further check',
      {
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noImplicitOverride: true,
        noPropertyAccessFromIndexSignature: true,
        isolatedModules: true,
      },
    ],
    ['the types of the DOM', { lib: [...LIB, 'dom', 'dom.iterable'] }],
    ['the libraries of its target alone', { lib: undefined }],
    ['the types of Node 26', {}, { packages: NODE_26 }],
    [
      'no types of Node, which needs skipLibCheck',
      { types: [], skipLibCheck: true, lib: [...LIB, 'dom'] },
      { packages: {}, files: { 'main.ts': "export * from './app.js';\n" } },
    ],
  ])('compiles with %s', async (title, settings, more = {}) => {
    expect(await tsc('7.0', project(title, { ...STRICT, ...NODE_NEXT, ...settings }, more))).toMatchObject(COMPILES);
  });

  it('compiles with each entry, its peer beside it', async () => {
    const furnished = inject('furnished');
    const everything = entriesOf(furnished).map((entry, i) => `export * as entry${i} from '${entry}';`);
    const more = { packages: NODE_20, files: { 'main.ts': everything.join('\n') } };
    expect(await tsc('7.0', project('entries', { ...STRICT, ...NODE_NEXT }, more, furnished))).toMatchObject(COMPILES);
  });
});
