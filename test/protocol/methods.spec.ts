import { describe, expect, it } from 'vitest';
import { METHODS, readMethod, verbName } from '../../src/protocol/methods.js';

const read = (method: string) => readMethod(Buffer.from(`x${method} /`, 'latin1'), 1, 1 + method.length);

describe('readMethod (RFC 9110 §9.1)', () => {
  it.each([...METHODS, 'QUERY'])('reads %s', (method) => {
    expect(read(method)).toBe(method);
  });

  it.each(['get', 'Get', 'GEX', 'G', 'POSTS', 'PROPFINE', 'M_SEARCH', 'BREW', 'X'.repeat(17), 'GETXXXXXXXXXXXXXXXX'])(
    'reads %s as it is',
    (method) => {
      expect(read(method)).toBe(method);
    },
  );
});

describe('METHODS', () => {
  it('are 33, each once, in order', () => {
    expect(METHODS.length).toBe(33);
    expect([...new Set(METHODS)].sort()).toEqual([...METHODS]);
  });

  it('have a verb each', () => {
    expect([verbName('GET'), verbName('M-SEARCH'), verbName('PROPPATCH')]).toEqual(['get', 'mSearch', 'proppatch']);
  });
});
