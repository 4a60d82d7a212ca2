import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventStream } from '../../src/http/event-stream.js';
import { encodeEvent, type ServerSentEvent } from '../../src/http/event-stream.js';
import {
  eventually,
  fakeTime,
  pass,
  request,
  response,
  serve,
  settled,
  TRANSPORTS,
  undated,
} from '../support/served.js';

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

const OPENING = response(
  '200 OK',
  ['Content-Type: text/event-stream', 'Cache-Control: no-store', 'Transfer-Encoding: chunked'],
  '3\r\n:\n\n\r\n',
);

/** A server whose `/` is an event stream, kept in `open`. */
async function serveEvents(keepAlive?: number | false, transport: 'tcp' | 'memory' = 'memory') {
  const open: EventStream[] = [];
  const served = await serve(
    (server) =>
      server.get('/', (_req, res) => {
        open.push(res.events(keepAlive === undefined ? {} : { keepAlive }));
      }),
    {},
    transport,
  );
  return { ...served, open };
}

describe.each(TRANSPORTS)('res.events over %s', (transport) => {
  it('sends the head at once, then each event, then the last chunk', async () => {
    const { connect, open } = await serveEvents(undefined, transport);
    const client = (await connect()).send(request('GET /'));
    expect(undated(await client.until(':\n\n\r\n'))).toBe(OPENING);
    expect(open[0].isOpen).toBe(true);
    void open[0].send({ data: 'a' });
    expect(await client.until('\n\n\r\n')).toBe('9\r\ndata: a\n\n\r\n');
    open[0].close();
    expect(await client.until('0\r\n\r\n')).toBe('0\r\n\r\n');
    expect(open[0].isOpen).toBe(false);
    // The connection serves the next request.
    client.send(request('GET /'));
    expect(undated(await client.until(':\n\n\r\n'))).toBe(OPENING);
  });

  it('ends when the client leaves, tells so once, and ignores what is sent afterwards', async () => {
    const { connect, open } = await serveEvents(undefined, transport);
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    let gone = 0;
    open[0].onGone(() => gone++);
    client.destroy();
    await eventually(() => !open[0].isOpen, 'the stream has ended');
    expect(gone).toBe(1);
    expect(open[0].send({ data: 'late' })).toBeUndefined();
    open[0].close();
    expect(gone).toBe(1);
  });

  it('takes a client that ends its sending side as gone', async () => {
    const { connect, open } = await serveEvents(undefined, transport);
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    await client.end();
    await eventually(() => !open[0].isOpen, 'the stream has ended');
  });
});

describe('res.events', () => {
  it('sends a comment every 15 seconds', async () => {
    fakeTime();
    const { connect, open } = await serveEvents();
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    await pass(14_999);
    expect(client.received).toBe('');
    await pass(1);
    expect(await client.until('\n\n\r\n')).toBe('4\r\n: \n\n\r\n');
    open[0].close();
    await pass(30_000);
    expect(client.received).toBe('0\r\n\r\n');
  });

  it('sends none where keepAlive is false', async () => {
    fakeTime();
    const { connect } = await serveEvents(false);
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    await pass(60_000);
    expect(client.received).toBe('');
  });

  it('waits for a slow client', async () => {
    const { connect, open } = await serveEvents(false);
    const client = (await connect()).send(request('GET /'));
    await client.until(':\n\n\r\n');
    client.duplex.pause();
    const send = () => open[0].send({ data: 'x'.repeat(1000) });
    let slow = send();
    for (let sent = 1; slow === undefined && sent < 1000; sent++) slow = send();
    expect(slow).toBeInstanceOf(Promise);
    let isDone = false;
    const done = Promise.resolve(slow).then(() => {
      isDone = true;
    });
    await settled();
    expect(isDone).toBe(false);
    client.duplex.resume();
    await done;
  });

  it('answers HEAD with the head alone and serves the next request', async () => {
    const { connect, open } = await serveEvents();
    const client = (await connect()).send(request('HEAD /') + request('HEAD /'));
    const head = response('200 OK', [
      'Content-Type: text/event-stream',
      'Cache-Control: no-store',
      'Transfer-Encoding: chunked',
    ]);
    expect(undated(await client.response(true))).toBe(head);
    expect(undated(await client.response(true))).toBe(head);
    expect(open.map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  it('cannot open after the response was sent', async () => {
    const { exchange, log } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.send('a');
        res.events();
      }),
    );
    await exchange(request('GET /'));
    expect(log[0].fields.err).toEqual(new Error('events: the response was already sent'));
  });
});
