import { once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Response } from '../../src/http/response.js';
import {
  eventually,
  lastText,
  problem,
  REF,
  request,
  response,
  serve,
  settled,
  TRANSPORTS,
  text,
  undated,
} from '../support/served.js';
import { Sink } from '../support/sink.js';

/** What `build` makes a response write. */
function written(build: (res: Response) => unknown, method = 'GET', minorVersion = 1): string {
  const sink = new Sink();
  build(new Response(sink, method, minorVersion));
  return undated(sink.bytes);
}

const TEXT = 'Content-Type: text/plain; charset=utf-8';
const BYTES = 'Content-Type: application/octet-stream';

describe('send', () => {
  it.each<[title: string, build: (res: Response) => unknown, wire: string]>([
    ['nothing as an empty 200', (res) => res.send(), response('200 OK', ['Content-Length: 0'])],
    ['text', (res) => res.send('hi'), text('hi')],
    ['text that is no ASCII as UTF-8', (res) => res.send('é'), response('200 OK', [TEXT, 'Content-Length: 2'], 'Ã©')],
    ['bytes', (res) => res.send(Buffer.from([0, 255])), response('200 OK', [BYTES, 'Content-Length: 2'], '\0ÿ')],
    ['a typed array', (res) => res.send(new Uint8Array([65])), response('200 OK', [BYTES, 'Content-Length: 1'], 'A')],
    ['empty bytes', (res) => res.send(new Uint8Array()), response('200 OK', ['Content-Length: 0'])],
    ['its status', (res) => res.setStatus(404).send(), response('404 Not Found', ['Content-Length: 0'])],
    [
      'a status without a registered phrase',
      (res) => res.setStatus(299).send(),
      response('299 ', ['Content-Length: 0']),
    ],
    ['a phrase of its own', (res) => res.setStatus(200, 'Fine').send(), response('200 Fine', ['Content-Length: 0'])],
    [
      'a type of its own',
      (res) => res.setContentType('text/css').send('a'),
      response('200 OK', ['Content-Type: text/css', 'Content-Length: 1'], 'a'),
    ],
    ['a declared length that is right', (res) => res.setContentLength(2).send('hi'), text('hi')],
    ['what was appended, then the rest', (res) => res.appendBody('a').appendBody('b').send('c'), text('abc')],
    ['what was appended alone', (res) => res.appendBody('a').send(), text('a')],
    [
      'bytes among what was appended',
      (res) => res.appendBody('é').appendBody(Buffer.from('b')).send('c'),
      response('200 OK', [BYTES, 'Content-Length: 4'], 'Ã©bc'),
    ],
    [
      'fields in the order in which they were added',
      (res) => res.addHeader('B', '1').addHeader('A', '2').addHeader('b', '3').send(),
      response('200 OK', ['B: 1', 'A: 2', 'b: 3', 'Content-Length: 0']),
    ],
    [
      'one field in place of others',
      (res) => res.addHeader('A', '1').addHeader('a', '2').setHeader('A', '3').send(),
      response('200 OK', ['A: 3', 'Content-Length: 0']),
    ],
    [
      'no field that was removed',
      (res) => res.addHeader('A', '1').removeHeader('a').send(),
      response('200 OK', ['Content-Length: 0']),
    ],
    [
      'the Date that was set instead of its own',
      (res) => res.setHeader('Date', 'Thu, 01 Jan 1970 00:00:00 GMT').send(),
      'HTTP/1.1 200 OK\r\nDate: -\r\nContent-Length: 0\r\n\r\n',
    ],
    [
      'Connection: close where it was asked for',
      (res) => res.addHeader('Connection', 'Close').send(),
      response('200 OK', ['Content-Length: 0', 'Connection: close']),
    ],
    ['204 without content', (res) => res.setStatus(204).send(), response('204 No Content', [])],
    ['204 without the content it was given', (res) => res.setStatus(204).send('a'), response('204 No Content', [TEXT])],
    ['304 without content or length', (res) => res.setStatus(304).send(), response('304 Not Modified', [])],
    [
      '304 with the length that was declared',
      (res) => res.setStatus(304).setContentLength(5).send(),
      response('304 Not Modified', ['Content-Length: 5']),
    ],
    [
      'JSON',
      (res) => res.json({ a: 'é' }),
      response('200 OK', ['Content-Type: application/json', 'Content-Length: 10'], '{"a":"Ã©"}'),
    ],
    [
      'JSON of another type',
      (res) => res.setContentType('application/ld+json').json(null),
      response('200 OK', ['Content-Type: application/ld+json', 'Content-Length: 4'], 'null'),
    ],
  ])('sends %s', (_title, build, wire) => {
    expect(written(build)).toBe(wire);
  });

  it.each<[title: string, build: (res: Response) => unknown, wire: string]>([
    ['the head of its text', (res) => res.send('hi'), response('200 OK', [TEXT, 'Content-Length: 2'])],
    [
      'the head of its JSON',
      (res) => res.json({}),
      response('200 OK', ['Content-Type: application/json', 'Content-Length: 2']),
    ],
    [
      'the length that was declared',
      (res) => res.setContentLength(9).send(),
      response('200 OK', ['Content-Length: 9']),
    ],
    ['no length where none is known', (res) => res.send(), response('200 OK', [])],
    [
      'the head of what is streamed',
      (res) => {
        void res.write('a');
        res.end();
      },
      response('200 OK', ['Transfer-Encoding: chunked']),
    ],
    [
      'the head of what is streamed with a length',
      (res) => {
        void res.setContentLength(3).write('a');
        res.end();
      },
      response('200 OK', ['Content-Length: 3']),
    ],
  ])('answers HEAD with %s', (_title, build, wire) => {
    expect(written(build, 'HEAD')).toBe(wire);
  });

  it.each<[title: string, build: (res: Response) => unknown, wire: string]>([
    [
      'whole, and keeps the connection',
      (res) => res.send('hi'),
      response('200 OK', [TEXT, 'Content-Length: 2', 'Connection: keep-alive'], 'hi'),
    ],
    [
      'piece by piece until the connection closes',
      (res) => {
        void res.write('a');
        void res.write('b');
        res.end();
      },
      response('200 OK', ['Connection: close'], 'ab'),
    ],
    [
      'piece by piece under a declared length',
      (res) => {
        void res.setContentLength(2).write('a');
        void res.write('b');
        res.end();
      },
      response('200 OK', ['Content-Length: 2', 'Connection: keep-alive'], 'ab'),
    ],
  ])('answers HTTP/1.0 %s', (_title, build, wire) => {
    expect(written(build, 'GET', 0)).toBe(wire);
  });

  it.each<[title: string, build: (res: Response) => unknown, wire: string]>([
    ['2xx by a head without framing', (res) => res.send(), response('200 OK', ['Connection: close'])],
    [
      '2xx and what follows it',
      (res) => {
        void res.write('a');
        res.end();
      },
      response('200 OK', ['Connection: close'], 'a'),
    ],
    [
      'another status as any',
      (res) => res.setStatus(403).send('no'),
      response('403 Forbidden', [TEXT, 'Content-Length: 2'], 'no'),
    ],
  ])('answers CONNECT with %s', (_title, build, wire) => {
    expect(written(build, 'CONNECT')).toBe(wire);
  });

  it('says Connection: close where the connection will not persist', () => {
    const sink = new Sink();
    sink.isPersistent = false;
    new Response(sink, 'GET', 1).send('hi');
    expect(undated(sink.bytes)).toBe(lastText('hi'));
    expect(sink.finished).toBe(false);
  });

  it.each<[title: string, build: (res: Response) => unknown, message: string]>([
    ['a second time', (res) => res.send().send(), 'send: the response was already sent'],
    [
      'more than was declared',
      (res) => res.setContentLength(1).send('hi'),
      'send: Content-Length was declared as 1, the content has 2 bytes',
    ],
    [
      'less than was declared',
      (res) => res.setContentLength(3).send('hi'),
      'send: Content-Length was declared as 3, the content has 2 bytes',
    ],
    [
      'nothing where something was declared',
      (res) => res.setContentLength(3).send(),
      'send: Content-Length was declared as 3, the content has 0 bytes',
    ],
  ])('refuses to send %s', (_title, build, message) => {
    expect(() => written(build)).toThrow(message);
  });

  it.each<[value: unknown, type: string]>([
    [undefined, 'undefined'],
    [() => {}, 'function'],
    [Symbol('a'), 'symbol'],
  ])('refuses to send %s as JSON', (value, type) => {
    expect(() => written((res) => res.json(value))).toThrow(new TypeError(`json: ${type} cannot be sent as JSON`));
  });

  it('refuses JSON of a cycle or a big integer, and can still answer', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const value of [cycle, 1n]) {
      expect(
        written((res) => {
          expect(() => res.json(value)).toThrow(TypeError);
          expect(res.hasSent()).toBe(false);
          res.reset();
          res.send('ok');
        }),
      ).toBe(text('ok'));
    }
  });
});

