import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Apart from the other tests: they pack, install from the registry, and run compilers for about a minute.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/release/*.check.ts'],
    globalSetup: 'test/release/packed.ts',
    // Each is a compiler, which takes a core.
    maxConcurrency: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
