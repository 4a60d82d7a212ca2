import { describe, expect, it } from 'vitest';
import { BootError, Controller, checkApp, createApp, Get, Produces, Sse } from '../../../src/index.js';

const encode = () => '';

/** What boot says of a handler with this `@Produces`. */
function messages(...offers: unknown[]): string[] {
  @Controller()
  class A {
    @Get() @Produces(...(offers as ['application/json'])) list() {}
  }
  return checkApp({ controllers: [A] }).errors.map(({ message }) => message);
}

const RANGE = 'It is sent as the Content-Type (RFC 9110 §8.3.1): a range such as text/* is none.';
const CYCLE = 'Where it is imported from a module that imports this one, it is not there yet: break the cycle.';

describe('boot', () => {
  it.each([
    [['application/json']],
    [['application/problem+json; profile="a b"', { 'text/csv; header=present': encode, 'text/csv': encode }]],
  ])('accepts %j', (offers) => {
    expect(messages(...offers)).toEqual([]);
  });

  it.each<[offers: unknown[], message: string]>([
    [
      [],
      'A.list: expected a media type in @Produces, found none. Name what it produces: @Produces("application/json").',
    ],
    [
      ['text/csv'],
      'A.list: expected an encoder for "text/csv" in @Produces, found none. ' +
        'JSON alone is written without one: write @Produces({ "text/csv": (value) => ... }).',
    ],
    [
      [{ 'text/csv': undefined }],
      `A.list: expected a function that encodes "text/csv" in @Produces, found nothing yet. ${CYCLE}`,
    ],
    [
      [{ 'text/csv': 'csv' }],
      `A.list: expected a function that encodes "text/csv" in @Produces, found "csv". ${CYCLE}`,
    ],
    [['text/*'], `A.list: expected a media type such as "text/csv" in @Produces, found "text/*". ${RANGE}`],
    [['json'], `A.list: expected a media type such as "text/csv" in @Produces, found "json". ${RANGE}`],
    [
      [{ 'text/csv\r\nX': encode }],
      `A.list: expected a media type such as "text/csv" in @Produces, found "text/csv\\r\\nX". ${RANGE}`,
    ],
    [
      ['application/json', { 'Application/JSON': encode }],
      'A.list: expected "application/json" once in @Produces, found twice. One would never be picked: remove it.',
    ],
  ])('refuses @Produces(%j)', (offers, message) => {
    expect(messages(...offers)).toEqual([message]);
  });

  it('refuses two, one beside @Sse, and one that stands alone', async () => {
    @Controller()
    class A {
      @Get('/two') @Produces('application/json') @Produces({ 'text/csv': encode }) two() {}
      @Sse('/events') @Produces('application/json') async *events() {
        yield 'a';
      }
      @Produces('application/json') stray() {}
    }
    const error = await createApp({ controllers: [A] }).then(
      () => undefined,
      (thrown: unknown) => thrown as BootError,
    );
    expect(error).toBeInstanceOf(BootError);
    expect(error?.findings.map(({ message }) => message).toSorted()).toEqual([
      'A.events: expected no @Produces beside @Sse, found @Produces. An event stream is text/event-stream: remove it.',
      'A.stray: expected a route beside @Produces, found none. ' +
        'The method is never called: write @Get, @Post or another above it, or remove the decorator.',
      'A.two: expected one @Produces, found 2. Name all types in one: remove the others.',
    ]);
  });
});