describe('the head', () => {
  it.each([199, 600, 0, 100, 200.5, Number.NaN, '200' as never])('refuses the status %s', (status) => {
    expect(() => written((res) => res.setStatus(status))).toThrow(
      new RangeError(`setStatus: a final status is a whole number from 200 to 599, got ${status}`),
    );
  });

  const injections = [
    ['CR', 'a\rb'],
    ['LF', 'a\nb'],
    ['CR LF', 'a\r\nSet-Cookie: b'],
    ['NUL', 'a\0b'],
    ['a control character', 'a\x1bb'],
    ['DEL', 'a\x7fb'],
    // Written as latin1 these would be CR and LF (CVE-2016-2216).
    ['U+010D', 'a\u010db'],
    ['U+010A', 'a\u010ab'],
    ['a character over U+00FF', 'a\u0100b'],
    ['half a surrogate pair', 'a\ud83d'],
  ] as const;

  it.each(injections)('refuses %s wherever it could end a line, and sends none of it', (_title, value) => {
    const bytes = written((res) => {
      const attempts = [
        () => res.addHeader('X', value),
        () => res.addHeader(value, 'x'),
        () => res.setHeader('X', value),
        () => res.setHeader(value, 'x'),
        () => res.setContentType(value),
        () => res.addHeader('Content-Type', value),
        () => res.addHeader('Connection', value),
        () => res.setStatus(200, value),
      ];
      for (const attempt of attempts) expect(attempt).toThrow(TypeError);
      res.send();
    });
    expect(bytes).toBe(response('200 OK', ['Content-Length: 0']));
  });

  it.each(['', ' ', 'a b', 'a:', 'a\tb', '(a)', 'é'])('refuses the field name %j', (name) => {
    expect(() => written((res) => res.addHeader(name, 'x'))).toThrow(TypeError);
  });

  it('writes latin1 values byte for byte', () => {
    expect(written((res) => res.addHeader('X', 'a\tÿ').send())).toBe(
      response('200 OK', ['X: a\tÿ', 'Content-Length: 0']),
    );
  });

  it.each(['chunked', 'gzip', ''])('leaves Transfer-Encoding to the framing, whatever the value: %j', (value) => {
    expect(() => written((res) => res.addHeader('transfer-encoding', value))).toThrow(
      'addHeader: Transfer-Encoding is set by the response itself',
    );
  });

  it('takes no Connection but close', () => {
    expect(() => written((res) => res.addHeader('Connection', 'keep-alive'))).toThrow(
      'addHeader: Connection may be "close", got "keep-alive"',
    );
  });

  it.each(['', '-1', '1.5', '0x5', '5 ', '+5', '9007199254740992'])('refuses the Content-Length %j', (value) => {
    expect(() => written((res) => res.addHeader('Content-Length', value))).toThrow(RangeError);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses the declared length %d', (length) => {
    expect(() => written((res) => res.setContentLength(length))).toThrow(RangeError);
  });

  it('gives back what was set', () => {
    const res = new Response(new Sink(), 'GET', 1);
    for (const name of ['X', 'Content-Type', 'Content-Length']) expect(res.getHeader(name)).toBeUndefined();
    res.addHeader('X', '1').addHeader('x', '2').addHeader('Content-Type', 'a/b').addHeader('Content-Length', '3');
    expect(res.getHeader('x')).toBe('1, 2');
    expect(res.getHeader('content-type')).toBe('a/b');
    expect(res.getHeader('CONTENT-LENGTH')).toBe('3');
    res.removeHeader('Content-Type').removeHeader('Content-Length').removeHeader('X');
    for (const name of ['X', 'Content-Type', 'Content-Length']) expect(res.getHeader(name)).toBeUndefined();
  });

  it('lists what was set line by line', () => {
    const res = new Response(new Sink(), 'GET', 1).addHeader('Set-Cookie', 'a=1, 2').addHeader('set-cookie', 'b=2');
    res.setContentType('a/b').setContentLength(3).addHeader('Connection', 'close').addHeader('Date', 'then');
    expect([...res.fields()]).toEqual([
      ['date', 'then'],
      ['content-type', 'a/b'],
      ['content-length', '3'],
      ['connection', 'close'],
      ['set-cookie', 'a=1, 2'],
      ['set-cookie', 'b=2'],
    ]);
  });

  it('cannot be changed once sent', () => {
    const res = new Response(new Sink(), 'GET', 1).send();
    const changes: Record<string, () => unknown> = {
      setStatus: () => res.setStatus(200),
      addHeader: () => res.addHeader('A', 'b'),
      removeHeader: () => res.removeHeader('A'),
      setContentType: () => res.setContentType('a/b'),
      setContentLength: () => res.setContentLength(1),
      appendBody: () => res.appendBody('a'),
      send: () => res.send(),
      events: () => res.events(),
    };
    for (const [member, change] of Object.entries(changes)) {
      expect(change).toThrow(new Error(`${member}: the response was already sent`));
    }
  });
});

