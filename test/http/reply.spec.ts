import { describe, expect, it } from 'vitest';
import { Reply } from '../../src/http/reply.js';

describe('Reply', () => {
  it('holds status, body and fields', () => {
    expect(new Reply(201, { id: 7 }, { Location: '/7' })).toMatchObject({
      status: 201,
      body: { id: 7 },
      headers: { Location: '/7' },
    });
    expect(new Reply(204)).toMatchObject({ status: 204, body: undefined, headers: {} });
  });

  it.each([199, 600, 100, 200.5, Number.NaN])('refuses the status %d', (status) => {
    expect(() => new Reply(status)).toThrow(
      new RangeError(`Reply: a final status is a whole number from 200 to 599, got ${status}`),
    );
  });
});
