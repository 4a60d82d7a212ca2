import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeKey, keyOf, unescapeKey } from '../../src/routing/path-key.js';

/** Pieces that make whole, overlong, cut and surrogate escapes likely. */
const rawPath = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '%',
        '/',
        '?',
        '#',
        '\0',
        'a',
        'é',
        '%2F',
        '%25',
        '%00',
        '%C3%A9',
        '%E2%82',
        '%ED%A0%80',
        '%F4%90',
      ),
      fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).map(encodeURIComponent),
    ),
  )
  .map((parts) => `/${parts.join('')}`);

function decoded(path: string): string[] | undefined {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

describe('keyOf', () => {
  it('decodes exactly what decodeURIComponent does, segment by segment', () => {
    fc.assert(
      fc.property(rawPath, (path) => {
        expect(keyOf(path)?.split('/').map(unescapeKey)).toEqual(decoded(path));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives nothing that find-my-way would decode or cut', () => {
    fc.assert(
      fc.property(rawPath, (path) => {
        expect(keyOf(path) ?? '').not.toMatch(/[%?#]/);
      }),
    );
  });

  it('leaves a plain path as it is', () => {
    expect(keyOf('/users/42;v=1/@me')).toBe('/users/42;v=1/@me');
  });
});

describe('escapeKey', () => {
  it('is undone by unescapeKey', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('%', '/', '?', '#', '\0'), fc.string({ minLength: 1, maxLength: 1 })),
    });
    fc.assert(
      fc.property(text, (original) => {
        expect(unescapeKey(escapeKey(original))).toBe(original);
      }),
    );
  });
});
