import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { ANSWERS, entriesOf, makeProject, OWN_PACKAGES, type Project, run, runWell } from './stranger.js';

const installed = inject('installed');
const furnished = inject('furnished');
const tools = join(inject('tools'), 'node_modules');

/** The first Node that requires ES modules, and the one that runs this. */
const NODES = [join(tools, 'node/bin/node'), process.execPath];
const NODE_TYPES = { '@types/node': join(OWN_PACKAGES, '@types/node') };
const SWC = { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' };
const SWCRC = { jsc: { ...SWC, transform: { legacyDecorator: true, decoratorMetadata: true } } };
const SOURCES = ['app.ts', 'main.ts'];

const answersOf = async (node: string, file: string, folder: string): Promise<unknown> =>
  JSON.parse(await runWell(node, [file], folder));

/** Compiles a project with swc into `out`. */
async function swcProject(name: string, module: 'es6' | 'commonjs', more: Project = {}): Promise<string> {
  const type = module === 'es6' ? 'module' : 'commonjs';
  const files = {
    '.swcrc': { ...SWCRC, module: { type: module } },
    'package.json': { private: true, type },
    ...more.files,
  };
  const folder = makeProject(installed, name, { ...more, files });
  await runWell(process.execPath, [join(OWN_PACKAGES, '@swc/cli/bin/swc.js'), ...SOURCES, '--out-dir', 'out'], folder);
  return folder;
}

describe('the package', () => {
  it('says which Node it is required from', async () => {
    expect(await runWell(NODES[0] as string, ['--version'], installed)).toMatch(/^v20\.19\./);
  });

  it.each(entriesOf(furnished))('is imported and required as %s, with the same names', async (entry) => {
    const load = `const required = require('${entry}');
      import('${entry}').then((imported) => {
        const same = Object.keys(imported).every((name) => imported[name] === required[name]);
        console.log(same && Object.keys(imported).length > 0);
      });`;
    for (const node of NODES) expect(await runWell(node, ['--eval', load], furnished)).toBe('true\n');
  });

  it('runs what swc compiles to ES modules', async () => {
    const folder = await swcProject('swc', 'es6');
    for (const node of NODES) expect(await answersOf(node, 'out/main.js', folder)).toEqual(ANSWERS);
  });

  it('runs what swc compiles to CommonJS', async () => {
    const folder = await swcProject('swc-commonjs', 'commonjs');
    for (const node of NODES) expect(await answersOf(node, 'out/main.js', folder)).toEqual(ANSWERS);
  });

  // The settings that many a project has had for years: no `exports` are read, so `main` and `types` count.
  it('runs what TypeScript 5.9 compiles to CommonJS by node10 resolution', async () => {
    const compilerOptions = { target: 'es2022', module: 'commonjs', moduleResolution: 'node10', outDir: 'out' };
    const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true, skipLibCheck: true };
    const tsconfig = { compilerOptions: { ...compilerOptions, ...decorators, strict: true }, files: ['main.ts'] };
    const files = { 'tsconfig.json': tsconfig, 'package.json': { private: true, type: 'commonjs' } };
    const folder = makeProject(installed, 'node10', { files, packages: NODE_TYPES });
    await runWell(process.execPath, [join(OWN_PACKAGES, 'typescript-5.9/bin/tsc'), '--project', folder], folder);
    for (const node of NODES) expect(await answersOf(node, 'out/main.js', folder)).toEqual(ANSWERS);
  });

  it('has a command that lists and checks', async () => {
    const folder = await swcProject('command', 'es6');
    const luminaire = join(installed, 'node_modules/.bin/luminaire');
    for (const node of NODES) {
      expect(await runWell(node, [luminaire, 'routes', 'out/app.js'], folder)).toMatch(/GET +\/planets\/:position/);
      expect((await run(node, [luminaire, 'check', 'out/app.js'], folder)).code).toBe(0);
    }
  });
});

describe('Vite', () => {
  const packages = {
    vite: join(OWN_PACKAGES, 'vite'),
    'unplugin-swc': join(OWN_PACKAGES, 'unplugin-swc'),
  };
  const tsconfig = { compilerOptions: { target: 'es2022', experimentalDecorators: true, emitDecoratorMetadata: true } };

  it('builds an application for a server', async () => {
    const config = "import swc from 'unplugin-swc'; export default { plugins: [swc.vite()] };";
    const files = { 'vite.config.mjs': config, 'tsconfig.json': tsconfig };
    const folder = makeProject(installed, 'vite-build', { packages, files });
    const vite = [join(packages.vite, 'bin/vite.js'), 'build', '--ssr', 'main.ts', '--outDir', 'out'];
    await runWell(process.execPath, vite, folder);
    expect(await answersOf(process.execPath, 'out/main.js', folder)).toEqual(ANSWERS);
  });

  it('has an application in its own server', async () => {
    const dev = `import swc from 'unplugin-swc';
      import { createServer } from 'vite';
      const api = {
        name: 'api',
        async configureServer(vite) {
          const { app } = await vite.ssrLoadModule('/app.ts');
          vite.middlewares.use((await app).nodeListener({ fallThrough: true }));
        },
      };
      const vite = await createServer({ plugins: [swc.vite(), api], server: { host: '127.0.0.1', port: 0, ws: false }, logLevel: 'error' });
      await vite.listen();
      const url = 'http://127.0.0.1:' + vite.httpServer.address().port;
      console.log(await (await fetch(url + '/planets/3')).text(), await (await fetch(url + '/index.html')).text());
      await vite.close();`;
    const page = '<!doctype html><title>The page</title>';
    const files = { 'dev.mjs': dev, 'index.html': page, 'tsconfig.json': tsconfig };
    const folder = makeProject(installed, 'vite-dev', { packages, files });
    expect(await runWell(process.execPath, ['dev.mjs'], folder)).toMatch(/^\{"name":"Earth"\} .*<title>The page</s);
  });
});

describe('a compiler that emits no metadata', () => {
  const REMEDY =
    '"emitDecoratorMetadata": true for tsc, or "decoratorMetadata": true for swc; esbuild and tsx cannot emit';

  it.each([
    ['tsx', [join(tools, 'tsx/dist/cli.mjs'), 'main.ts']],
    ['esbuild', ['out.mjs']],
  ])('is named at boot: %s', async (name, args) => {
    const tsconfig = { compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } };
    const folder = makeProject(installed, `without-metadata-${name}`, { files: { 'tsconfig.json': tsconfig } });
    const bundle = ['--bundle', '--platform=node', '--format=esm', '--packages=external', '--outfile=out.mjs'];
    await runWell(join(tools, '.bin/esbuild'), ['main.ts', ...bundle], folder);
    const { code, output } = await run(process.execPath, args, folder);
    expect(code).toBe(1);
    expect(output).toContain('BootError: The application cannot start');
    expect(output).toContain(
      "PlanetController: expected the emitted types of its constructor's parameters, found none",
    );
    expect(output).toContain(REMEDY);
  });
});
