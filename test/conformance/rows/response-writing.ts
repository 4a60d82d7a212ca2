/** Rows of what a handler can make a server write (RFC 9112 §4, §5, §6, §11.1). */

import { HttpError } from '../../../src/http/http-error.js';
import type { Response } from '../../../src/http/response.js';
import { type Answer, type Answerer, get, head, post, type Row, SMUGGLED } from '../support/row.js';

const NEXT = get('/next');

/** `/next` is answered by `next`; everything else by `answer`. */
const first =
  (answer: Answer): Answer =>
  (req, res, saw) =>
    req.url.path === '/next' ? res.send('next') : answer(req, res, saw);

/** Nothing of the first answer leaves: it is a 500 that is logged, and the connection is in step. */
const fails = (title: string, rfc: string, answer: Answer, extra?: Partial<Row>): Row => ({
  title,
  rfc,
  wire: get('/a') + NEXT,
  by: first(answer),
  statuses: [500, 200],
  after: 'open',
  seen: ['GET /a', 'GET /next'],
  contents: [/^\{"title":"Internal Server Error","status":500,"ref":"[\da-f-]{36}"\}$/, 'next'],
  logged: 1,
  lacks: [/\r\nInjected/, 'injected', '\0', '\x1b', '\x7f'],
  ...extra,
});

/** The first answer is sent as it is, and the next one is in step. */
const sends = (title: string, rfc: string, answer: Answerer, content: string | RegExp, extra?: Partial<Row>): Row => ({
  title,
  rfc,
  wire: get('/a') + NEXT,
  by: typeof answer === 'function' ? first(answer) : answer,
  statuses: [200, 200],
  after: 'open',
  seen: ['GET /a', 'GET /next'],
  contents: [content, 'next'],
  lacks: [/\r\nInjected/],
  ...extra,
});

/** The head has left, so the connection is cut in the middle of the content, and the error logged. */
const cuts = (title: string, rfc: string, answer: Answer, extra?: Partial<Row>): Row => ({
  title,
  rfc,
  wire: get('/a') + SMUGGLED,
  by: answer,
  statuses: [200],
  after: 'closed',
  isCut: true,
  isSilent: true,
  seen: ['GET /a'],
  logged: 1,
  lacks: ['smuggled', /\r\nInjected/],
  ...extra,
});

/** What would end a line, or a head, if it were written as it is. */
const SPLITTERS: readonly (readonly [name: string, text: string])[] = [
  ['CR LF', 'a\r\nInjected: 1'],
  ['a bare CR', 'a\rInjected: 1'],
  ['a bare LF', 'a\nInjected: 1'],
  ['a NUL', 'a\0b'],
  ['a second response', 'a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ninjected'],
  ['characters whose low bytes are CR LF', 'a\u010d\u010aInjected: 1'],
  ['characters whose low bytes are CR LF, from beyond the first plane', 'a\u{1f60d}\u560d\u560aInjected: 1'],
  ['an escape character', 'a\x1b[2J'],
  ['a DEL', 'a\x7f'],
];

/** Where a handler can put text into a head. */
const PLACES: readonly (readonly [name: string, rfc: string, put: (res: Response, text: string) => unknown])[] = [
  ['a field value', 'CVE-2017-18587', (res, text) => res.addHeader('X-A', text)],
  ['a field value that replaces another', '9110 §5.5', (res, text) => res.setHeader('X-A', 'b').setHeader('X-A', text)],
  ['a field name', '9110 §5.6.2', (res, text) => res.addHeader(text, 'b')],
  ['a reason phrase', 'CVE-2016-5325', (res, text) => res.setStatus(200, text)],
  ['a content type', '9110 §8.3', (res, text) => res.setContentType(text)],
  ['a date', '9110 §6.6.1', (res, text) => res.setHeader('Date', text)],
  ['a cookie', 'RFC 6265 §4.1', (res, text) => res.addHeader('Set-Cookie', `session=${text}; HttpOnly`)],
  ['a redirect target', '9110 §10.2.2', (res, text) => res.setStatus(302).setHeader('Location', `/to/${text}`)],
  [
    'a file name',
    'RFC 6266 §4.1',
    (res, text) => res.setHeader('Content-Disposition', `attachment; filename="${text}"`),
  ],
  ['a challenge', '9110 §11.6.1', (res, text) => res.setHeader('WWW-Authenticate', `Basic realm="${text}"`)],
];

