import { describe, expect, it } from 'vitest';
import { decodePath } from '../../src/protocol/percent.js';
import { fc } from '../support/properties.js';

describe('percent-encoding (RFC 3986 §2.1)', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/a%20b', '/a b'],
    ['/%2e%2E/', '/../'],
    ['/%2F', '/'.repeat(2)],
    ['/a+b', '/a+b'],
    ['/%C3%A9%E2%82%AC', '/é€'],
    ['/%F0%9F%98%80', '/😀'],
    ['/%EF%BF%BD', '/\ufffd'],
    ['/%00', '/\0'],
    ['/%25zz', '/%zz'],
    ['/%', undefined],
    ['/%4', undefined],
    ['/%zz', undefined],
    ['/%4\u0141', undefined],
    ['/%C3', undefined],
    ['/%C3/%A9', undefined],
    ['/%A9', undefined],
    ['/%C0%AF', undefined],
    ['/%ED%A0%80', undefined],
    ['/%F4%90%80%80', undefined],
    ['/%ff', undefined],
    ['/%EF%BF%BD%ff', undefined],
  ])('decodes %s to %j', (text, decoded) => {
    expect(decodePath(text)).toBe(decoded);
  });

  it('agrees with decodeURIComponent on any text, and never throws', () => {
    const unit = fc.oneof(
      fc.constantFrom('%', '%4', '%41', '%C3', '%A9', '%E2%82%AC', '%ED', '%A0', '%80'),
      fc.string({ maxLength: 2 }),
    );
    const decode = (text: string) => {
      try {
        return decodeURIComponent(text);
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
        expect(decodePath(units.join(''))).toBe(decode(units.join('')));
      }),
      { numRuns: 2000 },
    );
  });
});