describe('what a response tells of itself', () => {
  it('follows it from open to ended', () => {
    const res = new Response(new Sink(), 'GET', 1);
    const state = () => [res.hasStatus, res.hasBody, res.hasSent(), res.hasEnded(), res.status, res.bytesSent];
    expect(state()).toEqual([false, false, false, false, 200, 0]);
    res.setStatus(201).appendBody('a');
    expect(state()).toEqual([true, true, false, false, 201, 0]);
    void res.write('é');
    expect(state()).toEqual([true, false, true, false, 201, 3]);
    res.end();
    expect(state()).toEqual([true, false, true, true, 201, 3]);
  });

  it('calls finish listeners once, at once where it has ended', () => {
    const sink = new Sink();
    const res = new Response(sink, 'GET', 1);
    const calls: string[] = [];
    res.onFinish((ended) => calls.push(`a ${ended === res} ${sink.finished}`)).onFinish(() => calls.push('b'));
    res.send();
    res.cutOff();
    res.onFinish(() => calls.push('late'));
    expect(calls).toEqual(['a true true', 'b', 'late']);
  });

  it('is cut off when the client leaves: nothing more is sent, nothing throws', async () => {
    const sink = new Sink();
    const res = new Response(sink, 'GET', 1);
    let finished = 0;
    res.onFinish(() => finished++);
    res.cutOff();
    expect([res.hasSent(), res.hasEnded(), finished]).toEqual([true, true, 1]);
    res.setStatus(404).addHeader('A', 'b').setContentType('a/b').setContentLength(1).appendBody('a');
    expect(res.write('a')).toBeUndefined();
    res.send('a').end();
    res.destroy();
    expect([sink.bytes, sink.finished, sink.isDestroyed]).toEqual(['', undefined, false]);
  });

  it('forgets the content and what described it on reset, and keeps the rest', () => {
    const bytes = written((res) => {
      res.setStatus(201, 'Mine').setContentType('a/b').setContentLength(9).appendBody('abc');
      res.addHeader('ETag', '"a"').addHeader('Cache-Control', 'max-age=9').addHeader('Last-Modified', 'x');
      res.addHeader('Content-Encoding', 'gzip').addHeader('Content-Disposition', 'inline').addHeader('Expires', 'x');
      res.addHeader('Content-Language', 'en').addHeader('Content-Location', '/').addHeader('Content-Range', 'x');
      res.addHeader('Access-Control-Allow-Origin', '*').addHeader('Vary', 'Origin').addHeader('Connection', 'close');
      res.reset();
      res.send();
    });
    expect(bytes).toBe(
      response('200 OK', ['Access-Control-Allow-Origin: *', 'Vary: Origin', 'Content-Length: 0', 'Connection: close']),
    );
  });
});

