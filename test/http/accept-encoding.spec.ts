import { expect, it } from 'vitest';
import { acceptedCodings, CODINGS } from '../../src/http/accept-encoding.js';

it.each<[title: string, field: string | undefined, expected: readonly string[]]>([
  ['gives identity alone without the field', undefined, ['identity']],
  ['gives identity alone for an empty field', '', ['identity']],
  ['gives the order of the server among equals', 'gzip, deflate, br, zstd', ['br', 'zstd', 'gzip', 'identity']],
  ['gives the order of the client where it has one', 'gzip;q=1.0, br;q=0.5', ['gzip', 'br', 'identity']],
  ['leaves out what the client refuses', 'br;q=0, gzip', ['gzip', 'identity']],
  ['takes * for everything else', 'gzip;q=0.2, *', ['br', 'zstd', 'identity', 'gzip']],
  ['takes *;q=0 for nothing else', 'gzip, *;q=0', ['gzip']],
  ['leaves out identity;q=0', 'gzip, identity;q=0', ['gzip']],
  ['gives nothing where the client refuses all', 'identity;q=0', []],
  ['prefers identity where the client does', 'identity, gzip;q=0.5', ['identity', 'gzip']],
  ['takes names in any case', 'GZIP', ['gzip', 'identity']],
  ['refuses a q-value that is no number', 'gzip;q=x', ['identity']],
])('%s', (_title, field, expected) => {
  expect(acceptedCodings(field, CODINGS)).toEqual(expected);
});
