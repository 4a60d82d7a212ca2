import { describe, expect, it } from 'vitest';
import { isEscapedPath } from '../../src/routing/path-escapes.js';
import { fc } from '../support/properties.js';

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

/** Whether `path` is other when decoded; undefined where it cannot be. */
function differsDecoded(path: string): boolean | undefined {
  try {
    return decodeURIComponent(path) !== path;
  } catch {
    return undefined;
  }
}

describe('isEscapedPath', () => {
  it('agrees with decodeURIComponent', () => {
    fc.assert(
      fc.property(rawPath, (path) => {
        expect(isEscapedPath(path)).toBe(differsDecoded(path));
      }),
      { numRuns: 2000 },
    );
  });
});
