import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { REJECTIONS } from '../../src/protocol/rejection.js';
import { REASONS, reasonOf, statusHasContent } from '../../src/protocol/status.js';

describe('status codes (RFC 9110 §15)', () => {
  it('have the reason phrases of the registry', () => {
    expect([200, 413, 422, 207].map(reasonOf)).toEqual([
      'OK',
      'Content Too Large',
      'Unprocessable Content',
      'Multi-Status',
    ]);
    expect(reasonOf(299)).toBe('');
  });

  it('are all those that Node knows, but for what was never registered', () => {
    const unknown = Object.keys(STATUS_CODES).filter((status) => REASONS[Number(status)] === undefined);
    expect(unknown).toEqual(['418', '509']);
  });

  it.each([
    [100, false],
    [101, false],
    [103, false],
    [200, true],
    [204, false],
    [205, false],
    [304, false],
    [404, true],
  ])('%d has content: %s', (status, hasContent) => {
    expect(statusHasContent(status)).toBe(hasContent);
  });
});

describe('rejections', () => {
  it('have a registered status and one sentence each', () => {
    for (const { status, detail } of Object.values(REJECTIONS)) {
      expect(REASONS[status]).toBeDefined();
      expect(detail).toMatch(/^[A-Z].*\.$/);
    }
  });
});