/** What is no text: JavaScript would make it one when it is joined to a head. */
const liar = (text: string) => ({ length: 1, charCodeAt: () => 0x61, toString: () => text }) as unknown as string;
const LIE = liar('a\r\nInjected: 1');
const wrong = <T>(value: unknown) => value as T;

/** Routes that put what a client sent into a head, as applications do. */
const ECHOING: Answerer = {
  routes: (server) =>
    server
      .get('/to/:where', (req, res) => void res.setStatus(302).setHeader('Location', `/${req.params.where}`).send())
      .get('/query', (req, res) => void res.setHeader('X-A', req.url.query.get('a') ?? '').send('ok'))
      .get('/field', (req, res) => void res.setHeader('X-A', req.headers.get('x-a') ?? '').send('ok'))
      .get('/name', (req, res) => void res.setHeader(req.url.query.get('a') ?? '', 'b').send('ok')),
};

const echoes = (title: string, rfc: string, wire: string, status: number, extra?: Partial<Row>): Row => ({
  title,
  rfc,
  wire,
  by: ECHOING,
  statuses: [status],
  after: 'open',
  seen: [`GET ${wire.slice(4, wire.indexOf(' HTTP/'))}`],
  logged: status === 500 ? 1 : 0,
  lacks: [/\r\nInjected/],
  ...extra,
});

const events = (title: string, answer: Answer, content: string, extra?: Partial<Row>): Row => ({
  title,
  rfc: 'HTML §9.2.6',
  wire: get('/a') + NEXT,
  by: first(answer),
  statuses: [200, 200],
  after: 'open',
  seen: ['GET /a', 'GET /next'],
  contents: [content, 'next'],
  ...extra,
});
const QUIET = { keepAlive: false } as const;

