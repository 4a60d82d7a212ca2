/** Rows of pipelining and persistence (RFC 9112 §9.3). */

import { HttpError } from '../../../src/http/http-error.js';
import {
  type Answer,
  awaits,
  chunked,
  get,
  head,
  post,
  posting,
  type Row,
  refuses,
  SMUGGLED,
  serves,
} from '../support/row.js';

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** Answers `/slow` a little later than anything else. */
const slowAndFast: Answer = async (req, res) => {
  if (req.url.path === '/slow') await turns(5);
  res.send(req.url.path);
};

/** The connection ends with the first answer, and what follows is not interpreted. */
const ends = (title: string, rfc: string, first: string, extra?: Partial<Row>): Row =>
  refuses(title, rfc, 200, first, { seen: ['GET /'], ...extra });

const MANY = 200;

export const PIPELINING: readonly Row[] = [
  serves('persists after a request', '9112 §9.3', get(), 'GET /'),
  serves('answers two requests of one segment', '9112 §9.3.2', get('/a') + get('/b'), ['GET /a', 'GET /b'], {
    contents: ['GET /a', 'GET /b'],
  }),
  serves(
    `answers ${MANY} requests of one segment in order`,
    '9112 §9.3.2',
    Array.from({ length: MANY }, (_, i) => get(`/${i}`)).join(''),
    Array.from({ length: MANY }, (_, i) => `GET /${i}`),
    { contents: Array.from({ length: MANY }, (_, i) => `GET /${i}`), ways: ['whole', 'lines'] },
  ),
  serves(
    'tells content from the request behind it',
    '9112 §9.3.2',
    post('a') + chunked('1\r\nb\r\n0\r\n\r\n') + post('') + get('/c'),
    ['POST / a', 'POST / b', 'POST /', 'GET /c'],
  ),
  serves('answers at once in order', '9112 §9.3.2', get('/a') + get('/b') + get('/c'), ['GET /a', 'GET /b', 'GET /c'], {
    by: (req, res) => res.send(req.url.path),
    contents: ['/a', '/b', '/c'],
  }),
  serves(
    'does not let a fast answer overtake a slow one',
    '9112 §9.3.2',
    get('/slow') + get('/fast'),
    ['GET /slow', 'GET /fast'],
    {
      by: slowAndFast,
      contents: ['/slow', '/fast'],
    },
  ),
  {
    title: 'does not let a refusal overtake or replace a slow answer',
    rfc: '9112 §9.3.2',
    wire: `${get('/slow')}GET / HTTP/1.1\r\n\r\n${SMUGGLED}`,
    by: slowAndFast,
    statuses: [200, 400],
    after: 'closed',
    seen: ['GET /slow'],
  },
  {
    title: 'serves what came before a refused request',
    rfc: '9112 §9.3.2',
    wire: `${get('/a')}${get('/b')}GET / HTTP/1.1\r\nHost : h\r\n\r\n${SMUGGLED}`,
    statuses: [200, 200, 400],
    after: 'closed',
    seen: ['GET /a', 'GET /b'],
  },
  {
    title: 'answers everything pipelined to a client that has ended its side',
    rfc: '9112 §9.6',
    wire: get('/slow') + get('/b') + get('/c'),
    by: slowAndFast,
    statuses: [200, 200, 200],
    after: 'closed',
    hangsUp: true,
    isSilent: true,
    seen: ['GET /slow', 'GET /b', 'GET /c'],
  },
  {
    title: 'serves pipelined requests of a client that ends its side at once',
    rfc: 'CVE-2015-8027',
    wire: get('/a') + get('/b'),
    by: (req, res) => res.send(req.url.path),
    statuses: [200, 200],
    after: 'closed',
    hangsUp: true,
    isSilent: true,
    seen: ['GET /a', 'GET /b'],
  },
  {
    title: 'closes without an answer where a client ends its side in a head',
    rfc: '9112 §8',
    wire: `${get('/a')}GET / HTTP/1.1\r\nHost:`,
    statuses: [200],
    after: 'closed',
    hangsUp: true,
    isSilent: true,
    seen: ['GET /a'],
  },
  {
    title: 'closes without an answer where a client ends its side in content',
    rfc: '9112 §8',
    wire: `${posting('Content-Length: 10')}abc`,
    statuses: [],
    after: 'closed',
    hangsUp: true,
    seen: ['POST / (unread)'],
  },
  {
    title: 'closes without an answer where a client ends its side in a chunk',
    rfc: '9112 §8',
    wire: chunked('5\r\nabc'),
    statuses: [],
    after: 'closed',
    hangsUp: true,
    seen: ['POST / (unread)'],
  },
  {
    title: 'closes without an answer where a client ends its side before the last chunk',
    rfc: '9112 §8',
    wire: chunked('3\r\nabc\r\n'),
    statuses: [],
    after: 'closed',
    hangsUp: true,
    seen: ['POST / (unread)'],
  },
  awaits('awaits a second request', '9112 §9.3', `${get('/a')}GET /b HTTP/1.1\r\n`, {
    statuses: [200],
    seen: ['GET /a'],
  }),

  // Connection
  ends('closes when asked', '9112 §9.6', get('/', 'Connection: close')),
  ends('closes when asked in capitals', '9110 §7.6.1', get('/', 'CONNECTION: CLOSE')),
  ends('finds close in a list', '9110 §7.6.1', get('/', 'Connection: foo ,\tclose , bar')),
  ends('finds close behind empty members', '9110 §5.6.1', get('/', 'Connection: ,, ,close')),
  ends(
    'finds close in a second Connection field',
    '9110 §7.6.1',
    get('/', 'Connection: keep-alive', 'Connection: close'),
  ),
  ends('closes when asked both to close and to persist', '9112 §9.3', get('/', 'Connection: keep-alive, close')),
  ends('closes when a handler asks', '9112 §9.6', get(), {
    by: (_req, res) => res.setHeader('Connection', 'close').send(),
  }),
  {
    title: 'serves nothing after the request that asks to close',
    rfc: '9112 §9.6',
    wire: get('/a') + get('/b', 'Connection: close') + SMUGGLED,
    statuses: [200, 200],
    after: 'closed',
    seen: ['GET /a', 'GET /b'],
  },
  {
    title: 'reads the content of the request that asks to close',
    rfc: '9112 §9.6',
    wire: post('abc', 'Connection: close') + SMUGGLED,
    statuses: [200],
    after: 'closed',
    seen: ['POST / abc'],
  },
  serves('persists where Connection is empty', '9110 §7.6.1', get('/', 'Connection:'), 'GET /'),
  serves(
    'does not take closed or close-x for close',
    '9110 §7.6.1',
    get('/', 'Connection: closed, close-x, xclose'),
    'GET /',
  ),
  serves('does not take a quoted close for close', '9110 §7.6.1', get('/', 'Connection: "close"'), 'GET /'),
  serves(
    'does not take Proxy-Connection for Connection',
    '9112 appendix C.2.2',
    get('/', 'Proxy-Connection: close'),
    'GET /',
  ),
  serves(
    'does not need keep-alive in HTTP/1.1',
    '9112 §9.3',
    get('/', 'Connection: keep-alive', 'Keep-Alive: timeout=1'),
    'GET /',
  ),

  // Errors of handlers
  {
    title: 'persists after an error of a handler, and logs it',
    rfc: '9110 §15.6.1',
    wire: get('/a') + get('/b'),
    by: (req, res) => {
      if (req.url.path === '/a') throw new Error('secret');
      res.send('b');
    },
    statuses: [500, 200],
    after: 'open',
    seen: ['GET /a', 'GET /b'],
    logged: 1,
    lacks: ['secret'],
  },
  {
    title: 'persists after the rejection of a handler, and logs it',
    rfc: '9110 §15.6.1',
    wire: get('/a') + get('/b'),
    by: async (req, res) => {
      await turns(2);
      if (req.url.path === '/a') throw new Error('secret');
      res.send('b');
    },
    statuses: [500, 200],
    after: 'open',
    seen: ['GET /a', 'GET /b'],
    logged: 1,
    lacks: ['secret'],
  },
  {
    title: 'persists after an HttpError',
    rfc: '9110 §15.5',
    wire: get('/a') + get('/b'),
    by: () => HttpError.raise('not today', 403),
    statuses: [403, 403],
    after: 'open',
    seen: ['GET /a', 'GET /b'],
  },
  {
    title: 'cuts the connection where a handler fails in the middle of its answer',
    rfc: '9112 §8',
    wire: get() + SMUGGLED,
    by: async (_req, res) => {
      await res.write('half');
      await turns(2);
      throw new Error('secret');
    },
    statuses: [200],
    after: 'closed',
    isCut: true,
    isSilent: true,
    seen: ['GET /'],
    logged: 1,
    lacks: ['smuggled', 'secret'],
  },
  {
    title: 'closes after as many requests as it may serve on a connection',
    rfc: '9112 §9.5',
    wire: get('/a') + get('/b') + SMUGGLED,
    options: { maxRequestsPerConnection: 2 },
    statuses: [200, 200],
    after: 'closed',
    seen: ['GET /a', 'GET /b'],
  },
  {
    title: 'does not read the content of one request as that of the next',
    rfc: '9112 §9.3.2',
    wire: post('first') + post('second'),
    by: async (req, res, saw) => {
      const content = req.bytes();
      await turns(3);
      saw((await content).toString('latin1'));
      res.send();
    },
    statuses: [200, 200],
    after: 'open',
    seen: ['POST / first', 'POST / second'],
  },
  {
    title: 'tells a handler that has answered, and still reads, that it cannot',
    rfc: '9112 §9.3.2',
    wire: [posting('Content-Length: 5'), 'first', post('second')],
    by: async (req, res, saw) => {
      const content = req.bytes();
      if (req.headers.get('content-length') === '5') {
        res.send();
        await content;
      }
      saw((await content).toString('latin1'));
      res.send();
    },
    statuses: [200, 200],
    after: 'open',
    seen: ['POST / (unread)', 'POST / second'],
    logged: 1,
  },
  {
    title: 'ends an answer that nobody wrote',
    rfc: '9112 §9.3',
    wire: head('GET / HTTP/1.1', 'Host: h'),
    by: () => {},
    statuses: [204],
    after: 'open',
    seen: ['GET /'],
  },
];
