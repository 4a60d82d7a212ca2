import { describe, expect, it } from 'vitest';
import { addFields, newFields, partsOf } from '../../../src/server/http2/response-fields.js';

describe('addFields', () => {
  it.each([
    ['makes names lower-case', 'X-A: b\r\n', { 'x-a': 'b' }],
    ['joins lines of one name', 'X: a\r\nY: b\r\nx: c\r\n', { x: 'a, c', y: 'b' }],
    ['takes a name that every object has', 'Constructor: a\r\n', { constructor: 'a' }],
    ['keeps each Set-Cookie', 'Set-Cookie: a\r\nSet-Cookie: b\r\nset-cookie: c\r\n', { 'set-cookie': ['a', 'b', 'c'] }],
    ['keeps a value with a colon, and an empty one', 'A: b: c\r\nD: \r\n', { a: 'b: c', d: '' }],
    [
      'leaves out what is of the connection',
      'Connection: a\r\nKeep-Alive: a\r\nTransfer-Encoding: a\r\nUpgrade: a\r\nProxy-Connection: a\r\nTE: a\r\n',
      {},
    ],
  ])('%s', (_title, lines, expected) => {
    const fields = newFields();
    addFields(fields, partsOf(lines));
    expect({ ...fields }).toEqual(expected);
  });
});
