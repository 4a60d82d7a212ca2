import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/http/request.js';
import {
  eventually,
  request,
  requestWith,
  seen,
  serve,
  settled,
  TRANSPORTS,
  text,
  undated,
} from '../support/served.js';

describe('Request', () => {
  it('tells method, version and target', async () => {
    const look = (req: Request) => [
      req.method,
      req.httpVersion,
      req.url.path,
      req.url.search,
      req.url.authority,
      req.url.form,
    ];
    expect(await seen(request('POST /a%20b?c=d'), look)).toEqual(['POST', '1.1', '/a%20b', 'c=d', 'h', 'origin']);
    expect(await seen('POST http://x:8/ HTTP/1.0\r\n\r\n', look)).toEqual(['POST', '1.0', '/', '', 'x:8', 'absolute']);
  });

  it('decodes parameters and query', async () => {
    const look = (req: Request) => [req.params.name, req.url.query.getAll('a'), req.url.query.get('none')];
    expect(await seen(request('POST /a%2Fb%C3%A9?a=1&a=+2%26'), look, '/:name')).toEqual([
      'a/bé',
      ['1', ' 2&'],
      undefined,
    ]);
  });

  it('makes each value once', async () => {
    await seen(request('POST /'), (req) => {
      expect(req.url).toBe(req.url);
      expect(req.headers).toBe(req.headers);
      expect(req.state).toBe(req.state);
      expect(req.signal).toBe(req.signal);
    });
  });

  it('tells the scheme of a socket without TLS, or what middleware has set', async () => {
    await seen(request('POST /'), (req) => {
      expect(req.scheme).toBe('http');
      expect(req.clientCertificate).toBeUndefined();
      req.scheme = 'https';
      expect(req.scheme).toBe('https');
    });
  });

  it('tells the authority that was asked, or what middleware has set', async () => {
    await seen(request('POST /'), (req) => {
      expect(req.authority).toBe('h');
      req.authority = 'shop.example:8443';
      expect(req.authority).toBe('shop.example:8443');
      expect(req.url.authority).toBe('h');
    });
    expect(await seen('POST http://x:8/ HTTP/1.1\r\nHost: x:8\r\n\r\n', (req) => req.authority)).toBe('x:8');
  });

  it('keeps the address of the client that middleware has set, and that of the peer beside it', async () => {
    await seen(request('POST /'), (req) => {
      Object.assign(req.socket, { remoteAddress: '127.0.0.1' });
      expect([req.remoteAddress, req.peerAddress]).toEqual(['127.0.0.1', '127.0.0.1']);
      req.remoteAddress = '192.0.2.1';
      expect([req.remoteAddress, req.peerAddress]).toEqual(['192.0.2.1', '127.0.0.1']);
    });
  });

  it('knows the address of a client that has left, once it was asked for', async () => {
    await seen(request('POST /'), (req) => {
      Object.assign(req.socket, { remoteAddress: '127.0.0.1' });
      expect(req.remoteAddress).toBe('127.0.0.1');
      Object.assign(req.socket, { remoteAddress: undefined });
      expect([req.remoteAddress, req.peerAddress]).toEqual(['127.0.0.1', '']);
    });
  });

  it('tells whether the head announced content', async () => {
    const look = (req: Request) => req.hasContent;
    expect(await seen(request('POST /'), look)).toBe(false);
    expect(await seen(requestWith('', 'POST /'), look)).toBe(false);
    expect(await seen(requestWith('a', 'POST /'), look)).toBe(true);
    expect(await seen(`${request('POST /', 'Transfer-Encoding: chunked')}0\r\n\r\n`, look)).toBe(true);
  });

  it('has params that inherit nothing, before a route has matched too', async () => {
    const params: unknown[] = [];
    const { exchange } = await serve((server) =>
      server.use((req, res, next) => {
        params.push(req.params.constructor, req.params.toString);
        return next(req, res);
      }),
    );
    await exchange(request('GET /'));
    expect(params).toEqual([undefined, undefined]);
  });

  it.each([
    ['tcp', Socket, '127.0.0.1'],
    ['memory', Duplex, ''],
  ] as const)('tells its socket and peer over %s', async (transport, kind, address) => {
    let found: unknown;
    const { exchange } = await serve(
      (server) =>
        server.get('/', (req) => {
          found = [req.socket instanceof kind, req.remoteAddress];
        }),
      {},
      transport,
    );
    await exchange(request('GET /'));
    expect(found).toEqual([true, address]);
  });
});

describe.each(TRANSPORTS)('req.signal over %s', (transport) => {
  it('aborts when the client leaves before its answer, once content was read late too', async () => {
    const events: string[] = [];
    const { connect } = await serve(
      (server) =>
        server.post('/', async (req, res) => {
          res.holdOpen = true;
          await settled();
          events.push(await req.text());
          req.signal.addEventListener('abort', () => events.push('aborted'));
        }),
      {},
      transport,
    );
    const client = (await connect()).send(requestWith('content', 'POST /'));
    await eventually(() => events.length === 1, 'the content is read');
    if (client.duplex instanceof Socket) client.duplex.resetAndDestroy();
    else client.destroy();
    await eventually(() => events.length === 2, 'the signal has aborted');
    expect(events).toEqual(['content', 'aborted']);
  });

  it('does not abort once the answer is complete, whoever leaves afterwards', async () => {
    const signals: AbortSignal[] = [];
    let isLate = false;
    const { connect } = await serve(
      (server) =>
        server
          .get('/early', (req, res) => {
            signals.push(req.signal);
            res.send('early');
          })
          .get('/late', async (req, res) => {
            res.send('late');
            await settled();
            signals.push(req.signal);
          })
          .get('/held', (_req, res) => {
            res.holdOpen = true;
            res.onFinish(() => {
              isLate = true;
            });
          }),
      {},
      transport,
    );
    const client = (await connect()).send(request('GET /early') + request('GET /late') + request('GET /held'));
    expect(undated(await client.response())).toBe(text('early'));
    expect(undated(await client.response())).toBe(text('late'));
    await eventually(() => signals.length === 2, 'both signals are there');
    if (client.duplex instanceof Socket) client.duplex.resetAndDestroy();
    else client.destroy();
    await eventually(() => isLate, 'the last exchange is cut off');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});
