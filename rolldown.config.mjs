import { resolve } from 'node:path';

// One file in place of more than a hundred: Node took 100 ms less CPU to load it. What is imported on demand stays a file
// of its own. Packages stay imports, so that an application shares them. Comments are a quarter of what Node would parse.

/** What is taken of the packages of many CommonJS files that every application loads. */
const REQUIRED = {
  tsyringe: [
    ...['container', 'delay', 'inject', 'injectable', 'instanceCachingFactory', 'Lifecycle', 'scoped', 'singleton'],
  ],
  'reflect-metadata': [],
};

/** An import looks through all of their files for what they export, before it runs them; `require` took a third of it. */
const required = {
  name: 'required',
  resolveId: (id) => (id in REQUIRED ? `\0${id}` : undefined),
  load(id) {
    const name = id.slice(1);
    if (!id.startsWith('\0') || !(name in REQUIRED)) return undefined;
    return `import { createRequire } from 'node:module';
      export const { ${REQUIRED[name].join(', ')} } = createRequire(import.meta.url)('${name}');`;
  },
};

/** Dependencies that a Worker has use for. An optional peer is none of them: a bundler would refuse what is not installed. */
const BUNDLED = ['@fastify/proxy-addr', 'compressible', 'etag', 'rate-limiter-flexible/lib/RateLimiterMemory.js'];

/** What is required only where it is used is found by a bundler under the name of `require` alone. */
const bundled = {
  name: 'bundled',
  transform: (code) =>
    code.replaceAll(/createRequire\(import\.meta\.url\)\('([^']+)'\)/g, (call, name) =>
      BUNDLED.includes(name) ? `require('${name}')` : call,
    ),
};

/** What stands on an engine, an entry each. */
const ENGINES = {
  redis: 'dist/src/engines/redis.js',
  postgres: 'dist/src/engines/postgres.js',
  nats: 'dist/src/engines/nats.js',
};

/** Keeps together what every application loads: other entries share much of it, and each shared part would be a file. */
function together() {
  let loaded;
  const group = {
    debugName: 'core',
    name(id, modules) {
      loaded ??= importedFrom(resolve('dist/src/index.js'), modules);
      return loaded.has(id) ? 'core' : null;
    },
  };
  return { groups: [group] };
}

/** The modules that `entry` imports, and those that these do, but not what is imported on demand. */
function importedFrom(entry, modules) {
  const found = new Set([entry]);
  for (const id of found) for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}

const shared = { platform: 'node', external: [/^node:/, /^[@a-z]/] };
const output = { comments: false, format: 'esm', chunkFileNames: '[name].js' };

export default [
  {
    ...shared,
    input: {
      index: 'dist/src/index.js',
      cli: 'dist/src/cli/luminaire.js',
      bun: 'dist/src/runtimes/bun.js',
      deno: 'dist/src/runtimes/deno.js',
      lambda: 'dist/src/runtimes/lambda.js',
      ...ENGINES,
    },
    external: (id) => !(id in REQUIRED) && shared.external.some((pattern) => pattern.test(id)),
    plugins: [required],
    output: { ...output, codeSplitting: together(), dir: 'dist/lib' },
  },
  {
    // For what becomes one file without packages beside it, as a Worker does: imports alone, which a bundler follows.
    ...shared,
    // An error of an engine is one of this build: it must know it by its class.
    input: { index: 'dist/src/index.js', workers: 'dist/src/runtimes/workers.js', ...ENGINES },
    plugins: [bundled],
    output: { ...output, codeSplitting: together(), polyfillRequire: false, dir: 'dist/edge' },
  },
];
