import { describe, expect, it } from 'vitest';
import {
  FIELD_VALUE,
  HEX_VALUE,
  isFieldValue,
  isToken,
  LOWER,
  NOT_HEX,
  TARGET,
  TOKEN,
} from '../../src/protocol/chars.js';

const OCTETS = Array.from({ length: 256 }, (_, octet) => octet);
const matching = (pattern: RegExp) => OCTETS.map((octet) => (pattern.test(String.fromCharCode(octet)) ? 1 : 0));

describe('tables', () => {
  it.each([
    ['TOKEN is tchar (RFC 9110 §5.6.2)', TOKEN, /[!#$%&'*+\-.^_`|~0-9A-Za-z]/],
    ['FIELD_VALUE is HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5)', FIELD_VALUE, /[\t\x20-\x7e\x80-\xff]/],
    ['TARGET is VCHAR but "#"', TARGET, /[!"$-~]/],
  ])('%s', (_title, table, pattern) => {
    expect([...table]).toEqual(matching(pattern));
  });

  it('HEX_VALUE is the value of a HEXDIG', () => {
    const values = OCTETS.map((octet) => {
      const char = String.fromCharCode(octet);
      return /[0-9A-Fa-f]/.test(char) ? Number.parseInt(char, 16) : NOT_HEX;
    });
    expect([...HEX_VALUE]).toEqual(values);
  });

  it('LOWER maps A to Z and nothing else', () => {
    expect(OCTETS.filter((octet) => LOWER[octet] !== octet)).toEqual([...Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')]);
    expect(Buffer.from(LOWER.subarray(65, 91)).toString()).toBe('abcdefghijklmnopqrstuvwxyz');
  });
});

describe('strings', () => {
  it.each([
    ['M-SEARCH', true],
    ['', false],
    ['a b', false],
    ['a:', false],
    ['\u212a', false],
    ['\u0141', false],
  ])('isToken(%j) is %s', (text, expected) => {
    expect(isToken(text)).toBe(expected);
  });

  it.each([
    ['', true],
    ['a\tb \xff', true],
    ['a\rb', false],
    ['\0', false],
    ['\u010a', false],
    ['€', false],
  ])('isFieldValue(%j) is %s', (text, expected) => {
    expect(isFieldValue(text)).toBe(expected);
  });
});