describe('write', () => {
  it('sends the head, then a chunk a piece, then the last chunk', () => {
    expect(
      written((res) => {
        void res.write('hello');
        void res.write('');
        void res.write(Buffer.alloc(16, 'a'));
        void res.write('é');
        res.end().end();
      }),
    ).toBe(
      response(
        '200 OK',
        ['Transfer-Encoding: chunked'],
        `5\r\nhello\r\n10\r\n${'a'.repeat(16)}\r\n2\r\nÃ©\r\n0\r\n\r\n`,
      ),
    );
  });

  it('sends what was appended first', () => {
    const bytes = written((res) => {
      void res.appendBody('a').write('b');
      res.end();
    });
    expect(bytes).toBe(response('200 OK', ['Transfer-Encoding: chunked'], '1\r\na\r\n1\r\nb\r\n0\r\n\r\n'));
  });

  it('sends no chunks under a declared length', () => {
    const bytes = written((res) => {
      void res.setContentLength(3).write('ab');
      void res.write('c');
      res.end();
    });
    expect(bytes).toBe(response('200 OK', ['Content-Length: 3'], 'abc'));
  });

  it.each([204, 304])('sends no content with %d', (status) => {
    const bytes = written((res) => {
      void res.setStatus(status).write('ab');
      res.end();
    });
    expect(bytes).toMatch(/^HTTP\/1\.1 \d+ [\w ]+\r\nDate: -\r\n\r\n$/);
  });

  it('ends 304 under the length of what it does not send', () => {
    const bytes = written((res) => {
      void res.setStatus(304).setContentLength(9).write('ab');
      res.end();
    });
    expect(bytes).toBe(response('304 Not Modified', ['Content-Length: 9']));
  });

  it('cuts the response off where it is more than declared', () => {
    const sink = new Sink();
    const res = new Response(sink, 'GET', 1).setContentLength(3);
    void res.write('ab');
    expect(() => res.write('cd')).toThrow('write: more content than the declared Content-Length of 3');
    expect([sink.isDestroyed, sink.finished]).toEqual([true, undefined]);
    expect(sink.bytes).not.toContain('cd');
  });

  it('cuts the response off where it ends with less than declared', () => {
    const sink = new Sink();
    const res = new Response(sink, 'GET', 1).setContentLength(3);
    void res.write('ab');
    expect(() => res.end()).toThrow('end: 2 bytes were sent of a declared Content-Length of 3');
    expect([sink.isDestroyed, sink.finished]).toEqual([true, undefined]);
  });

  it('throws after the end', () => {
    const res = new Response(new Sink(), 'GET', 1).send();
    expect(() => res.write('a')).toThrow('write: the response has already ended');
  });

  it('gives a promise only where the client is slow', async () => {
    const sink = new Sink();
    const res = new Response(sink, 'GET', 1);
    expect(res.write('a')).toBeUndefined();
    sink.hasRoom = false;
    expect(await res.write('b')).toBeUndefined();
    expect(res.write('c')).toBeInstanceOf(Promise);
  });
});

