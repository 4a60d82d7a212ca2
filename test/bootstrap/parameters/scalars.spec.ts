import { describe, expect, it } from 'vitest';
import { NO_VALUE, scalarReader } from '../../../src/bootstrap/parameters/scalars.js';
import { fc } from '../../support/properties.js';

const read = (type: unknown, text: string, isHeader = false) => scalarReader(type, isHeader)?.read(text);

describe('scalarReader', () => {
  it.each([
    ['a number', Number, '42', 42],
    ['a negative number', Number, '-1.5', -1.5],
    ['an exponent', Number, '1e3', 1000],
    ['leading zeros', Number, '007', 7],
    ['the largest exact integer', Number, '9007199254740991', 9007199254740991],
    ['true', Boolean, 'true', true],
    ['1', Boolean, '1', true],
    ['false', Boolean, 'false', false],
    ['0', Boolean, '0', false],
    ['a big integer', BigInt, '-9007199254740993', -9007199254740993n],
    ['text as it is', String, '', ''],
    ['a date', Date, '2024-02-29', new Date('2024-02-29T00:00:00Z')],
    ['a date and time', Date, '2024-02-29T23:59:59.5+02:00', new Date('2024-02-29T21:59:59.5Z')],
    ['a date and time in lower case', Date, '2024-02-29t23:59:59z', new Date('2024-02-29T23:59:59Z')],
    ['an absolute URL', URL, 'https://h/p?q', new URL('https://h/p?q')],
  ])('reads %s', (_title, type, text, value) => {
    expect(read(type, text)).toEqual(value);
  });

  it.each<[title: string, type: unknown, text: string]>([
    ['no number in nothing', Number, ''],
    ['no number around spaces', Number, ' 1'],
    ['no hexadecimal number', Number, '0x10'],
    ['no plus', Number, '+1'],
    ['no bare fraction', Number, '.5'],
    ['no bare point', Number, '5.'],
    ['no Infinity', Number, 'Infinity'],
    ['no overflow', Number, '1e400'],
    ['no NaN', Number, 'NaN'],
    ['no separators', Number, '1_000'],
    ['no integer that would be rounded', Number, '9007199254740993'],
    ['no boolean in nothing', Boolean, ''],
    ['no boolean in capitals', Boolean, 'True'],
    ['no boolean in words', Boolean, 'yes'],
    ['no big integer with a fraction', BigInt, '1.0'],
    ['no big integer in nothing', BigInt, ''],
    ['no hexadecimal big integer', BigInt, '0x1f'],
    ['no 30 February', Date, '2024-02-30'],
    ['no 29 February of a common year', Date, '2023-02-29T00:00:00Z'],
    ['no date and time without its offset', Date, '2024-02-29T23:59:59'],
    ['no hour 24', Date, '2024-02-29T24:00:00Z'],
    ['no date in words', Date, 'tomorrow'],
    ['no number as a date', Date, '0'],
    ['no HTTP date outside a header', Date, 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['no relative URL', URL, '/p'],
    ['no URL with spaces', URL, ' https://h/'],
  ])('reads %s', (_title, type, text) => {
    expect(read(type, text)).toBe(NO_VALUE);
  });

  it('reads an HTTP date in a header, beside the others', () => {
    expect(read(Date, 'Sun, 06 Nov 1994 08:49:37 GMT', true)).toEqual(new Date('1994-11-06T08:49:37Z'));
    expect(read(Date, '1994-11-06', true)).toEqual(new Date('1994-11-06'));
    expect(read(Date, 'Mon, 06 Nov 1994 08:49:37 GMT', true)).toBe(NO_VALUE);
  });

  it.each([Object, Array, Function, Map, undefined])('has no reader for %s', (type) => {
    expect(scalarReader(type)).toBeUndefined();
  });

  it('gives back every number that it is given as JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
        const text = JSON.stringify(value);
        // A rounded integer is refused on purpose.
        fc.pre(!/^-?\d+$/.test(text) || Number.isSafeInteger(value));
        expect(read(Number, text)).toBe(value === 0 ? Number(text) : value);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(Number, Boolean, BigInt, Date, URL), (text, type) => {
        const value = read(type, text);
        if (value instanceof Date) expect(value.getTime()).not.toBeNaN();
        if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });
});
