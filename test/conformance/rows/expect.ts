/** Rows of Expect: 100-continue (RFC 9110 §10.1.1). */

import { chunked, get, head, post, posting, type Row, refuses, SMUGGLED, serves } from '../support/row.js';

const EXPECT = 'Expect: 100-continue';
const asking = (...fields: string[]) => posting(EXPECT, ...fields);

/** The client gets a final answer instead of 100, and what it sends then is not interpreted. */
const instead = (title: string, rfc: string, status: number, wire: string, extra?: Partial<Row>): Row => ({
  title,
  rfc,
  wire: [wire, SMUGGLED],
  statuses: [status],
  after: 'closed',
  seen: ['POST / (unread)'],
  lacks: ['100 Continue', 'smuggled'],
  ...extra,
});

export const EXPECTATIONS: readonly Row[] = [
  {
    title: 'asks for content when it is first read',
    rfc: '9110 §10.1.1',
    wire: [asking('Content-Length: 5'), 'hello'],
    statuses: [100, 200],
    after: 'open',
    seen: ['POST / hello'],
  },
  {
    title: 'asks for chunked content',
    rfc: '9110 §10.1.1',
    wire: [asking('Transfer-Encoding: chunked'), '2\r\nab\r\n0\r\n\r\n'],
    statuses: [100, 200],
    after: 'open',
    seen: ['POST / ab'],
  },
  {
    title: 'asks once, however the content comes',
    rfc: '9110 §10.1.1',
    wire: [asking('Content-Length: 6'), 'ab', 'cd', 'ef'],
    statuses: [100, 200],
    after: 'open',
    seen: ['POST / abcdef'],
  },
  {
    title: 'takes the expectation in any case',
    rfc: '9110 §10.1.1',
    wire: [posting('eXPECT: 100-CONTINUE', 'Content-Length: 1'), 'a'],
    statuses: [100, 200],
    after: 'open',
    seen: ['POST / a'],
  },
  {
    title: 'takes the expectation twice as once',
    rfc: '9110 §5.3',
    wire: [asking(EXPECT, 'Content-Length: 1'), 'a'],
    statuses: [100, 200],
    after: 'open',
    seen: ['POST / a'],
  },
  {
    title: 'asks only when the answers before it are sent',
    rfc: '9112 §9.3.2',
    wire: [get('/a') + asking('Content-Length: 1'), 'b', get('/c')],
    statuses: [200, 100, 200, 200],
    after: 'open',
    seen: ['GET /a', 'POST / b', 'GET /c'],
  },
  serves('does not ask for content that is here', '9110 §10.1.1', post('a', EXPECT), 'POST / a', { ways: ['whole'] }),
  serves('does not ask for no content', '9110 §10.1.1', asking() + get('/b'), ['POST /', 'GET /b']),
  serves('does not ask under Content-Length: 0', '9110 §10.1.1', asking('Content-Length: 0') + get('/b'), [
    'POST /',
    'GET /b',
  ]),
  serves('does not ask where nobody reads', '9110 §10.1.1', get('/', EXPECT), 'GET /', { by: 'deaf' }),

  // Final answers instead
  instead('closes where a handler answers without reading', '9110 §10.1.1', 200, asking('Content-Length: 40'), {
    by: 'deaf',
  }),
  instead(
    'closes where a handler answers without reading chunks',
    '9110 §10.1.1',
    200,
    asking('Transfer-Encoding: chunked'),
    { by: 'deaf' },
  ),
  instead('closes where nothing is at the target', 'CVE-2024-24791', 404, asking('Content-Length: 40'), {
    by: 'router',
  }),
  instead(
    'closes where the method is not allowed',
    'CVE-2024-24791',
    405,
    asking('Content-Length: 40').replace('POST /', 'POST /known'),
    {
      by: 'router',
      seen: ['POST /known (unread)'],
    },
  ),
  instead(
    'answers 413 instead of 100 where Content-Length says too much',
    '9110 §15.5.14',
    413,
    asking('Content-Length: 5'),
    {
      options: { maxBodySize: 4 },
    },
  ),
  instead('closes where a handler fails before it reads', '9110 §10.1.1', 500, asking('Content-Length: 40'), {
    by: () => {
      throw new Error('early');
    },
    logged: 1,
  }),
  instead(
    'closes where the content comes although it was not asked for',
    '9110 §10.1.1',
    200,
    asking(`Content-Length: ${SMUGGLED.length}`),
    {
      by: 'deaf',
    },
  ),
  instead(
    'answers without 100 where the client asks to close',
    '9110 §10.1.1',
    200,
    asking('Content-Length: 40', 'Connection: close'),
    {
      by: 'deaf',
    },
  ),
  {
    title: 'never writes 100 into an answer that has begun',
    rfc: 'CVE-2020-15586',
    wire: [asking('Content-Length: 5'), 'hello'],
    by: async (req, res, saw) => {
      await res.write('before ');
      saw((await req.bytes()).toString('latin1'));
      await res.write('after');
    },
    statuses: [200],
    after: 'open',
    seen: ['POST / hello'],
    contents: ['before after'],
    lacks: ['100 Continue'],
  },

  // Other expectations
  refuses('refuses an unknown expectation', '9110 §15.5.18', 417, `${posting('Expect: 200-ok', 'Content-Length: 1')}a`),
  refuses('refuses an empty expectation', '9110 §10.1.1', 417, posting('Expect:')),
  refuses('refuses 100-continue with a parameter', '9110 §10.1.1', 417, posting('Expect: 100-continue;a=b')),
  refuses('refuses 100-continue in quotes', '9110 §10.1.1', 417, posting('Expect: "100-continue"')),
  refuses('refuses a list of expectations', '9110 §10.1.1', 417, posting('Expect: 100-continue, 100-continue')),
  refuses('refuses an unknown expectation beside a known one', '9110 §10.1.1', 417, asking('Expect: more')),
  refuses(
    'refuses bad framing instead of asking for content',
    '9112 §6.3',
    400,
    chunked('0\r\n\r\n', EXPECT, 'Content-Length: 1'),
    {
      lacks: ['100 Continue', 'smuggled'],
    },
  ),
  serves(
    'ignores the expectation of HTTP/1.0',
    '9110 §10.1.1',
    `${head('POST / HTTP/1.0', 'Connection: keep-alive', EXPECT, 'Content-Length: 1')}a`,
    'POST / a',
    {
      lacks: ['100 Continue'],
    },
  ),
  serves(
    'ignores what HTTP/1.0 expects',
    '9110 §10.1.1',
    `${head('POST / HTTP/1.0', 'Connection: keep-alive', 'Expect: more', 'Content-Length: 1')}a`,
    'POST / a',
  ),
];
