import { describe, expect, it } from 'vitest';
import { FieldLines } from '../../src/http/field-lines.js';
import { Response } from '../../src/http/response.js';
import { Sink } from '../support/sink.js';

const fields = new FieldLines([
  ['X-A', '1'],
  ['X-B', '2'],
]);
const fresh = () => new Response(new Sink(), 'GET', 1);

describe('set on a response', () => {
  it('stand in the place of lines of the same names', () => {
    const res = fresh().addHeader('x-a', 'old').addHeader('x-a', 'older').addHeader('X-C', '3').setFields(fields);
    expect([...res.fields()]).toEqual([
      ['x-c', '3'],
      ['x-a', '1'],
      ['x-b', '2'],
    ]);
  });

  it('are its own', () => {
    const first = fresh().setFields(fields).setHeader('X-A', 'changed').removeHeader('X-B');
    expect([...first.fields()]).toEqual([['x-a', 'changed']]);
    expect(fresh().setFields(fields).getHeader('X-A')).toBe('1');
  });

  it('are refused once it was sent', () => {
    expect(() => fresh().send().setFields(fields)).toThrow('setFields: the response was already sent');
  });
});

it.each([
  ['a b', '1'],
  ['X-A', 'a\r\nb: c'],
  ['Content-Length', '1'],
  ['content-type', 'a/b'],
  ['Connection', 'close'],
])('cannot be %s: %j', (name, value) => {
  expect(() => new FieldLines([[name, value]])).toThrow(TypeError);
});
