/** Rows of limits and times (RFC 6585 §5, RFC 9110 §15.5.9, §15.5.14, §15.5.15, RFC 9112 §9.5). */

import {
  awaits,
  chunked,
  get,
  post,
  posting,
  type Row,
  refuses,
  refusesContent,
  SMUGGLED,
  serves,
} from '../support/row.js';

const LAST = '0\r\n\r\n';

/** A head of exactly `size` bytes. */
const headOf = (size: number) => get('/', `A: ${'b'.repeat(size - get('/', 'A: ').length)}`);
const targetOf = (size: number) => `/${'a'.repeat(size - 1)}`;
const fieldsOf = (count: number) => get('/', ...Array.from({ length: count - 1 }, (_, i) => `A${i}: b`));
const extensionOf = (size: number) => `;${'a'.repeat(size - 1)}`;
/** A trailer section of exactly `size` bytes. */
const trailerOf = (size: number) => `A: ${'b'.repeat(size - 5)}\r\n`;

/** What comes in time, or not: the bytes, then as much time, and so on. */
const timed = (title: string, rfc: string, wire: readonly (string | number)[], outcome: Partial<Row>): Row => ({
  title,
  rfc,
  wire,
  statuses: [],
  after: 'closed',
  seen: [],
  ways: ['whole'],
  ...outcome,
});

/** One byte a second. */
const dribble = (text: string) => Array.from(text).flatMap((byte) => [byte, 1_000]);

const LATE = 'POST / (unread)';

