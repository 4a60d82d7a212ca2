/** Rows of Upgrade and CONNECT (RFC 9110 §7.8, §9.3.6, RFC 9931). */

import { get, head, type Row, SMUGGLED, serves } from '../support/row.js';

const upgrading = (protocol: string, ...fields: string[]) =>
  get('/', 'Connection: upgrade', `Upgrade: ${protocol}`, ...fields);
const notTaken = (title: string, rfc: string, wire: string): Row =>
  serves(title, rfc, wire + get('/b'), ['GET /', 'GET /b'], { lacks: ['101 '] });

const connect = (...fields: string[]) => head('CONNECT h:443 HTTP/1.1', 'Host: h:443', ...fields);

/** What follows CONNECT is for the other end of a tunnel, whatever became of it. */
const connecting = (title: string, rfc: string, status: number, extra?: Partial<Row>): Row => ({
  title,
  rfc,
  wire: connect() + SMUGGLED,
  statuses: [status],
  after: 'closed',
  seen: ['CONNECT h:443'],
  lacks: ['smuggled'],
  ...extra,
});

export const UPGRADE: readonly Row[] = [
  notTaken(
    'goes on as HTTP after Upgrade: websocket',
    '9110 §7.8',
    upgrading('websocket', 'Sec-WebSocket-Version: 13'),
  ),
  notTaken('goes on as HTTP after Upgrade: h2c', '9110 §7.8', upgrading('h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__')),
  notTaken('goes on as HTTP after Upgrade: TLS/1.0', 'RFC 2817 §3', upgrading('TLS/1.0')),
  notTaken('goes on as HTTP after a list of protocols', '9110 §7.8', upgrading('foo/1, bar, websocket')),
  notTaken('goes on as HTTP after two Upgrade fields', '9110 §7.8', upgrading('websocket', 'Upgrade: h2c')),
  notTaken('goes on as HTTP after an empty Upgrade', '9110 §7.8', upgrading('')),
  notTaken(
    'goes on as HTTP after an Upgrade that Connection does not list',
    '9110 §7.8',
    get('/', 'Upgrade: websocket'),
  ),
  notTaken(
    'goes on as HTTP where Connection lists an Upgrade that is not there',
    '9110 §7.8',
    get('/', 'Connection: upgrade'),
  ),
  serves(
    'reads the content of a request with Upgrade',
    '9110 §7.8',
    `${upgrading('websocket', 'Content-Length: 3')}abc${get('/b')}`,
    ['GET / abc', 'GET /b'],
  ),
  serves(
    'reads the chunked content of a request with Upgrade',
    '9110 §7.8',
    `${upgrading('h2c', 'Transfer-Encoding: chunked')}1\r\na\r\n0\r\n\r\n${get('/b')}`,
    ['GET / a', 'GET /b'],
  ),
  {
    title: 'takes bytes after an Upgrade for HTTP until it has answered 101',
    rfc: 'CVE-2026-2833',
    wire: `${upgrading('websocket')}\x81\x05hello${SMUGGLED}`,
    statuses: [200, 400],
    after: 'closed',
    seen: ['GET /'],
    lacks: ['smuggled', '101 '],
  },
  {
    title: 'closes after an Upgrade where asked',
    rfc: '9112 §9.6',
    wire: get('/', 'Connection: upgrade, close', 'Upgrade: websocket') + SMUGGLED,
    statuses: [200],
    after: 'closed',
    seen: ['GET /'],
    lacks: ['smuggled'],
  },
  {
    title: 'ignores the Upgrade of HTTP/1.0',
    rfc: '9110 §7.8',
    wire: head('GET / HTTP/1.0', 'Connection: upgrade, keep-alive', 'Upgrade: websocket'),
    statuses: [200],
    after: 'open',
    seen: ['GET /'],
    lacks: ['101 '],
  },

  connecting('interprets nothing after a 2xx to CONNECT', '9110 §9.3.6', 200, {
    lacks: ['smuggled', 'Content-Length', 'chunked'],
  }),
  connecting('sends what a handler writes through the tunnel', '9110 §9.3.6', 200, {
    by: async (_req, res) => {
      await res.write('a');
      await res.write('b');
      res.end();
    },
    contents: ['ab'],
    lacks: ['smuggled', 'Content-Length', 'chunked'],
  }),
  connecting('sends no length with a 204 to CONNECT', '9110 §9.3.6', 204, {
    by: (_req, res) => res.setStatus(204).send(),
    lacks: ['smuggled', 'Content-Length'],
  }),
  connecting('closes after CONNECT that nobody serves', 'RFC 9931 CONNECT', 404, { by: 'router' }),
  connecting('closes after CONNECT that a handler refuses', 'CVE-2026-56866', 403, {
    by: (_req, res) => res.setStatus(403).send('no'),
    contents: ['no'],
  }),
  connecting('closes after a 407 to CONNECT', 'RFC 9931 CONNECT', 407, {
    by: (_req, res) => res.setStatus(407).setHeader('Proxy-Authenticate', 'Basic').send(),
  }),
  connecting('closes after CONNECT whose handler fails', 'RFC 9931 CONNECT', 500, {
    by: () => {
      throw new Error('down');
    },
    logged: 1,
  }),
  connecting('closes after CONNECT although asked to persist', 'RFC 9931 CONNECT', 200, {
    wire: connect('Connection: keep-alive') + SMUGGLED,
  }),
  connecting('closes after CONNECT with content', '9110 §9.3.6', 200, {
    wire: `${connect('Content-Length: 3')}abc${SMUGGLED}`,
    by: 'deaf',
    seen: ['CONNECT h:443 (unread)'],
  }),
  {
    title: 'answers what came before CONNECT',
    rfc: '9112 §9.3.2',
    wire: get('/a') + connect() + SMUGGLED,
    statuses: [200, 200],
    after: 'closed',
    seen: ['GET /a', 'CONNECT h:443'],
    contents: ['GET /a', 'CONNECT h:443'],
    lacks: ['smuggled'],
  },
];
