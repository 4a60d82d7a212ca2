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
    output: { ...output, dir: 'dist/lib' },
  },
  {
    // For what becomes one file without packages beside it, as a Worker does: imports alone, which a bundler follows.
    ...shared,
    // An error of an engine is one of this build: it must know it by its class.
    input: { index: 'dist/src/index.js', workers: 'dist/src/runtimes/workers.js', ...ENGINES },
    plugins: [bundled],
    output: { ...output, polyfillRequire: false, dir: 'dist/edge' },
  },
];