export const LIMITS: readonly Row[] = [
  // Sizes
  serves('takes a head of 16384 bytes', '6585 §5', headOf(16_384), 'GET /'),
  refuses('refuses a head of 16385 bytes', '6585 §5', 431, headOf(16_385)),
  refuses('refuses a head without end', 'CVE-2018-12121', 431, `GET / HTTP/1.1\r\nA: ${'b'.repeat(20_000)}`),
  refuses('refuses a name without end', 'CVE-2018-12121', 431, `GET / HTTP/1.1\r\n${'A'.repeat(20_000)}`),
  serves('takes a head of maxHeaderSize', '6585 §5', headOf(100), 'GET /', { options: { maxHeaderSize: 100 } }),
  refuses('refuses a head over maxHeaderSize', '6585 §5', 431, headOf(101), { options: { maxHeaderSize: 100 } }),
  refuses('refuses a head that ends a byte too late', '6585 §5', 431, `${headOf(101).slice(0, -1)}`, {
    options: { maxHeaderSize: 100 },
  }),
  serves(
    'takes several heads of the largest size',
    'CVE-2018-12121',
    headOf(16_384).repeat(4),
    Array(4).fill('GET /'),
    {
      ways: ['whole', 'cuts'],
    },
  ),
  serves('takes 100 fields', '6585 §5', fieldsOf(100), 'GET /'),
  refuses('refuses 101 fields', '6585 §5', 431, fieldsOf(101)),
  refuses('refuses a flood of short fields', '6585 §5', 431, get('/', ...Array(3_000).fill('a:'))),
  serves('takes maxHeadersCount fields', '6585 §5', fieldsOf(3), 'GET /', { options: { maxHeadersCount: 3 } }),
  refuses('refuses more than maxHeadersCount fields', '6585 §5', 431, fieldsOf(4), { options: { maxHeadersCount: 3 } }),
  serves('takes a target of 8192 bytes', '9110 §15.5.15', get(targetOf(8_192)), `GET ${targetOf(8_192)}`),
  refuses('refuses a target of 8193 bytes', '9110 §15.5.15', 414, get(targetOf(8_193))),
  refuses('refuses a target without end', '9110 §15.5.15', 414, `GET ${targetOf(10_000)}`),
  serves('takes a target of maxTargetSize', '9110 §15.5.15', get('/abc'), 'GET /abc', {
    options: { maxTargetSize: 6 },
  }),
  refuses('refuses a target over maxTargetSize', '9110 §15.5.15', 414, get('/abcdef'), {
    options: { maxTargetSize: 6 },
  }),
  serves(
    'takes content of 1048576 bytes',
    '9110 §15.5.14',
    post('a'.repeat(1_048_576)),
    `POST / ${'a'.repeat(1_048_576)}`,
    {
      ways: ['whole'],
    },
  ),
  refusesContent(
    'refuses content of 1048577 bytes before it comes',
    '9110 §15.5.14',
    413,
    posting('Content-Length: 1048577'),
  ),
  serves('takes content of maxBodySize', '9110 §15.5.14', post('abcd'), 'POST / abcd', { options: { maxBodySize: 4 } }),
  serves('takes chunks of maxBodySize', '9110 §15.5.14', chunked(`2\r\nab\r\n2\r\ncd\r\n${LAST}`), 'POST / abcd', {
    options: { maxBodySize: 4 },
  }),
  {
    title: 'refuses a chunk over maxBodySize',
    rfc: '9110 §15.5.14',
    wire: [chunked('2\r\nab\r\n3\r\ncde'), `\r\n${LAST}${SMUGGLED}`],
    options: { maxBodySize: 4 },
    statuses: [413],
    after: 'closed',
    seen: [LATE],
    lacks: ['smuggled'],
  },
  serves('takes no content where maxBodySize is 0', '9110 §15.5.14', post('') + get('/b'), ['POST /', 'GET /b'], {
    options: { maxBodySize: 0 },
  }),
  {
    title: 'refuses any content where maxBodySize is 0',
    rfc: '9110 §15.5.14',
    wire: post('a') + get('/b'),
    options: { maxBodySize: 0 },
    statuses: [413, 200],
    after: 'open',
    seen: [LATE, 'GET /b'],
  },
  serves(
    'takes 4096 bytes of chunk extensions',
    '9112 §7.1.1',
    chunked(`1${extensionOf(4_096)}\r\na\r\n${LAST}`),
    'POST / a',
  ),
  refusesContent(
    'refuses 4097 bytes of chunk extensions',
    '9112 §7.1.1',
    413,
    chunked(`1${extensionOf(4_097)}\r\na\r\n${LAST}`),
  ),
  refusesContent('refuses a chunk extension without end', 'CVE-2024-22019', 413, chunked(`1;${'a'.repeat(20_000)}`)),
  refusesContent(
    'refuses a quoted chunk extension without end',
    'CVE-2024-22019',
    413,
    chunked(`1;a="${'a'.repeat(20_000)}`),
  ),
  serves(
    'counts the extensions of all chunks together',
    'CVE-2023-39326',
    chunked(`1${extensionOf(64)}\r\na\r\n`.repeat(64) + LAST),
    `POST / ${'a'.repeat(64)}`,
  ),
  refusesContent(
    'refuses long extensions on chunks of one byte',
    'CVE-2023-39326',
    413,
    chunked(`1${extensionOf(64)}\r\na\r\n`.repeat(65) + LAST),
  ),
  serves('takes a trailer section of 8192 bytes', '9112 §7.1.2', chunked(`0\r\n${trailerOf(8_192)}\r\n`), 'POST /'),
  refusesContent(
    'refuses a trailer section of 8193 bytes',
    '9112 §7.1.2',
    431,
    chunked(`0\r\n${trailerOf(8_193)}\r\n`),
  ),
  refusesContent('refuses a flood of trailers', '9112 §7.1.2', 431, chunked(`0\r\n${'a:\r\n'.repeat(3_000)}`)),
  refusesContent('refuses a trailer name without end', '9112 §7.1.2', 431, chunked(`0\r\n${'a'.repeat(20_000)}`)),
  serves('takes 13 digits of a chunk size', '9112 §7.1', chunked(`0000000000001\r\na\r\n${LAST}`), 'POST / a'),
  refuses('closes after the only request that it may serve', '9112 §9.5', 200, get(), {
    options: { maxRequestsPerConnection: 1 },
    seen: ['GET /'],
  }),

  // Times, in ms; one timer of 500 ms makes a deadline up to 1000 late, never early.
  timed('waits 10 s for a head', '9110 §15.5.9', ['GET / HT', 10_000], { after: 'waiting' }),
  timed('answers 408 where a head takes longer', 'CVE-2018-12122', ['GET / HT', 11_000], { statuses: [408] }),
  timed('answers 408 where a head comes at a byte a second', 'slowloris', dribble('GET / HTTP/1'), { statuses: [408] }),
  timed(
    'answers 408 where fields come at one a second',
    'slowloris',
    ['GET / HTTP/1.1\r\n', 1_000, ...Array.from({ length: 11 }, (_, i) => [`A${i}: b\r\n`, 1_000]).flat()],
    { statuses: [408] },
  ),
  timed(
    'answers 408 where the second head of a connection takes longer',
    'CVE-2019-5737',
    [get('/a'), 30_000, 'GET / HT', 11_000],
    {
      statuses: [200, 408],
      seen: ['GET /a'],
    },
  ),
  timed('answers 408 where empty lines come instead of a head', 'slowloris', ['\r\n', 11_000], { statuses: [408] }),
  timed('waits headersTimeout for a head', '9110 §15.5.9', ['GET / HT', 2_000], {
    options: { headersTimeout: 2_000 },
    after: 'waiting',
  }),
  timed('answers 408 after headersTimeout', '9110 §15.5.9', ['GET / HT', 3_000], {
    options: { headersTimeout: 2_000 },
    statuses: [408],
  }),
  timed('closes a connection that sends nothing', 'CVE-2020-8251', [11_000], {}),
  timed('waits for the first byte of a connection', '9112 §9.5', [10_000], { after: 'waiting' }),
  timed('keeps an idle connection for 75 s', '9112 §9.5', [get('/a'), 75_000], {
    after: 'open',
    statuses: [200],
    seen: ['GET /a'],
  }),
  timed('closes a connection that idles longer', 'CVE-2019-5739', [get('/a'), 76_000], {
    statuses: [200],
    isSilent: true,
    seen: ['GET /a'],
  }),
  timed('keeps an idle connection for keepAliveTimeout', '9112 §9.5', [get('/a'), 3_000], {
    options: { keepAliveTimeout: 3_000 },
    after: 'open',
    statuses: [200],
    seen: ['GET /a'],
  }),
  timed('closes a connection that idles longer than keepAliveTimeout', 'CVE-2019-5739', [get('/a'), 4_000], {
    options: { keepAliveTimeout: 3_000 },
    statuses: [200],
    isSilent: true,
    seen: ['GET /a'],
  }),
  timed('waits 60 s for content', '9110 §15.5.9', [`${posting('Content-Length: 5')}abc`, 60_000], {
    after: 'waiting',
    seen: [LATE],
  }),
  timed('answers 408 where content takes longer', '9110 §15.5.9', [`${posting('Content-Length: 5')}abc`, 61_000], {
    statuses: [408],
    seen: [LATE],
  }),
  timed(
    'answers 408 where content comes at a byte a second',
    'R.U.D.Y.',
    [posting('Content-Length: 100'), ...dribble('a'.repeat(61))],
    {
      statuses: [408],
      seen: [LATE],
    },
  ),
  timed(
    'answers 408 where chunks come at one a second',
    'R.U.D.Y.',
    [chunked(''), ...Array(61).fill(['1\r\na\r\n', 1_000]).flat()],
    {
      statuses: [408],
      seen: [LATE],
    },
  ),
  timed(
    'answers 408 where the content that was asked for does not come',
    '9110 §10.1.1',
    [posting('Expect: 100-continue', 'Content-Length: 5'), 61_000],
    { statuses: [100, 408], seen: [LATE] },
  ),
  timed(
    'counts the time of a head as that of its request',
    '9110 §15.5.9',
    ['POST / HTTP/1.1\r\n', 9_000, 'Host: h\r\nContent-Length: 5\r\n\r\n', 53_000],
    {
      statuses: [408],
      seen: [LATE],
    },
  ),
  timed('answers 408 after requestTimeout', '9110 §15.5.9', [`${posting('Content-Length: 5')}abc`, 3_000], {
    options: { requestTimeout: 2_000 },
    statuses: [408],
    seen: [LATE],
  }),
  timed('does not count the time of a handler', '9110 §15.5.9', [get('/a'), 600_000], {
    by: async (_req, res) => {
      await new Promise((resolve) => setTimeout(resolve, 599_000));
      res.send('late');
    },
    statuses: [200],
    after: 'open',
    seen: ['GET /a'],
  }),
  timed(
    'interprets nothing after a timeout',
    '9112 §9.5',
    ['GET / HT', 11_000, `TP/1.1\r\nHost: h\r\n\r\n${SMUGGLED}`],
    {
      statuses: [408],
      lacks: ['smuggled'],
    },
  ),
  awaits('awaits a head of any number of segments', '9112 §8', headOf(2_000).slice(0, -1)),
];
