import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Server } from '../../src/server/server.js';
import { RawClient } from '../support/raw-client.js';
import {
  eventually,
  type LogEntry,
  loggerInto,
  problem,
  request,
  requestWith,
  response,
  settled,
  text,
  undated,
} from '../support/served.js';

interface Mounted {
  readonly server: Server;
  readonly log: LogEntry[];
  readonly url: string;
  connect(): Promise<RawClient>;
  /** All that comes back, but what that server says of its connection by its own lights. */
  exchange(bytes: string): Promise<string>;
}

/** Mounts a server in one of `node:http`, as `mount` does. */
async function mounted(
  configure: (server: Server) => void,
  mount: (server: Server) => RequestListener = (server) => server.nodeListener(),
): Promise<Mounted> {
  const log: LogEntry[] = [];
  const server = Server.new({ logger: loggerInto(log) });
  configure(server);
  const outer = createServer(mount(server)).listen(0, '127.0.0.1');
  await once(outer, 'listening');
  const { port } = outer.address() as AddressInfo;
  const clients: RawClient[] = [];
  onTestFinished(() => {
    for (const client of clients) client.destroy();
    outer.closeAllConnections();
    outer.close();
  });
  const connect = async () => {
    const client = await RawClient.tcp(port);
    clients.push(client);
    return client;
  };
  return {
    server,
    log,
    url: `http://127.0.0.1:${port}`,
    connect,
    async exchange(bytes) {
      const client = await connect();
      client.send(bytes);
      await client.end();
      return undated(await client.all()).replaceAll(/^(?:Connection: keep-alive|Keep-Alive: .*)\r\n/gm, '');
    },
  };
}

describe('a request that node:http has read', () => {
  it('has its target, parameters, fields, content and address', async () => {
    const { exchange } = await mounted((server) =>
      server.post('/a/:id', async (req, res) => {
        res.send(`${req.params.id} ${req.url.raw} ${req.headers.getAll('X')} ${await req.text()} ${req.remoteAddress}`);
      }),
    );
    expect(await exchange(requestWith('content', 'POST /a/b?c', 'X: 1', 'X: 2'))).toBe(
      text('b /a/b?c 1,2 content 127.0.0.1'),
    );
  });

  it.each(['HTTP/1.0', 'HTTP/1.1'])('is of %s where it was', async (version) => {
    const { exchange } = await mounted((server) => server.get('/', (req, res) => void res.send(req.httpVersion)));
    expect(await exchange(`GET / ${version}\r\nHost: h\r\n\r\n`)).toContain(version.slice(5));
  });

  it('is refused as on a socket', async () => {
    const { exchange } = await mounted(() => {});
    expect(await exchange('GET / HTTP/1.1\r\nHost: a b\r\n\r\n')).toBe(
      problem('400 Bad Request', { detail: 'The Host field is not a host with an optional port.' }),
    );
  });

  it('has its content where it came in chunks, piece by piece', async () => {
    const { connect } = await mounted((server) =>
      server.post('/', async (req, res) => {
        for await (const piece of req.stream) await res.write(`[${Buffer.from(piece).toString()}]`);
      }),
    );
    const client = await connect();
    client.send(request('POST /', 'Transfer-Encoding: chunked'));
    for (const piece of ['a', 'b']) {
      client.send(`1\r\n${piece}\r\n`);
      await client.until(`[${piece}]\r\n`);
    }
    client.send('0\r\n\r\n');
    await client.end();
    expect(await client.all()).toBe('0\r\n\r\n');
  });

  it('leaves content that it did not read to that server, which goes on to the next request', async () => {
    const { exchange } = await mounted((server) => {
      server.post('/part', async (req, res) => {
        for await (const _piece of req.stream) break;
        res.send('part');
      });
      server.post('/waiting', (req, res) => {
        req.bytes().catch(() => {});
        res.send('waiting');
      });
      server.post('/none', (_req, res) => void res.send('none'));
    });
    const content = 'a'.repeat(300_000);
    const answers = await exchange(requestWith(content, 'POST /part') + requestWith(content, 'POST /waiting') + requestWith(content, 'POST /none') + requestWith('', 'POST /none')); // biome-ignore format: one line
    expect(answers.match(/(?:part|waiting|none)(?=HTTP|$)/g)).toEqual(['part', 'waiting', 'none', 'none']);
  });

  it('is an error of the mounting where its content was read before', async () => {
    const { exchange, log } = await mounted(
      (server) => server.post('/', async (req, res) => void res.send(await req.text())),
      (server) => (req, res) => void req.resume().on('end', () => setImmediate(() => server.nodeListener()(req, res))),
    );
    expect(await exchange(requestWith('content', 'POST /'))).toMatch(/^HTTP\/1.1 500 /);
    expect(log[0]?.fields.err).toMatchObject({ message: expect.stringContaining('before any body parser') });
  });

  it('ends when its client leaves', async () => {
    const ended: string[] = [];
    const { connect } = await mounted((server) => {
      server.get('/answer', async (req, res) => {
        res.onFinish((res) => ended.push(`answer: ${res.wasCutOff()} ${req.signal.aborted}`));
        await res.write('a');
        res.holdOpen = true;
      });
      server.post('/content', async (req) => {
        await req.bytes().catch((error: Error) => void ended.push(`content: ${error.name}`));
      });
    });
    const answer = await connect();
    answer.send(request('GET /answer'));
    await answer.until('\r\na\r\n');
    answer.destroy();
    const content = await connect();
    content.send(request('POST /content', 'Content-Length: 5'));
    await settled();
    content.destroy();
    await eventually(() => ended.length === 2, 'both have ended');
    expect(ended.sort()).toEqual(['answer: true true', 'content: ClientGone']);
  });
});

