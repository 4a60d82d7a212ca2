import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.js';

const merged = mergeConfig(base, defineConfig({ root: fileURLToPath(new URL('../..', import.meta.url)) }));

// What needs packages that `npm ci` does not install: .ci/runtimes runs it.
export default { ...merged, test: { ...merged.test, include: ['test/runtimes/*.check.ts'] } };
