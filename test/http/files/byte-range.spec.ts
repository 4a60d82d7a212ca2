import { expect, it } from 'vitest';
import { parseByteRange } from '../../../src/http/files/byte-range.js';

it.each<[title: string, field: string, size: number, expected: unknown]>([
  ['reads first and last', 'bytes=2-5', 10, { start: 2, end: 5 }],
  ['reads one byte', 'bytes=0-0', 10, { start: 0, end: 0 }],
  ['reads up to the end', 'bytes=2-', 10, { start: 2, end: 9 }],
  ['reads a suffix', 'bytes=-3', 10, { start: 7, end: 9 }],
  ['cuts a last byte beyond the end', 'bytes=2-99', 10, { start: 2, end: 9 }],
  ['cuts a suffix longer than all', 'bytes=-99', 10, { start: 0, end: 9 }],
  ['cuts a number beyond all counting', `bytes=2-${'9'.repeat(400)}`, 10, { start: 2, end: 9 }],
  ['takes the unit in any case', 'Bytes=0-1', 10, { start: 0, end: 1 }],
  ['finds a start beyond the end unsatisfiable', 'bytes=10-', 10, 'unsatisfiable'],
  ['finds an empty suffix unsatisfiable', 'bytes=-0', 10, 'unsatisfiable'],
  ['ignores the last before the first', 'bytes=5-2', 10, undefined],
  ['ignores two ranges', 'bytes=0-1,4-5', 10, undefined],
  ['ignores another unit', 'lines=0-1', 10, undefined],
  ['ignores no range', 'bytes=-', 10, undefined],
  ['ignores a sign', 'bytes=+1-2', 10, undefined],
  ['ignores any range of nothing', 'bytes=0-', 0, undefined],
])('%s', (_title, field, size, expected) => {
  expect(parseByteRange(field, size)).toEqual(expected);
});
