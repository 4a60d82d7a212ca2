/** Rows of HTTP/1.0 clients (RFC 9112 §9.3, appendix C). */

import { type Answer, head, type Row, refuses, SMUGGLED } from '../support/row.js';

const old = (...fields: string[]) => head('GET / HTTP/1.0', ...fields);
const KEPT = 'Connection: keep-alive';

/** Served, and the connection ends with the answer. */
const closes = (title: string, rfc: string, wire: string, extra?: Partial<Row>): Row =>
  refuses(title, rfc, 200, wire, { seen: ['GET /'], ...extra });

/** Served, and the connection persists, which the answer says. */
const persists = (title: string, rfc: string, wire: string, extra?: Partial<Row>): Row => ({
  title,
  rfc,
  wire,
  statuses: [200],
  after: 'open',
  seen: ['GET /'],
  has: [KEPT],
  ...extra,
});

const streams: Answer = async (_req, res) => {
  await res.write('a');
  await res.write('b');
  res.end();
};

export const HTTP_1_0: readonly Row[] = [
  closes('serves HTTP/1.0 without Host', '9112 §3.2', old()),
  closes('serves HTTP/1.0 with Host', '9112 §3.2', old('Host: h')),
  closes('answers HTTP/1.0 as HTTP/1.1', '9112 §2.3', old(), { lacks: ['HTTP/1.0'] }),
  closes('takes an absolute-form without Host', '9112 §3.2.2', head('GET http://h/ HTTP/1.0'), {
    seen: ['GET http://h/'],
  }),
  closes('takes Connection: close', '9112 §9.3', old('Connection: close')),
  closes('closes when asked to persist and to close', '9112 §9.3', old('Connection: keep-alive, close')),
  closes('does not take the Kelvin sign for a k', 'Unicode case folding', old('Connection: \xe2\x84\xaaeep-alive')),
  closes('does not persist by Proxy-Connection', '9112 appendix C.2.2', old('Proxy-Connection: keep-alive')),
  closes('does not persist by Keep-Alive alone', '9112 appendix C.2.2', old('Keep-Alive: 300')),
  persists('persists when asked', '9112 §9.3', old(KEPT)),
  persists('persists when asked in capitals', '9112 §9.3', old('CONNECTION: Keep-Alive')),
  persists('persists when asked in a list', '9112 §9.3', old('Connection: foo, keep-alive')),
  {
    title: 'serves two requests of one segment where the first asks to persist',
    rfc: '9112 §9.3',
    wire: old(KEPT) + old() + SMUGGLED,
    statuses: [200, 200],
    after: 'closed',
    seen: ['GET /', 'GET /'],
    has: [KEPT],
    lacks: ['smuggled'],
  },
  {
    title: 'goes from HTTP/1.0 to HTTP/1.1 on one connection',
    rfc: '9112 §2.3',
    wire: old(KEPT) + head('GET /b HTTP/1.1', 'Host: h'),
    statuses: [200, 200],
    after: 'open',
    seen: ['GET /', 'GET /b'],
  },

  // Content
  persists('reads content by Content-Length', '9112 §6.3', `${head('POST / HTTP/1.0', KEPT, 'Content-Length: 3')}abc`, {
    seen: ['POST / abc'],
  }),
  closes('reads no content until the close', 'CVE-2026-2835', `${head('POST / HTTP/1.0')}abc`, { seen: ['POST /'] }),
  refuses(
    'refuses Transfer-Encoding in HTTP/1.0',
    'CVE-2026-2835',
    400,
    `${head('POST / HTTP/1.0', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refuses(
    'refuses Transfer-Encoding in HTTP/1.0 that would persist',
    '9112 §6.1',
    400,
    `${head('POST / HTTP/1.0', KEPT, 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refuses(
    'refuses Transfer-Encoding with Content-Length in HTTP/1.0',
    'CL.TE smuggling',
    400,
    `${head('POST / HTTP/1.0', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  refuses(
    'refuses two Content-Length fields in HTTP/1.0',
    '9112 §6.3',
    400,
    `${head('POST / HTTP/1.0', 'Content-Length: 1', 'Content-Length: 2')}ab`,
  ),

  // Answers
  closes('ends a stream by the close, without chunks', '9112 §6.1', old(), {
    by: streams,
    contents: ['ab'],
    lacks: ['chunked'],
  }),
  closes('ends a stream by the close although asked to persist', '9112 §6.3', old(KEPT), {
    by: streams,
    contents: ['ab'],
    lacks: ['chunked', KEPT],
  }),
  persists('persists after a stream whose length is declared', '9112 §6.3', old(KEPT), {
    by: async (req, res, saw) => {
      res.setContentLength(2);
      await streams(req, res, saw);
    },
    contents: ['ab'],
    lacks: ['chunked'],
  }),
  persists('sends no content to HEAD', '9110 §9.3.2', head('HEAD / HTTP/1.0', KEPT), {
    seen: ['HEAD /'],
    contents: [''],
  }),
  persists('ends a 204 without a close', '9110 §15.3.5', old(KEPT), {
    by: (_req, res) => res.setStatus(204).send(),
    statuses: [204],
  }),

  // What HTTP/1.0 has not
  closes('ignores Upgrade', '9110 §7.8', old('Connection: upgrade', 'Upgrade: websocket'), { lacks: ['101 '] }),
  closes(
    'does not send 100',
    '9110 §10.1.1',
    `${head('POST / HTTP/1.0', 'Expect: 100-continue', 'Content-Length: 1')}a`,
    {
      seen: ['POST / a'],
      lacks: ['100 Continue'],
    },
  ),
  refuses('refuses a bad Host in HTTP/1.0', '9112 §3.2', 400, old('Host: a b')),
  refuses('refuses an empty Host in HTTP/1.0', '9110 §7.2', 400, old('Host:')),
  refuses('refuses two Host fields in HTTP/1.0', '9112 §3.2', 400, old('Host: a', 'Host: a')),
  refuses('refuses a folded field in HTTP/1.0', '9112 §5.2', 400, old('A: b', ' c')),
  refuses('refuses a bare LF in HTTP/1.0', '9112 §2.2', 400, 'GET / HTTP/1.0\n\n'),
  refuses('refuses HTTP/0.9', '9112 appendix C', 400, 'GET /\r\n'),
  refuses('refuses HTTP/0.9 with a bare LF', '9112 appendix C', 400, 'GET /\n'),
];
