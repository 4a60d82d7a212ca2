import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/http/request.js';
import {
  eventually,
  problem,
  request,
  requestWith,
  serve,
  settled,
  TRANSPORTS,
  text,
  undated,
} from '../support/served.js';

/** What `look` finds on the request that `bytes` are. */
async function seen<T>(bytes: string, look: (req: Request) => T | Promise<T>, path = '/*rest'): Promise<T> {
  let found: { value: T } | undefined;
  const { exchange, log } = await serve((server) =>
    server.post(path, async (req) => {
      found = { value: await look(req) };
    }),
  );
  const answer = await exchange(bytes);
  if (found === undefined) throw new Error(`${answer} ${JSON.stringify(log)}`);
  return found.value;
}

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

describe('the content', () => {
  it('is read as bytes, text, JSON or form', async () => {
    expect(await seen(requestWith('\xff\0', 'POST /'), (req) => req.bytes())).toEqual(Buffer.from([0xff, 0]));
    expect(await seen(requestWith('\xc3\xa9', 'POST /'), (req) => req.text())).toBe('é');
    expect(await seen(requestWith('{"a":1}', 'POST /'), (req) => req.json())).toEqual({ a: 1 });
    const form = await seen(requestWith('a=1+2&b=%26&a=3', 'POST /'), (req) => req.form());
    expect([...form]).toEqual([
      ['a', '1 2'],
      ['b', '&'],
      ['a', '3'],
    ]);
  });

  it('is empty where there is none', async () => {
    expect(await seen(request('POST /'), (req) => req.bytes())).toHaveLength(0);
    expect(await seen(`${request('POST /', 'Transfer-Encoding: chunked')}0\r\n\r\n`, (req) => req.text())).toBe('');
  });

  it('is the same when it is read again, in any form', async () => {
    const [bytes, again, content] = await seen(requestWith('1', 'POST /'), async (req) => [
      await req.bytes(),
      await req.bytes(),
      await req.json(),
    ]);
    expect(again).toBe(bytes);
    expect(content).toBe(1);
  });

  it('is decoded from chunks, however they are cut', async () => {
    const pieces: string[] = [];
    const { connect } = await serve((server) =>
      server.post('/', async (req, res) => {
        for await (const piece of req.stream) pieces.push(Buffer.from(piece).toString());
        res.send(pieces.join(''));
      }),
    );
    const client = await connect();
    for (const byte of `${request('POST /', 'Transfer-Encoding: chunked')}5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n`) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(undated(await client.response())).toBe(text('hello!'));
    expect(pieces.length).toBe(6);
  });

  it.each<
    [
      title: string,
      bytes: string,
      read: (req: Request) => Promise<unknown>,
      status: string,
      members: object,
      isLast: boolean,
    ]
  >([
    [
      'text that is no UTF-8',
      requestWith('\xff', 'POST /'),
      (req) => req.text(),
      '400 Bad Request',
      { detail: 'The content is not valid UTF-8.' },
      false,
    ],
    [
      'JSON that is none',
      requestWith('{', 'POST /'),
      (req) => req.json(),
      '400 Bad Request',
      { detail: 'The content is not valid JSON: unexpected end at offset 1.', offset: 1 },
      false,
    ],
    [
      'malformed chunks',
      `${request('POST /', 'Transfer-Encoding: chunked')}zz\r\n`,
      (req) => req.bytes(),
      '400 Bad Request',
      { detail: 'A chunk size is not a hexadecimal number.' },
      true,
    ],
  ])('is refused: %s', async (_title, bytes, read, status, members, isLast) => {
    const { connect, log } = await serve((server) =>
      server.post('/', async (req, res) => void res.send(String(await read(req)))),
    );
    const client = (await connect()).send(bytes);
    expect(undated(await client.response())).toBe(problem(status, { ...members }, { isLast }));
    expect(log).toEqual([]);
  });

  it('cannot be read as a stream twice, nor as both', async () => {
    await seen(requestWith('abc', 'POST /'), async (req) => {
      for await (const _piece of req.stream);
      await expect(req.bytes()).rejects.toThrow('The content was already read as a stream');
      await expect(req.stream[Symbol.asyncIterator]().next()).rejects.toThrow('The content was already read');
    });
    await seen(requestWith('abc', 'POST /'), async (req) => {
      await req.bytes();
      await expect(req.stream[Symbol.asyncIterator]().next()).rejects.toThrow('The content was already read');
    });
  });

  it('cannot be read after the answer, so that the next request is left alone', async () => {
    let late: unknown;
    const { connect } = await serve((server) =>
      server
        .post('/', async (req, res) => {
          res.send('answered');
          await settled();
          late = await req.bytes().catch((error: Error) => error.message);
        })
        .post('/next', async (req, res) => {
          await eventually(() => late !== undefined, 'the late read is over');
          res.send(await req.text());
        }),
    );
    const client = (await connect()).send(requestWith('one', 'POST /') + requestWith('two', 'POST /next'));
    expect(undated(await client.response())).toBe(text('answered'));
    expect(undated(await client.response())).toBe(text('two'));
    expect(late).toBe('The content cannot be read any more: its request was answered');
  });

  it('rejects where the client leaves in the middle', async () => {
    let failure: unknown;
    const { connect, log } = await serve((server) =>
      server.post('/', async (req) => {
        failure = await req.bytes().catch((error: unknown) => error);
        throw failure;
      }),
    );
    const client = (await connect()).send(request('POST /', 'Content-Length: 5'));
    await settled();
    client.destroy();
    await eventually(() => failure !== undefined, 'the read has failed');
    expect(failure).toMatchObject({ name: 'ClientGone', message: 'The client closed the connection' });
    expect(log).toEqual([]);
  });
});
