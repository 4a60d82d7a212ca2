/** Rows of responses without content (RFC 9112 §6.3, RFC 9110 §6.4.1). */

import { type Answer, get, head, posting, type Row, serves } from '../support/row.js';

const HEAD = head('HEAD /a HTTP/1.1', 'Host: h');
const NEXT = get('/next');

const streams: Answer = async (_req, res) => {
  await res.write('a');
  await res.write('b');
  res.end();
};

/** A response of `status` that has no content, whatever is sent, and leaves the next one readable. */
const empty = (title: string, status: number, answer: Answer, extra?: Partial<Row>): Row => ({
  title,
  rfc: status === 205 ? '9110 §15.3.6' : status === 204 ? '9110 §15.3.5' : '9110 §15.4.5',
  wire: get('/a') + NEXT,
  by: (req, res, saw) => (req.url.path === '/a' ? answer(req, res.setStatus(status), saw) : res.send('next')),
  statuses: [status, 200],
  after: 'open',
  seen: ['GET /a', 'GET /next'],
  contents: ['', 'next'],
  ...extra,
});

export const CONTENTLESS: readonly Row[] = [
  serves('sends no content to HEAD, and its length', '9110 §9.3.2', HEAD + NEXT, ['HEAD /a', 'GET /next'], {
    contents: ['', 'GET /next'],
    has: ['Content-Length: 7', 'Content-Length: 9'],
  }),
  serves(
    'answers HEAD from the route of GET',
    '9110 §9.3.2',
    HEAD.replace('/a', '/known') + get('/known'),
    ['HEAD /known', 'GET /known'],
    {
      by: 'router',
      contents: ['', 'known'],
    },
  ),
  serves('sends no chunks to HEAD', '9110 §9.3.2', HEAD + NEXT, ['HEAD /a', 'GET /next'], {
    by: streams,
    contents: ['', 'ab'],
  }),
  serves('sends no problem document to HEAD', '9110 §9.3.2', HEAD + NEXT, ['HEAD /a', 'GET /next'], {
    by: 'router',
    statuses: [404, 404],
    contents: ['', /^\{"title":"Not Found"/],
  }),
  serves('sends no error of a handler to HEAD', '9110 §9.3.2', HEAD + NEXT, ['HEAD /a', 'GET /next'], {
    by: (req, res) => {
      if (req.method === 'HEAD') throw new Error('secret');
      res.send('next');
    },
    statuses: [500, 200],
    contents: ['', 'next'],
    logged: 1,
  }),
  serves(
    'reads the content of HEAD',
    'CVE-2020-35863',
    `${head('HEAD / HTTP/1.1', 'Host: h', 'Content-Length: 3')}abc${NEXT}`,
    ['HEAD / abc', 'GET /next'],
  ),
  serves('lets a stream to HEAD fall short of its length', '9110 §9.3.2', HEAD + NEXT, ['HEAD /a', 'GET /next'], {
    by: async (_req, res) => {
      res.setContentLength(2);
      await res.write('a');
      await res.write('b');
      res.end();
    },
    contents: ['', 'ab'],
  }),

  empty('sends no content with 204', 204, (_req, res) => res.send('ignored')),
  empty('sends no bytes with 204', 204, (_req, res) => res.send(Buffer.from('ignored'))),
  empty('sends no length with 204', 204, (_req, res) => res.setContentLength(0).send(), {
    lacks: ['Content-Length: 0'],
  }),
  empty('streams nothing with 204', 204, (_req, res) => void res.write('a')),
  empty('sends no content with 304', 304, (_req, res) => res.send('ignored')),
  empty('streams nothing with 304', 304, (_req, res) => void res.write('a')),
  empty('sends no length that 200 would not have with 304', 304, (_req, res) => res.send(), {
    lacks: ['Content-Length: 0'],
  }),
  empty('sends the length that 200 would have with 304', 304, (_req, res) => res.setContentLength(7).send(), {
    has: ['Content-Length: 7'],
  }),
  empty('sends no content with 205, and says so', 205, (_req, res) => res.send('ignored'), {
    has: ['Content-Length: 0'],
  }),
  empty('streams nothing with 205', 205, (_req, res) => void res.write('a')),
  {
    title: 'answers 204 where a handler neither sends nor chooses a status',
    rfc: '9110 §15.3.5',
    wire: get('/a'),
    by: async () => {},
    statuses: [204],
    after: 'open',
    seen: ['GET /a'],
  },
  {
    title: 'says that a 200 without content has none',
    rfc: '9110 §8.6',
    wire: get('/a') + NEXT,
    by: (_req, res) => res.send(),
    statuses: [200, 200],
    after: 'open',
    seen: ['GET /a', 'GET /next'],
    contents: ['', ''],
  },
  {
    title: 'answers OPTIONS * without content',
    rfc: '9110 §9.3.7',
    wire: head('OPTIONS * HTTP/1.1', 'Host: h') + get('/known'),
    by: 'router',
    statuses: [204, 200],
    after: 'open',
    seen: ['OPTIONS *', 'GET /known'],
  },
  {
    title: 'answers OPTIONS of a path without content',
    rfc: '9110 §9.3.7',
    wire: head('OPTIONS /known HTTP/1.1', 'Host: h'),
    by: 'router',
    statuses: [204],
    after: 'open',
    seen: ['OPTIONS /known'],
    has: ['Allow: GET, HEAD, OPTIONS'],
  },
  ...[100, 101, 103, 199].map(
    (status): Row => ({
      title: `does not let a handler send ${status}`,
      rfc: '9110 §15.2',
      wire: posting() + NEXT,
      by: (req, res) => res.setStatus(req.method === 'POST' ? status : 200).send(),
      statuses: [500, 200],
      after: 'open',
      seen: ['POST /', 'GET /next'],
      logged: 1,
    }),
  ),
];
