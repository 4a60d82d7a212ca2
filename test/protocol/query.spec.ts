import { describe, expect, it } from 'vitest';
import { parseForm, Query } from '../../src/protocol/query.js';
import { fc } from '../support/properties.js';

describe('application/x-www-form-urlencoded (WHATWG URL §5.1)', () => {
  it.each([
    ['nothing', '', []],
    ['a pair', 'a=b', [['a', 'b']]],
    ['no value', 'a', [['a', '']]],
    ['an empty name', '=b', [['', 'b']]],
    ['an equals sign alone', '=', [['', '']]],
    ['equals signs in a value', 'a=b=c', [['a', 'b=c']]],
    ['empty pairs', '&&a=b&&', [['a', 'b']]],
    ['a plus', 'a+b=c+d', [['a b', 'c d']]],
    ['an escaped plus', 'a=%2B', [['a', '+']]],
    ['UTF-8', 'a=%C3%A9%e2%82%ac%F0%9F%98%80', [['a', 'é€😀']]],
    ['a bad escape', 'a=%zz%4', [['a', '%zz%4']]],
    ['what is not UTF-8', 'a=%ff%41', [['a', '\ufffdA']]],
    ['a byte order mark', 'a=%EF%BB%BF', [['a', '\ufeff']]],
    ['brackets', 'a[b]=1', [['a[b]', '1']]],
    [
      '__proto__',
      '__proto__=1&__proto__[x]=2',
      [
        ['__proto__', '1'],
        ['__proto__[x]', '2'],
      ],
    ],
  ])('parses %s', (_title, text, pairs) => {
    expect([...new Query(text)]).toEqual(pairs);
    expect([...new URLSearchParams(text)]).toEqual(pairs);
  });

  it('agrees with URLSearchParams on any ASCII text', () => {
    const unit = fc.oneof(
      fc.constantFrom('%', '%4', '%41', '%C3', '%A9', '%ED%A0', '%F4', '%90', '&', '=', '+', '?'),
      fc.string({ unit: 'binary-ascii', maxLength: 2 }),
    );
    const texts = fc.array(unit, { maxLength: 20 }).map((units) => units.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        // URLSearchParams takes a leading "?" for part of a URL.
        expect([...parseForm(`a&${text}`)]).toEqual([...new URLSearchParams(`a&${text}`)]);
      }),
      { numRuns: 2000 },
    );
  });
});

it('keeps what is not ASCII beside escapes, as a form may hold it', () => {
  expect([...parseForm('é%C3%A9%A9\u0080=€+😀')]).toEqual([['éé\ufffd\u0080', '€ 😀']]);
});

describe('Query', () => {
  const query = new Query('a=1&b=2&a=3&c');

  it('gives the first value, or all', () => {
    expect([query.get('a'), query.get('c'), query.get('d')]).toEqual(['1', '', undefined]);
    expect([query.getAll('a'), query.getAll('d')]).toEqual([['1', '3'], []]);
    expect([query.has('c'), query.has('d'), query.size]).toEqual([true, false, 4]);
  });

  it('has no names that were not sent', () => {
    expect([query.get('__proto__'), query.get('constructor'), query.has('hasOwnProperty')]).toEqual([
      undefined,
      undefined,
      false,
    ]);
  });

  it('gives its text as it was sent', () => {
    expect(`${new Query('a=%41+b')}`).toBe('a=%41+b');
  });
});