describe.each(TRANSPORTS)('stream over %s', (transport) => {
  const opening = response('200 OK', [BYTES, 'Transfer-Encoding: chunked']);

  it.each([
    [
      'an async generator',
      () =>
        (async function* () {
          yield 'a';
          yield Buffer.from('bc');
        })(),
    ],
    ['a Readable', () => Readable.from([Buffer.from('a'), Buffer.from('bc')])],
    [
      'a ReadableStream',
      () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue('a');
            controller.enqueue(Buffer.from('bc'));
            controller.close();
          },
        }),
    ],
  ])('sends %s to its end', async (_title, source) => {
    const { exchange } = await serve((server) => server.get('/', (_req, res) => res.stream(source())), {}, transport);
    expect(undated(await exchange(request('GET /')))).toBe(`${opening}1\r\na\r\n2\r\nbc\r\n0\r\n\r\n`);
  });

  it('keeps the type and the length that were set', async () => {
    const { exchange } = await serve(
      (server) =>
        server.get('/', (_req, res) =>
          res
            .setContentType('a/b')
            .setContentLength(3)
            .stream(Readable.from(['abc'])),
        ),
      {},
      transport,
    );
    expect(undated(await exchange(request('GET /')))).toBe(
      response('200 OK', ['Content-Type: a/b', 'Content-Length: 3'], 'abc'),
    );
  });

  it('cancels each kind of source when the client leaves', async () => {
    const cancelled: string[] = [];
    async function* forever() {
      try {
        for (;;) yield 'x'.repeat(1000);
      } finally {
        cancelled.push('generator');
      }
    }
    const readable = new Readable({
      read() {
        this.push('x'.repeat(1000));
      },
    });
    readable.on('close', () => cancelled.push('Readable'));
    const web = new ReadableStream<string>({
      pull(controller) {
        controller.enqueue('x'.repeat(1000));
      },
      cancel() {
        cancelled.push('ReadableStream');
      },
    });
    const { connect } = await serve(
      (server) =>
        server
          .get('/generator', (_req, res) => res.stream(forever()))
          .get('/Readable', (_req, res) => res.stream(readable))
          .get('/ReadableStream', (_req, res) => res.stream(web)),
      {},
      transport,
    );
    for (const kind of ['generator', 'Readable', 'ReadableStream']) {
      const client = (await connect()).send(request(`GET /${kind}`));
      await client.until('x\r\n');
      client.destroy();
      await eventually(() => cancelled.includes(kind), `the ${kind} is cancelled`);
    }
    expect(cancelled).toEqual(['generator', 'Readable', 'ReadableStream']);
  });

  it('destroys the connection and logs where the source fails', async () => {
    async function* failing() {
      yield 'a';
      throw new Error('disk gone');
    }
    const { connect, log } = await serve(
      (server) => server.get('/', (_req, res) => res.stream(failing())),
      {},
      transport,
    );
    const client = (await connect()).send(request('GET /'));
    const bytes = undated(await client.all());
    expect(`${opening}1\r\na\r\n`.startsWith(bytes)).toBe(true);
    expect(log).toMatchObject([
      {
        level: 'error',
        message: 'A request failed while its answer was sent',
        fields: { err: { message: 'disk gone' } },
      },
    ]);
  });
});

