/** Rows of content that nobody reads (RFC 9112 §9.3, §9.6). */

import { HttpError } from '../../../src/http/http-error.js';
import { type Answer, chunked, get, head, post, posting, type Row, SMUGGLED, serves } from '../support/row.js';

/** Content that the connection drops at most to get at the next request. */
const BOUND = 131_072;

const UNREAD = 'POST / (unread)';
const NEXT = get('/next');
/** Content that looks like a request. */
const HIDDEN = get('/hidden');

/** Dropped, and the request behind it is served. */
const drops = (title: string, rfc: string, wire: string | readonly string[], extra?: Partial<Row>): Row => ({
  title,
  rfc,
  wire,
  by: 'deaf',
  statuses: [200, 200],
  after: 'open',
  seen: [UNREAD, 'GET /next'],
  lacks: ['hidden'],
  ...extra,
});

/** Not dropped: the connection closes, and nothing on it is interpreted. */
const closes = (
  title: string,
  rfc: string,
  wire: string | readonly (string | number)[],
  extra?: Partial<Row>,
): Row => ({
  title,
  rfc,
  wire,
  by: 'deaf',
  statuses: [200],
  after: 'closed',
  seen: [UNREAD],
  lacks: ['smuggled', 'hidden'],
  ...extra,
});

/** Reads one piece, then answers. */
const readsAPiece: Answer = async (req, res) => {
  if (req.hasContent) for await (const _piece of req.stream) break;
  res.send('enough');
};

