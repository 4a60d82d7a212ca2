// A Worker is one file. It has no place, so that `require` needs one made up.
const PLACE = 'file:///worker.js';

export default {
  input: 'dist/test/runtimes/worker-main.js',
  platform: 'node',
  external: [/^node:/],
  // As Cloudflare's own bundler asks for packages.
  resolve: { conditionNames: ['workerd', 'import', 'default'] },
  transform: { define: { 'import.meta.url': JSON.stringify(PLACE) } },
  output: {
    file: 'worker.js',
    format: 'esm',
    codeSplitting: false,
    polyfillRequire: false,
    banner: `import { createRequire as requireAt } from 'node:module'; const require = requireAt('${PLACE}');`,
  },
};
