import { describe, expect, it } from 'vitest';
import { EncodedEvent, encodeEvent, type ServerSentEvent } from '../../../src/http/events/server-sent-event.js';
import { fc } from '../../support/properties.js';

interface Parsed {
  readonly data: string;
  readonly event: string;
  readonly id: string;
  readonly retry: number | undefined;
}

/** Interprets an event stream by the rules of WHATWG HTML §9.2.6. */
function parseEvents(stream: string): Parsed[] {
  const events: Parsed[] = [];
  let id = '';
  let retry: number | undefined;
  let data = '';
  let event = '';
  for (const line of stream.split(/\r\n|\r|\n/)) {
    if (line === '') {
      if (data !== '') events.push({ data: data.slice(0, -1), event: event || 'message', id, retry });
      data = '';
      event = '';
      continue;
    }
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data += `${value}\n`;
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
  }
  return events;
}

describe('encodeEvent', () => {
  it.each<[title: string, event: ServerSentEvent, wire: string]>([
    ['text', { data: 'a' }, 'data: a\n\n'],
    ['empty text', { data: '' }, 'data: \n\n'],
    ['JSON', { data: { a: [1, null] } }, 'data: {"a":[1,null]}\n\n'],
    ['null, which is JSON', { data: null }, 'data: null\n\n'],
    ['a line each', { data: 'a\nb\r\nc\rd\n' }, 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n'],
    [
      'every field, in order',
      { data: 1, event: 'e', id: '7', retry: 5, comment: 'c' },
      ': c\nid: 7\nevent: e\nretry: 5\ndata: 1\n\n',
    ],
    ['a comment of two lines', { comment: 'a\nb' }, ': a\n: b\n\n'],
    ['an id alone', { id: '' }, 'id: \n\n'],
    ['a name alone, with the data that makes it heard', { event: 'e' }, 'event: e\ndata: \n\n'],
  ])('writes %s', (_title, event, wire) => {
    expect(encodeEvent(event)).toBe(wire);
  });

  it.each<[title: string, event: ServerSentEvent]>([
    ['an event with nothing in it', {}],
    ['a CR in the id', { id: 'a\rdata: forged' }],
    ['an LF in the id', { id: 'a\ndata: forged' }],
    ['a NUL in the id', { id: 'a\0' }],
    ['an LF in the event name', { event: 'a\ndata: forged' }],
    ['a negative retry', { retry: -1 }],
    ['a fractional retry', { retry: 0.5 }],
    ['a retry that is no number', { retry: Number.NaN }],
    ['data without a JSON form', { data: () => {} }],
  ])('refuses %s', (_title, event) => {
    expect(() => encodeEvent(event)).toThrow(TypeError);
  });

  it('is read back as it was, whatever the text', () => {
    const line = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n\0]/g, ''));
    const anyText = fc.string({ unit: fc.constantFrom('\r', '\n', ':', ' ', 'a', '\u2028', '\u{1f600}', '\0') });
    const options = { requiredKeys: ['data'] as ['data'] };
    const event = fc.record({ data: anyText, event: line, id: line, retry: fc.nat(), comment: anyText }, options);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 4 }), (events) => {
        let id = '';
        let retry: number | undefined;
        const expected = events.map((sent) => {
          id = sent.id ?? id;
          retry = sent.retry ?? retry;
          return { data: sent.data.replace(/\r\n|\r/g, '\n'), event: sent.event || 'message', id, retry };
        });
        expect(parseEvents(events.map((sent) => encodeEvent(sent)).join(''))).toEqual(expected);
      }),
    );
  });
});

describe('EncodedEvent', () => {
  it('is written when it is made', () => {
    const event = new EncodedEvent('7', { a: 'é' }, 'changed');
    expect(event).toMatchObject({ id: '7', data: { a: 'é' }, event: 'changed', size: 39 });
    expect(encodeEvent(event)).toBe('id: 7\nevent: changed\ndata: {"a":"é"}\n\n');
    expect(encodeEvent(event)).toBe(event.text);
    expect(new EncodedEvent('8', undefined, undefined).text).toBe('id: 8\ndata: \n\n');
    expect('event' in new EncodedEvent('8', null, undefined)).toBe(false);
  });

  it.each<[title: string, make: () => unknown]>([
    ['data without a JSON form', () => new EncodedEvent('1', () => {}, undefined)],
    ['a line end in its name', () => new EncodedEvent('1', 1, 'a\nb')],
  ])('refuses %s', (_title, make) => {
    expect(make).toThrow(TypeError);
  });
});
