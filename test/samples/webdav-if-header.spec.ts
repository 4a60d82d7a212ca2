import { describe, expect, it } from 'vitest';
import { type ConditionList, parseIf, submittedTokens } from '../../samples/webdav/if-header.js';
import { HttpError } from '../../src/index.js';
import { fc } from '../support/properties.js';

const token = (text: string) => ({ isNegated: false, token: text });
const not = <T extends object>(condition: T) => ({ ...condition, isNegated: true });

describe('parseIf (RFC 4918 §10.4)', () => {
  it.each<[string, ConditionList[]]>([
    ['(<a>)', [{ tag: undefined, conditions: [token('a')] }]],
    [' ( < a:b > ) '.replace('< a:b >', '<a:b>'), [{ tag: undefined, conditions: [token('a:b')] }]],
    [
      '(<a> ["e"]) (["f"])',
      [
        { tag: undefined, conditions: [token('a'), { isNegated: false, etag: '"e"' }] },
        { tag: undefined, conditions: [{ isNegated: false, etag: '"f"' }] },
      ],
    ],
    ['(Not<a>NOT [W/"e"])', [{ tag: undefined, conditions: [not(token('a')), not({ etag: 'W/"e"' })] }]],
    ['(["e)>]"])', [{ tag: undefined, conditions: [{ isNegated: false, etag: '"e)>]"' }] }]],
    [
      '</x> (<a>)(<b>) <http://h/y>(<c>)',
      [
        { tag: '/x', conditions: [token('a')] },
        { tag: '/x', conditions: [token('b')] },
        { tag: 'http://h/y', conditions: [token('c')] },
      ],
    ],
  ])('reads %s', (field, lists) => {
    expect(parseIf(field)).toEqual(lists);
  });

  it.each([
    '',
    ' ',
    '<a>',
    '()',
    '(<a>',
    '<a>)',
    '(<>)',
    '(<a b>)',
    '(["e)',
    '([e])',
    '(not)',
    '(Notx <a>)',
    '(<a>) x',
    '(<a>), (<b>)',
    '(<a>) </x> (<b>)',
    '</x> </y> (<a>)',
  ])('answers 400 to %o', (field) => {
    expect(() => parseIf(field)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('gives lists or 400, whatever it is given, in time that grows with the length', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '<',
      '>',
      '[',
      ']',
      '"',
      'Not',
      ' ',
      'W/',
      'a',
      '<a>',
      '["e"]',
      '(<a>)',
      '</x>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        try {
          for (const { conditions } of parseIf(pieces.join(''))) expect(conditions.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(HttpError);
        }
      }),
    );
  });

  it('has every token submitted, negated ones too', () => {
    expect(submittedTokens(parseIf('(Not <a> <b>) (<c> ["e"])'))).toEqual(new Set(['a', 'b', 'c']));
  });
});
