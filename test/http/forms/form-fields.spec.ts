import { describe, expect, it } from 'vitest';
import { FormFields } from '../../../src/http/forms/form-fields.js';

const field = (name: string, value: string) => ({ kind: 'field', name, value }) as const;
const fields = new FormFields([field('a', '1'), field('__proto__', 'x'), field('a', '2'), field('empty', '')]);

describe('the fields of a form', () => {
  it('are found by name, whatever the name', () => {
    expect(['a', '__proto__', 'empty', 'b', 'toString'].map((name) => fields.get(name))).toEqual([
      '1',
      'x',
      '',
      undefined,
      undefined,
    ]);
    expect(['a', 'b', 'constructor'].map((name) => fields.getAll(name))).toEqual([['1', '2'], [], []]);
    expect(['empty', 'b', 'constructor'].map((name) => fields.has(name))).toEqual([true, false, false]);
  });

  it('are gone through in the order in which they were sent', () => {
    expect(fields.size).toBe(4);
    expect([...fields]).toEqual([
      ['a', '1'],
      ['__proto__', 'x'],
      ['a', '2'],
      ['empty', ''],
    ]);
  });
});