export const UNREAD_CONTENT: readonly Row[] = [
  drops('drops content that is here', '9112 §9.3', post('abc') + NEXT),
  drops('drops content that looks like a request', 'CVE-2020-35863', post(HIDDEN) + NEXT),
  drops('drops content that comes after the answer', '9112 §9.3', [posting('Content-Length: 5'), 'abcde', NEXT]),
  drops('drops content that comes in two parts after the answer', '9112 §9.3', [
    posting('Content-Length: 5'),
    'ab',
    `cde${NEXT}`,
  ]),
  drops('drops a hidden request that comes after the answer', 'CVE-2020-35863', [
    posting(`Content-Length: ${HIDDEN.length}`),
    HIDDEN.slice(0, 9),
    HIDDEN.slice(9) + NEXT,
  ]),
  drops('drops chunks that are here', '9112 §9.3', chunked(`3\r\nabc\r\n0\r\n\r\n${NEXT}`), { ways: ['whole'] }),
  drops(
    'drops a hidden request in chunks',
    'CVE-2020-35863',
    chunked(`${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n${NEXT}`),
    {
      ways: ['whole'],
    },
  ),
  drops(
    `drops ${BOUND} bytes that come after the answer`,
    '9112 §9.3',
    [posting(`Content-Length: ${BOUND}`), 'a'.repeat(BOUND) + NEXT],
    {
      ways: ['whole', 'cuts'],
    },
  ),
  drops('drops any amount that is here', '9112 §9.3', post('a'.repeat(BOUND + 1)) + NEXT, { ways: ['whole'] }),
  drops(
    'drops the content of a GET',
    'CVE-2020-35863',
    `${get('/', `Content-Length: ${HIDDEN.length}`)}${HIDDEN}${NEXT}`,
    {
      seen: ['GET / (unread)', 'GET /next'],
    },
  ),
  drops('drops the content of a request for nothing', '9110 §15.5.5', post(HIDDEN) + NEXT, {
    by: 'router',
    statuses: [404, 404],
  }),
  drops(
    'drops the content of a method that is not allowed',
    '9110 §15.5.6',
    post(HIDDEN).replace('POST /', 'POST /known') + NEXT,
    {
      by: 'router',
      statuses: [405, 404],
      seen: ['POST /known (unread)', 'GET /next'],
    },
  ),
  drops(
    'drops the content of a method that nobody knows',
    '9110 §15.6.2',
    post(HIDDEN).replace('POST', 'BREW') + NEXT,
    {
      by: 'router',
      statuses: [501, 404],
      seen: ['BREW / (unread)', 'GET /next'],
    },
  ),
  drops(
    'drops the content of a path with a bad escape',
    '9110 §15.5.1',
    post(HIDDEN).replace('POST /', 'POST /%zz') + NEXT,
    {
      by: 'router',
      statuses: [400, 404],
      seen: ['POST /%zz (unread)', 'GET /next'],
    },
  ),
  drops(
    'drops the content of HEAD',
    'CVE-2020-35863',
    head('HEAD / HTTP/1.1', 'Host: h', `Content-Length: ${HIDDEN.length}`) + HIDDEN + NEXT,
    {
      seen: ['HEAD / (unread)', 'GET /next'],
    },
  ),
  drops('drops content under an HttpError', '9110 §15.5.2', post(HIDDEN) + NEXT, {
    by: () => HttpError.raise('who are you', 401),
    statuses: [401, 401],
  }),
  drops('drops content under an error, and logs it', '9110 §15.6.1', post(HIDDEN) + NEXT, {
    by: (req, res) => {
      if (req.method === 'POST') throw new Error('early');
      res.send();
    },
    statuses: [500, 200],
    logged: 1,
  }),
  drops(
    'drops what a handler has left unread',
    '9112 §9.3',
    [posting('Content-Length: 60'), 'a', `${'b'.repeat(59)}${NEXT}`],
    {
      by: readsAPiece,
    },
  ),
  drops('drops content over the limit where it is little', '9110 §15.5.14', post('abcde') + NEXT, {
    by: 'echo',
    options: { maxBodySize: 4 },
    statuses: [413, 200],
  }),
  serves(
    'serves the next request while a handler lingers after its answer',
    '9112 §9.3.2',
    post('abc') + NEXT,
    ['POST / abc', 'GET /next'],
    {
      by: async (req, res, saw) => {
        saw((await req.bytes()).toString('latin1'));
        res.send();
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
  ),
  drops('tells a handler that reads after its answer that it cannot', '9112 §9.3.2', post('abc') + NEXT, {
    by: async (req, res) => {
      res.send();
      if (req.hasContent) await req.bytes();
    },
    logged: 1,
  }),

  closes('closes where chunks are yet to come', '9112 §9.6', [chunked('3\r\nabc\r\n'), `0\r\n\r\n${SMUGGLED}`]),
  closes('closes where chunks have not begun', '9112 §9.6', [
    posting('Transfer-Encoding: chunked'),
    `0\r\n\r\n${SMUGGLED}`,
  ]),
  closes('closes where chunks that nobody read are malformed', '9112 §7.1', [chunked(''), `x\r\n${SMUGGLED}`]),
  closes('closes where malformed chunks are here', '9112 §7.1', chunked(`3\r\nabcd\r\n0\r\n\r\n${SMUGGLED}`)),
  closes(
    `closes where more than ${BOUND} bytes are yet to come`,
    '9112 §9.6',
    [posting(`Content-Length: ${BOUND + 1}`), 'a'.repeat(BOUND + 1) + SMUGGLED],
    { ways: ['whole', 'cuts'] },
  ),
  closes(
    'closes where Content-Length promises the moon',
    '9112 §9.6',
    posting('Content-Length: 9007199254740991') + SMUGGLED,
  ),
  closes(
    'closes where it was asked to, and drops the content',
    '9112 §9.6',
    post('abc', 'Connection: close') + SMUGGLED,
  ),
  closes(
    'refuses content over the limit by its declared length, before it comes',
    '9110 §15.5.14',
    [posting(`Content-Length: ${BOUND * 2}`), SMUGGLED],
    { by: 'echo', options: { maxBodySize: BOUND }, statuses: [413] },
  ),
  closes(
    'refuses chunks over the limit while they come',
    '9110 §15.5.14',
    [chunked('5\r\nabcde\r\n'), `0\r\n\r\n${SMUGGLED}`],
    {
      by: 'echo',
      options: { maxBodySize: 4 },
      statuses: [413],
    },
  ),
  closes(
    'closes where the client ends its side in content that nobody reads',
    '9112 §8',
    `${posting('Content-Length: 5')}abc`,
    {
      hangsUp: true,
      isSilent: true,
    },
  ),
  closes(
    'does not wait for unread content for ever',
    '9112 §9.5',
    [posting('Content-Length: 5'), 'abc', 61_000, SMUGGLED],
    {
      isSilent: true,
      ways: ['whole'],
    },
  ),
  closes(
    'closes where a stream has ended before its chunks',
    '9112 §9.6',
    [chunked('3\r\nabc\r\n'), `0\r\n\r\n${SMUGGLED}`],
    {
      by: async (_req, res) => {
        await res.write('a');
        res.end();
      },
      isSilent: true,
    },
  ),
];