describe('an answer through node:http', () => {
  it('keeps lines of one name, the order and the spelling', async () => {
    const { exchange } = await mounted((server) =>
      server.get('/', (_req, res) => {
        res.setStatus(201, 'Made').addHeader('X-Ab', '1').addHeader('Set-Cookie', 'a').addHeader('Set-Cookie', 'b');
        res.send('é');
      }),
    );
    expect(await exchange(request('GET /'))).toBe(
      response(
        '201 Made',
        ['Content-Type: text/plain; charset=utf-8', 'X-Ab: 1', 'Set-Cookie: a', 'Set-Cookie: b', 'Content-Length: 2'],
        'Ã©',
      ),
    );
  });

  it.each(['HEAD', 'GET'])('has no content to %s with 304, or to HEAD', async (method) => {
    const { exchange } = await mounted((server) =>
      server.get('/', (_req, res) => void res.setStatus(method === 'GET' ? 304 : 200).send('abc')),
    );
    expect(await exchange(request(`${method} /`))).toMatch(/\r\n\r\n$/);
  });

  it('is made no faster than it is taken', async () => {
    let given = 0;
    const { connect } = await mounted((server) =>
      server.get('/', (_req, res) =>
        res.stream(
          (async function* () {
            for (; given < 1000; given++) yield new Uint8Array(65_536);
          })(),
        ),
      ),
    );
    const client = await connect();
    client.duplex.pause();
    client.send(request('GET /'));
    let before = -1;
    // Until the buffers in between are full, and nothing more is made.
    while (before !== given) {
      before = given;
      for (let i = 0; i < 20; i++) await settled();
    }
    expect(given).toBeLessThan(1000);
    client.duplex.resume();
    await eventually(() => given === 1000, 'all is made');
  });

  it('stops a source that never pauses when its client leaves', async () => {
    let isStopped = false;
    const { connect } = await mounted((server) =>
      server.get('/', (_req, res) =>
        res.stream(
          (async function* () {
            try {
              for (;;) yield new Uint8Array(1_000);
            } finally {
              isStopped = true;
            }
          })(),
        ),
      ),
    );
    const client = await connect();
    client.send(request('GET /'));
    await client.until('\r\n\r\n');
    client.destroy();
    await eventually(() => isStopped, 'it is stopped');
  });

  it('is cut off where the handler fails after its head', async () => {
    const { exchange } = await mounted((server) =>
      server.get('/', async (_req, res) => {
        await res.write('a');
        throw new Error('too late');
      }),
    );
    expect(await exchange(request('GET /'))).not.toContain('0\r\n\r\n');
  });

  it('is that of the same server to both kinds of sockets, when it closes', async () => {
    const { server, exchange } = await mounted((server) => server.get('/', (_req, res) => void res.send('a')));
    expect(await server.close()).toEqual({ destroyed: 0 });
    expect(await exchange(request('GET /'))).toMatch(/^HTTP\/1.1 503 /);
  });
});

describe('as middleware', () => {
  const routes = (server: Server) => server.get('/a', (_req, res) => void res.send('ours'));
  const behind = (options?: Parameters<Server['nodeListener']>[0]) => (server: Server) => {
    const listener = server.nodeListener(options);
    return ((req, res) => listener(req, res, () => res.end('next'))) as RequestListener;
  };

  it.each([
    ['answers what it has', 'GET /a', {}, 'ours'],
    ['answers 404 itself', 'GET /b', {}, 'problem'],
    ['passes on what it has not, where it is told to', 'GET /b?c', { fallThrough: true }, 'next'],
    ['answers what it has, where it is told to pass on', 'HEAD /a', { fallThrough: true }, 'text/plain'],
    ['answers 405 for a path that it has', 'PUT /a', { fallThrough: true }, '405'],
    ['passes on what is no path', 'GET /%zz', { fallThrough: true }, 'next'],
  ])('%s', async (_title, line, options, answer) => {
    const { exchange } = await mounted(routes, behind(options));
    expect(await exchange(request(line))).toContain(answer);
  });

  it('answers by what is left of the path below a mount point', async () => {
    const { exchange } = await mounted(routes, (server) => (req, res) => {
      req.url = req.url?.slice('/api'.length) ?? '';
      server.nodeListener()(req, res);
    });
    expect(await exchange(request('GET /api/a'))).toBe(text('ours'));
  });
});

describe('over HTTP/2', () => {
  it('answers in its way', async () => {
    const server = Server.new();
    server.post('/a', async (req, res) => {
      res.addHeader('Set-Cookie', 'a').addHeader('Set-Cookie', 'b');
      res.send(`${req.authority} ${await req.text()}`);
    });
    const outer = createHttp2Server((req, res) => server.nodeListener()(req as never, res as never));
    outer.listen(0, '127.0.0.1');
    await once(outer, 'listening');
    const client = connectHttp2(`http://127.0.0.1:${(outer.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      outer.close();
    });
    const stream = client.request({ ':method': 'POST', ':path': '/a', ':authority': 'h' });
    stream.end('content');
    const [fields] = await once(stream, 'response');
    let content = '';
    for await (const piece of stream) content += piece;
    expect([fields[':status'], fields['set-cookie'], content]).toEqual([200, ['a', 'b'], 'h content']);
  });
});
