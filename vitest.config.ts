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
  // Generous: nothing is timed, and machines are shared.
  test: { include: ['test/**/*.spec.ts'], testTimeout: 30_000, hookTimeout: 60_000 },
});