export const RESPONSE_WRITING: readonly Row[] = [
  ...PLACES.flatMap(([place, rfc, put]) =>
    SPLITTERS.map(([name, text]) =>
      fails(`does not let ${name} into ${place}`, rfc, (_req, res) => {
        put(res, text);
        res.send('ok');
      }),
    ),
  ),
  ...SPLITTERS.map(([name, text]) =>
    fails(`does not let ${name} into a field of an HttpError`, '9110 §5.5', () => {
      throw new HttpError('no', 401, { headers: { 'WWW-Authenticate': text } });
    }),
  ),
  ...SPLITTERS.slice(0, 5).flatMap(([name, text]) =>
    (['id', 'event'] as const).map((field) =>
      cuts(`does not let ${name} into the ${field} of an event`, 'HTML §9.2.6', (_req, res) => {
        const stream = res.events(QUIET);
        void stream.send({ [field]: text, data: 'b' });
        stream.close();
      }),
    ),
  ),

  // Text that is not text
  fails('does not let an object that turns into CR LF be a field value', 'CVE-2016-2216', (_req, res) =>
    res.setHeader('X-A', LIE).send(),
  ),
  fails('does not let an object that turns into CR LF be a field name', 'CVE-2016-2216', (_req, res) =>
    res.setHeader(LIE, 'a').send(),
  ),
  fails('does not let an object that turns into CR LF be a reason phrase', 'CVE-2016-5325', (_req, res) =>
    res.setStatus(200, LIE).send(),
  ),
  fails('does not let an object that turns into CR LF be a content type', '9110 §8.3', (_req, res) =>
    res.setContentType(LIE).send(),
  ),
  fails('does not let an array be a field value', 'CVE-2023-23936', (_req, res) =>
    res.setHeader('X-A', wrong(['a\r\nInjected: 1'])).send(),
  ),
  fails('does not send a number', '9112 §6', (_req, res) => res.send(wrong(5))),
  fails('does not send an object', '9112 §6', (_req, res) => res.send(wrong({ length: 3 }))),
  fails('does not send an array', '9112 §6', (_req, res) => res.send(wrong(['abc']))),
  fails('does not send elements of more than one byte', '9112 §6', (_req, res) => res.send(wrong(new Uint16Array(4)))),
  fails('does not send an ArrayBuffer', '9112 §6', (_req, res) => res.send(wrong(new ArrayBuffer(4)))),
  fails('does not send a promise', '9112 §6', (_req, res) => res.send(wrong(Promise.resolve('a')))),
  fails('does not append an object', '9112 §6', (_req, res) => res.appendBody(wrong({ length: 3 })).send()),
  fails('does not stream a number', '9112 §6', (_req, res) => void res.write(wrong(5))),
  fails(
    'does not stream elements of more than one byte',
    '9112 §6',
    (_req, res) => void res.write(wrong(new Uint16Array(4))),
  ),
  cuts('does not stream an object behind text', '9112 §8', async (_req, res) => {
    await res.write('a');
    await res.write(wrong({ length: 3 }));
  }),
  cuts('does not let an object that turns into lines be the id of an event', 'HTML §9.2.6', (_req, res) => {
    void res.events(QUIET).send({ id: liar('a\ndata: Injected'), data: 'b' });
  }),

  // Framing
  fails('does not let a handler choose Transfer-Encoding', '9112 §6.1', (_req, res) =>
    res.setHeader('Transfer-Encoding', 'chunked').send('a'),
  ),
  fails('does not let a handler choose identity', '9112 §6.1', (_req, res) =>
    res.addHeader('transfer-encoding', 'identity').send('a'),
  ),
  fails('does not let a handler keep a connection alive', '9112 §9.3', (_req, res) =>
    res.setHeader('Connection', 'keep-alive').send('a'),
  ),
  fails('does not let a handler list options of the connection', '9110 §7.6.1', (_req, res) =>
    res.setHeader('Connection', 'close, X-A').send('a'),
  ),
  ...['abc', '', '-1', '+1', '1.0', '1e1', '0x1', '1, 1', '9007199254740992'].map((length) =>
    fails(`does not let Content-Length be ${JSON.stringify(length)}`, '9110 §8.6', (_req, res) =>
      res.setHeader('Content-Length', length).send('a'),
    ),
  ),
  ...[99, 600, 1000, 200.5, Number.NaN, -200].map((status) =>
    fails(`does not let a status be ${status}`, '9110 §15', (_req, res) => res.setStatus(status).send('a')),
  ),
  fails('does not send less than its Content-Length', '9112 §8', (_req, res) => res.setContentLength(5).send('abc')),
  fails('does not send more than its Content-Length', '9112 §6.3', (_req, res) =>
    res.setContentLength(3).send(`abc${SMUGGLED}`),
  ),
  fails('does not send characters for bytes under Content-Length', '9110 §8.6', (_req, res) =>
    res.setContentLength(1).send('é'),
  ),
  fails('does not send nothing under Content-Length', '9112 §8', (_req, res) => res.setContentLength(3).send()),
  fails(
    'does not send nothing where a handler forgets to send',
    '9112 §8',
    (_req, res) => void res.setContentLength(3),
  ),
  cuts('cuts a stream that ends before its Content-Length', '9112 §8', async (_req, res) => {
    res.setContentLength(5);
    await res.write('abc');
    res.end();
  }),
  cuts('cuts a stream whose handler returns before its Content-Length', '9112 §8', async (_req, res) => {
    res.setContentLength(5);
    await res.write('abc');
  }),
  cuts('cuts a stream that goes beyond its Content-Length', '9112 §6.3', async (_req, res) => {
    res.setContentLength(3);
    await res.write('ab');
    await res.write(`c${SMUGGLED}`);
  }),
  cuts('cuts a source that gives less than its Content-Length', '9112 §8', async (_req, res) => {
    res.setContentLength(5);
    await res.stream(
      (async function* () {
        yield 'abc';
      })(),
    );
  }),
  cuts('cuts a source that gives more than its Content-Length', '9112 §6.3', async (_req, res) => {
    res.setContentLength(3);
    await res.stream(
      (async function* () {
        yield 'ab';
        yield 'cd';
      })(),
    );
  }),
  cuts(
    'cuts chunks whose source fails, without a last one',
    '9112 §8',
    async (_req, res) => {
      await res.stream(
        (async function* () {
          yield 'ab';
          throw new Error('source');
        })(),
      );
    },
    { lacks: ['0\r\n\r\n'] },
  ),
  sends('sends exactly its Content-Length', '9110 §8.6', (_req, res) => res.setContentLength(3).send('abc'), 'abc'),
  sends(
    'counts bytes, not characters',
    '9110 §8.6',
    (_req, res) => res.send('é€'),
    Buffer.from('é€').toString('latin1'),
    {
      has: ['Content-Length: 5'],
    },
  ),
  sends('sends half a surrogate pair as U+FFFD', '9110 §8.6', (_req, res) => res.send('\ud800'), '\xef\xbf\xbd', {
    has: ['Content-Length: 3'],
  }),
  sends(
    'sends chunks that look like a last chunk',
    '9112 §7.1',
    async (_req, res) => {
      await res.write('0\r\n\r\n');
      await res.write(`\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`);
    },
    '0\r\n\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
  ),
  sends(
    'sends no empty chunk before the last',
    '9112 §7.1',
    async (_req, res) => {
      await res.write('a');
      await res.write('');
      await res.write(new Uint8Array());
      await res.write('b');
    },
    'ab',
  ),
  sends(
    'sends content that looks like a response',
    'response splitting',
    (_req, res) => res.send('\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'),
    '\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
  ),
  sends(
    'sends latin1 in a field as it is',
    '9110 §5.5',
    (_req, res) => res.setHeader('X-A', 'caf\xe9').send('ok'),
    'ok',
    { has: ['X-A: caf\xe9'] },
  ),
  sends(
    'sends a Date of the handler instead of its own',
    '9110 §6.6.1',
    (_req, res) => res.setHeader('Date', 'Thu, 01 Jan 1970 00:00:00 GMT').send('ok'),
    'ok',
    {
      has: ['Date: Thu, 01 Jan 1970 00:00:00 GMT'],
    },
  ),

  // Second answers
  sends('logs a second answer, and does not send it', '9112 §9.2', (_req, res) => res.send('one').send('two'), 'one', {
    logged: 1,
    lacks: ['two'],
  }),
  sends(
    'logs an error after an answer, and does not send it',
    '9112 §9.2',
    (_req, res) => {
      res.send('one');
      throw new Error('two');
    },
    'one',
    { logged: 1, lacks: ['two'] },
  ),
  sends(
    'logs a field that comes after the answer',
    '9112 §9.2',
    (_req, res) => {
      res.send('one');
      res.setHeader('X-Two', '2');
    },
    'one',
    { logged: 1, lacks: ['X-Two'] },
  ),
  sends(
    'logs content that comes after the end',
    '9112 §9.2',
    async (_req, res) => {
      await res.write('one');
      res.end();
      await res.write('two');
    },
    'one',
    { logged: 1, lacks: ['two'] },
  ),
  sends(
    'sends the later of two answers prepared',
    '9112 §9.2',
    (_req, res) => {
      res.setStatus(404).setHeader('X-A', 'one').setHeader('X-A', 'two').setStatus(200).send('two');
    },
    'two',
    { has: ['X-A: two'], lacks: ['one'] },
  ),

  // What clients send, put into heads
  echoes(
    'does not let an escaped CR LF of a path into a redirect',
    'response splitting',
    get('/to/a%0d%0aInjected:%201'),
    500,
  ),
  echoes(
    'does not let an escaped LF of a path into a redirect',
    'response splitting',
    get('/to/a%0aInjected:%201'),
    500,
  ),
  echoes('does not let an escaped NUL of a path into a redirect', 'response splitting', get('/to/a%00b'), 500),
  echoes(
    'does not let U+560D U+560A of a path into a redirect',
    'CVE-2016-2216',
    get('/to/a%E5%98%8D%E5%98%8AInjected:%201'),
    500,
  ),
  echoes(
    'does not let U+010D U+010A of a query into a field',
    'CVE-2016-2216',
    get('/query?a=%C4%8D%C4%8AInjected:%201'),
    500,
  ),
  echoes(
    'does not let an escaped CR LF of a query into a field',
    'response splitting',
    get('/query?a=b%0d%0aInjected:%201'),
    500,
  ),
  echoes('does not let a form feed of a query into a field', '9110 §5.5', get('/query?a=b%0cc'), 500),
  echoes('does not let a query name a field badly', '9110 §5.6.2', get('/name?a=b:%20c%0d%0aInjected'), 500),
  echoes('does not let a query name an empty field', '9110 §5.6.2', get('/name?a='), 500),
  echoes('does not let a query choose Transfer-Encoding', '9112 §6.1', get('/name?a=transfer-ENCODING'), 500),
  echoes('gives back the bytes of a field as they came', '9110 §5.5', get('/field', 'X-A: \xc4\x8d\xe9\xa0'), 200, {
    has: ['X-A: \xc4\x8d\xe9\xa0'],
  }),
  echoes('gives back the characters of a query that latin1 has', '9110 §5.5', get('/query?a=%C3%A9'), 200, {
    has: ['X-A: \xe9'],
  }),
  {
    title: 'escapes what a client sent in a problem document',
    rfc: 'RFC 8259 §7',
    wire: get('/"\\<script>'),
    by: 'router',
    statuses: [404],
    after: 'open',
    seen: ['GET /"\\<script>'],
    contents: ['{"title":"Not Found","status":404,"detail":"Nothing is at /\\"\\\\<script>."}'],
    has: ['Content-Type: application/problem+json'],
  },
  {
    title: 'escapes what a client sent in the page of an error',
    rfc: 'XSS',
    wire: head('GET /<script>alert(1)</script>?"\' HTTP/1.1', 'Host: h', 'Accept: text/html'),
    options: { env: 'debug' },
    by: (req) => {
      throw new Error(`<img src=x> & ${req.url.raw}`);
    },
    statuses: [500],
    after: 'open',
    seen: ['GET /<script>alert(1)</script>?"\''],
    logged: 1,
    lacks: ['<script', '<img', '?"'],
    has: ['Content-Type: text/html; charset=utf-8'],
  },
  {
    title: 'does not show in a refusal what it refuses',
    rfc: 'XSS',
    wire: head('GET / HTTP/1.1', 'Host: <script>alert(1)</script>') + SMUGGLED,
    statuses: [400],
    after: 'closed',
    seen: [],
    lacks: ['script', 'smuggled'],
  },
  {
    title: 'echoes content of any bytes in step',
    rfc: '9112 §6.3',
    wire: post('HTTP/1.1 200 OK\r\n\r\n\0\xff') + NEXT,
    statuses: [200, 200],
    after: 'open',
    seen: ['POST / HTTP/1.1 200 OK\r\n\r\n\0\xff', 'GET /next'],
    contents: ['POST / HTTP/1.1 200 OK\r\n\r\n\0\xff', 'GET /next'],
  },

  // Server-sent events
  events(
    'keeps the lines of data apart',
    (_req, res) => {
      const stream = res.events(QUIET);
      void stream.send({ data: 'a\nid: b\r\nevent: c\rretry: 1' });
      stream.close();
    },
    ':\n\ndata: a\ndata: id: b\ndata: event: c\ndata: retry: 1\n\n',
  ),
  events(
    'does not let data end its event',
    (_req, res) => {
      const stream = res.events(QUIET);
      void stream.send({ data: 'a\n\ndata: b\r\n\r\nc' });
      stream.close();
    },
    ':\n\ndata: a\ndata: \ndata: data: b\ndata: \ndata: c\n\n',
  ),
  events(
    'does not let a comment become a field',
    (_req, res) => {
      const stream = res.events(QUIET);
      void stream.send({ comment: 'a\ndata: b\r\ndata: c\rdata: d' });
      stream.close();
    },
    ':\n\n: a\n: data: b\n: data: c\n: data: d\n\n',
  ),
  events(
    'escapes line ends in JSON',
    (_req, res) => {
      const stream = res.events(QUIET);
      void stream.send({ data: { a: '\r\nid: b' } });
      stream.close();
    },
    ':\n\ndata: {"a":"\\r\\nid: b"}\n\n',
  ),
  events(
    'does not let data end its chunk',
    (_req, res) => {
      const stream = res.events(QUIET);
      void stream.send({ data: '\r\n0\r\n\r\n' });
      stream.close();
    },
    ':\n\ndata: \ndata: 0\ndata: \ndata: \n\n',
  ),
];
