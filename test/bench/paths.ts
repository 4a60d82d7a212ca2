/** Names the places of the benchmark outside of what is compiled. */

import { fileURLToPath } from 'node:url';

/** `test/bench` of the repository; this file runs from `dist/test/bench`. */
export const BENCH = fileURLToPath(new URL('../../../test/bench/', import.meta.url));
/** Where compiled files look for packages first. */
export const COMPILED = fileURLToPath(new URL('./', import.meta.url));
export const RATIOS = `${BENCH}ratios.json`;
