import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // What vitest compiles by itself does not say the types of parameters, which injection needs. swc reads .swcrc.
  plugins: [swc.vite()],
  test: { include: ['test/**/*.spec.ts'] },
});
