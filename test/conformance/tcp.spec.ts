import { GROUPS } from './rows/all.js';
import { checkRowsOverTcp } from './support/check.js';

for (const group of ['request-line', 'framing', 'chunked', 'pipelining', 'upgrade', 'http-1.0'] as const) {
  checkRowsOverTcp(group, GROUPS[group]);
}