describe('stream', () => {
  it('stops the source while the client reads nothing, and goes on when it does', async () => {
    let produced = 0;
    async function* source() {
      for (; produced < 300; produced++) yield Buffer.alloc(10_000, 'x');
    }
    const { connect } = await serve((server) => server.get('/', (_req, res) => res.stream(source())));
    const client = await connect();
    client.duplex.pause();
    client.send(request('GET /'));
    await settled();
    const stopped = produced;
    expect(stopped).toBeGreaterThan(0);
    expect(stopped).toBeLessThan(50);
    await settled();
    expect(produced).toBe(stopped);
    client.duplex.resume();
    await client.until('0\r\n\r\n');
    expect(produced).toBe(300);
  });

  it('stops a source that is awaited for ever', async () => {
    let isCancelled = false;
    const source = new ReadableStream({
      cancel() {
        isCancelled = true;
      },
    });
    const { connect } = await serve((server) => server.get('/', (_req, res) => res.stream(source)));
    const client = (await connect()).send(request('GET /'));
    await client.until('\r\n\r\n');
    client.destroy();
    await eventually(() => isCancelled, 'the source is cancelled');
  });

  it.each(['HEAD / a', 'GET /304 b'])('does not run a source whose content is not sent: %s', async (line) => {
    let produced = 0;
    let isClosed = false;
    async function* endless() {
      try {
        for (;;) {
          produced++;
          yield 'x';
        }
      } finally {
        isClosed = true;
      }
    }
    const [method, path] = line.split(' ');
    const { connect } = await serve((server) =>
      server
        .get('/', (_req, res) => res.stream(endless()))
        .get('/304', (_req, res) => res.setStatus(304).stream(endless()))
        .get('/next', (_req, res) => void res.send('next')),
    );
    const client = (await connect()).send(request(`${method} ${path}`) + request('GET /next'));
    await client.response(true);
    expect(undated(await client.response())).toBe(text('next'));
    expect(produced).toBeLessThanOrEqual(1);
    expect(produced === 0 || isClosed).toBe(true);
  });

  it('cancels the source where it gives more than declared', async () => {
    let isClosed = false;
    async function* source() {
      try {
        for (;;) yield 'abc';
      } finally {
        isClosed = true;
      }
    }
    const { exchange, log } = await serve((server) =>
      server.get('/', (_req, res) => res.setContentLength(4).stream(source())),
    );
    expect(await exchange(request('GET /'))).not.toContain('abcabc');
    await eventually(() => isClosed, 'the source is cancelled');
    expect(log[0].fields.err).toEqual(new Error('write: more content than the declared Content-Length of 4'));
  });

  it('lets go of a source that comes after the end', async () => {
    const source = new Readable({ read() {} });
    const { exchange, log } = await serve((server) => server.get('/', (_req, res) => res.send('done').stream(source)));
    expect(undated(await exchange(request('GET /') + request('GET /')))).toBe(text('done') + text('done'));
    expect(source.destroyed).toBe(true);
    expect(log[0].fields.err).toEqual(new Error('stream: the response has already ended'));
  });

  it('refuses what cannot be streamed, and the error is answered', async () => {
    const { exchange, log } = await serve((server) => server.get('/', (_req, res) => res.stream(5 as never)));
    expect(undated(await exchange(request('GET /')))).toBe(problem('500 Internal Server Error', { ref: REF }));
    expect(log).toHaveLength(1);
  });
});

