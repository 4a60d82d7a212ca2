import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // esbuild and oxc emit no decorator metadata that tsyringe can use; swc reads .swcrc.
  plugins: [swc.vite()],
  resolve: {
    alias: [
      { find: /^luminaire$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) },
      {
        find: /^luminaire\/(redis|postgres|nats)$/,
        replacement: `${fileURLToPath(new URL('src/engines', import.meta.url))}/$1.ts`,
      },
      { find: /^luminaire\/(\w+)$/, replacement: `${fileURLToPath(new URL('src/runtimes', import.meta.url))}/$1.ts` },
    ],
  },
  test: {
    include: ['test/**/*.spec.ts'],
    globalSetup: 'test/support/compiled-folder.ts',
    // Vitest would leave a core to its own process, which has little to do; many specs wait for other programs.
    maxWorkers: Math.max(2, availableParallelism()),
    // Generous: nothing is timed, and machines are shared.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
