// A Worker is one file. What packages require of Node needs a place, which it has not.
const PLACE = 'file:///worker.js';

export default {
  input: 'dist/test/runtimes/worker-main.js',
  platform: 'node',
  external: [/^node:/],
  // As Cloudflare's own bundler asks for packages.
  resolve: { conditionNames: ['workerd', 'import', 'default'] },
  output: {
    file: 'worker.js',
    format: 'esm',
    codeSplitting: false,
    polyfillRequire: false,
    banner: `import { createRequire as requireAt } from 'node:module'; const require = requireAt('${PLACE}');`,
  },
};