describe('a response over a connection', () => {
  it.each<[title: string, handler: (res: Response) => unknown, log: string, sent: string]>([
    [
      'send differs from what was declared',
      (res) => res.setContentLength(5).send('abc'),
      'send: Content-Length was declared as 5, the content has 3 bytes',
      problem('500 Internal Server Error', { ref: REF }),
    ],
    [
      'less than declared is written',
      (res) => {
        void res.setContentLength(5).write('abc');
        res.end();
      },
      'end: 3 bytes were sent of a declared Content-Length of 5',
      '',
    ],
    [
      'more than declared is written',
      (res) => {
        void res.setContentLength(2).write('abc');
      },
      'write: more content than the declared Content-Length of 2',
      '',
    ],
    [
      'a handler leaves less than it declared',
      (res) => {
        void res.setContentLength(5).write('abc');
      },
      'end: 3 bytes were sent of a declared Content-Length of 5',
      '',
    ],
  ])('never frames wrongly: %s', async (_title, handler, message, sent) => {
    const { connect, log } = await serve((server) =>
      server.get('/', (_req, res) => {
        handler(res);
      }),
    );
    const client = (await connect()).send(request('GET /'));
    if (sent === '') {
      // Cut off: what a client may have got is an unfinished message.
      const bytes = await client.all();
      expect(bytes === '' || /Content-Length: \d+\r\n\r\n[abc]{0,3}$/.test(bytes)).toBe(true);
      expect(client.closed).toBe(true);
    } else {
      expect(undated(await client.response())).toBe(sent);
    }
    expect(log.map(({ fields }) => (fields.err as Error).message)).toEqual([message]);
  });

  it('is cut off by destroy', async () => {
    const { connect, log } = await serve((server) => server.get('/', (_req, res) => res.destroy()));
    const client = (await connect()).send(request('GET /'));
    expect(await client.all()).toBe('');
    expect(log).toEqual([]);
  });

  it('stays open after its handler where it is held open', async () => {
    const { connect } = await serve((server) =>
      server.get('/', (_req, res) => {
        res.holdOpen = true;
        setImmediate(() => res.send('later'));
      }),
    );
    const client = (await connect()).send(request('GET /'));
    expect(undated(await client.response())).toBe(text('later'));
  });

  it.each<[title: string, handler: (res: Response) => unknown, wire: string]>([
    ['nothing is 204', () => {}, response('204 No Content', [])],
    ['a status is that status', (res) => res.setStatus(201), response('201 Created', ['Content-Length: 0'])],
    ['appended content is 200', (res) => res.appendBody('a'), text('a')],
    [
      'written pieces are ended',
      (res) => {
        void res.write('a');
      },
      response('200 OK', ['Transfer-Encoding: chunked'], '1\r\na\r\n0\r\n\r\n'),
    ],
  ])('is ended for a handler that does not: %s', async (_title, handler, wire) => {
    for (const isAsync of [false, true]) {
      const { connect } = await serve((server) =>
        server.get('/', (_req, res) => {
          if (isAsync) return Promise.resolve().then(() => void handler(res));
          return void handler(res);
        }),
      );
      const client = (await connect()).send(request('GET /'));
      expect(undated(await client.response())).toBe(wire);
    }
  });

  it('tells a listener of its end that throws to the log, when the client has left too', async () => {
    const { connect, log, exchange } = await serve((server) =>
      server.get('/:how', (req, res) => {
        res.onFinish(() => {
          throw new Error(`listener ${req.params.how}`);
        });
        if (req.params.how === 'sent') res.send('a');
        else res.holdOpen = true;
      }),
    );
    expect(undated(await exchange(request('GET /sent')))).toBe(text('a'));
    const client = (await connect()).send(request('GET /gone'));
    await settled();
    client.destroy();
    await once(client.duplex, 'close');
    await eventually(() => log.length === 2, 'both are logged');
    expect(log.map(({ fields }) => (fields.err as Error).message)).toEqual(['listener sent', 'listener gone']);
  });
});
