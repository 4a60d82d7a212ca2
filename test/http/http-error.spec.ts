import { describe, expect, it } from 'vitest';
import { HttpError } from '../../src/http/http-error.js';

describe('HttpError', () => {
  it('is an Error with a status, 500 unless told', () => {
    const error = new HttpError('no');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'HttpError', message: 'no', status: 500 });
    expect(error.headers).toBeUndefined();
    expect(error.extensions).toBeUndefined();
    expect('cause' in error).toBe(false);
    expect(error.stack).toMatch(/^HttpError: no\n/);
  });

  it('carries a cause, fields and extensions', () => {
    const cause = new Error('why');
    const headers = { Allow: 'GET' };
    const extensions = { errors: [] };
    expect(new HttpError('no', 405, { cause, headers, extensions })).toMatchObject({ cause, headers, extensions });
    expect('cause' in new HttpError('no', 405, { cause: undefined })).toBe(true);
  });

  it.each([400, 404, 499, 500, 599])('takes the status %d', (status) => {
    expect(new HttpError('no', status).status).toBe(status);
  });

  it.each([0, 99, 200, 302, 399, 600, 400.5, Number.NaN, Number.POSITIVE_INFINITY, '404' as never])(
    'refuses the status %s',
    (status) => {
      expect(() => new HttpError('no', status)).toThrow(
        new RangeError(`HttpError: status must be a whole number from 400 to 599, got ${status}`),
      );
    },
  );
});

describe('the fields of an HttpError', () => {
  it.each([
    ['Retry-After', '1\r\nSet-Cookie: a=b'],
    ['Retry After', '1'],
    ['Retry-After', '\u010a'],
  ])('refuses a field that could not be written: %j %j', (name, value) => {
    expect(() => new HttpError('later', 503, { headers: { [name]: value } })).toThrow(TypeError);
  });
});

describe('assert', () => {
  it.each([true, 1, 'a', {}, []])('lets %j pass', (value) => {
    expect(HttpError.assert(value, 'no', 404)).toBeUndefined();
  });

  it.each([false, 0, '', null, undefined, Number.NaN])('throws for %s', (value) => {
    expect(() => HttpError.assert(value, 'no', 404)).toThrow(expect.objectContaining({ message: 'no', status: 404 }));
    expect(() => HttpError.assert(value, 'no')).toThrow(expect.objectContaining({ status: 500 }));
  });

  it('narrows the type of its value', () => {
    const user = new Map([['name', 'ann']]).get('name');
    HttpError.assert(user, 'No such user', 404);
    expect(user.length).toBe(3);
  });
});

describe('raise', () => {
  it('throws an HttpError, 500 unless told', () => {
    expect(() => HttpError.raise('no')).toThrow(expect.objectContaining({ message: 'no', status: 500 }));
    expect(() => HttpError.raise('no', 418)).toThrow(expect.objectContaining({ status: 418 }));
  });
});
