import { once } from 'node:events';
import { connect as connectTcp, createServer, Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Handler, Middleware } from '../../src/http/handler.js';
import { METHODS, verbName } from '../../src/protocol/methods.js';
import { Router } from '../../src/routing/router.js';
import { Opts } from '../../src/server/opts.js';
import { Server } from '../../src/server/server.js';
import { ListenerClosed, type ListenerSocket } from '../../src/sockets/listener-socket.js';
import { MemorySocket } from '../../src/sockets/memory.js';
import { TcpSocket } from '../../src/sockets/tcp.js';
import { exchange, RawClient } from '../support/raw-client.js';
import {
  eventually,
  fakeTime,
  type LogEntry,
  lastText,
  loggerInto,
  pass,
  problem,
  request,
  requestWith,
  response,
  serve,
  settled,
  TRANSPORTS,
  text,
  undated,
} from '../support/served.js';

const hello: Handler = (_req, res) => {
  res.send('hello');
};

/** The target that a client sends with `method` to what is registered under `*` or `/`. */
const targetFor = (method: string) => (method === 'CONNECT' ? 'h:80' : '/');
const pathFor = (method: string) => (method === 'CONNECT' ? '*' : '/');

describe('Server.new', () => {
  it('stands on TCP, with the defaults', () => {
    const server = Server.new();
    expect(server.sock).toBeInstanceOf(TcpSocket);
    expect(server.router).toBeInstanceOf(Router);
    expect(server.middleware).toEqual([]);
    expect([server.ip, server.port, server.env, server.backlog]).toEqual(['0.0.0.0', 0, 'production', undefined]);
  });

  it('takes options, checked or not', () => {
    expect(Server.new({ env: 'debug', backlog: 3 })).toMatchObject({ env: 'debug', backlog: 3 });
    const opts = Opts.new().setBacklog(4);
    expect(Server.new(opts).opts).toBe(opts);
    expect(() => Server.new({ backlog: 0 })).toThrow(RangeError);
  });
});

describe('Server.newWith', () => {
  it('stands on the socket it is given', () => {
    const socket = new MemorySocket();
    const server = Server.newWith(socket, { env: 'debug' });
    expect(server.sock).toBe(socket);
    expect(server.env).toBe('debug');
  });
});

describe('use, on and the verbs', () => {
  it('give the server back', () => {
    const server = Server.new();
    expect(server.setIp('::1')).toBe(server);
    expect(server.ip).toBe('::1');
    expect(server.use((req, res, next) => next(req, res))).toBe(server);
    expect(server.on('QUERY', '/', hello)).toBe(server);
    for (const method of METHODS) expect(server[verbName(method)](pathFor(method), hello)).toBe(server);
    expect([...server.router.routes()].map(({ method }) => method)).toEqual(['QUERY', ...METHODS]);
  });

  it('keep middleware in the order of use', () => {
    const first: Middleware = (req, res, next) => next(req, res);
    const second: Middleware = (req, res, next) => next(req, res);
    expect(Server.new().use(first).use(second).middleware).toEqual([first, second]);
  });

  it('refuse what is no function', () => {
    expect(() => Server.new().use(5 as never)).toThrow(new TypeError('use: expected a function, got number'));
    expect(() => Server.new().get('/', undefined as never)).toThrow(
      new TypeError('GET /: expected a handler, got undefined'),
    );
  });

  it('refuse a path twice, and a malformed one', () => {
    const server = Server.new().get('/a/:b', hello);
    expect(() => server.get('/a/:c', hello)).toThrow('already registered');
    expect(() => server.get('a', hello)).toThrow('"a"');
    expect(() => server.connect('/', hello)).toThrow('path must be "*"');
  });
});

describe.each(TRANSPORTS)('the 33 methods over %s', (transport) => {
  it.each(METHODS)('%s is served, and another method gets 405 with Allow', async (method) => {
    const { connect } = await serve(
      (server) =>
        server[verbName(method)](pathFor(method), (req, res) => {
          res.setStatus(299).addHeader('X-Method', req.method).addHeader('X-Path', req.url.path).send();
        }),
      {},
      transport,
    );
    const client = (await connect()).send(request(`${method} ${targetFor(method)}`));
    const fields = [`X-Method: ${method}`, `X-Path: ${pathFor(method)}`];
    const framing = method === 'CONNECT' ? ['Connection: close'] : method === 'HEAD' ? [] : ['Content-Length: 0'];
    expect(undated(await client.response(method === 'HEAD'))).toBe(response('299 ', [...fields, ...framing]));

    const other = method === 'PUT' ? 'POST' : 'PUT';
    const target = method === 'CONNECT' ? '*' : '/';
    const allow = [...new Set([method, 'OPTIONS', ...(method === 'GET' ? ['HEAD'] : [])])].sort().join(', ');
    const again = (await connect()).send(request(`${other} ${target}`));
    expect(undated(await again.response())).toBe(
      problem(
        '405 Method Not Allowed',
        { detail: `${target} allows ${allow}, not ${other}.` },
        { fields: [`Allow: ${allow}`] },
      ),
    );
  });

  it('answer CONNECT with 405 where only others take requests without a path', async () => {
    const { connect } = await serve((server) => server.mSearch('*', hello), {}, transport);
    const client = (await connect()).send(request('CONNECT h:80'));
    expect(undated(await client.response())).toBe(
      problem(
        '405 Method Not Allowed',
        { detail: '* allows M-SEARCH, OPTIONS, not CONNECT.' },
        { isLast: true, fields: ['Allow: M-SEARCH, OPTIONS'] },
      ),
    );
  });

  it('take asterisk-form with any method', async () => {
    const { exchange } = await serve(
      (server) => server.mSearch('*', (req, res) => void res.send(req.headers.get('st'))),
      {},
      transport,
    );
    expect(undated(await exchange(request('M-SEARCH *', 'ST: ssdp:all')))).toBe(text('ssdp:all'));
  });
});

describe('what is no verb', () => {
  it.each(['QUERY', 'BREW', 'x-y.z', 'get'])('is served where it is registered: %s', async (method) => {
    const { exchange } = await serve((server) =>
      server.on(method, '/', async (req, res) => void res.send(`${req.method} ${await req.text()}`)),
    );
    expect(undated(await exchange(requestWith('hi', `${method} /`)))).toBe(text(`${method} hi`));
  });

  it('is 501 where nothing has it, whether the path is there or not', async () => {
    const { exchange } = await serve((server) => server.get('/', hello));
    for (const path of ['/', '/none', '*']) {
      expect(undated(await exchange(request(`BREW ${path}`)))).toBe(
        problem('501 Not Implemented', { detail: 'The method BREW is not implemented.' }),
      );
    }
  });

  it('is 405 where another path has it, and so is QUERY always', async () => {
    const { exchange } = await serve((server) => server.get('/', hello).on('BREW', '/pot', hello));
    for (const method of ['BREW', 'QUERY']) {
      expect(undated(await exchange(request(`${method} /`)))).toBe(
        problem(
          '405 Method Not Allowed',
          { detail: `/ allows GET, HEAD, OPTIONS, not ${method}.` },
          { fields: ['Allow: GET, HEAD, OPTIONS'] },
        ),
      );
    }
  });
});

describe('what the route table answers', () => {
  it.each<[title: string, line: string, wire: string]>([
    ['404 for a path without a route', 'GET /none?a=b', problem('404 Not Found', { detail: 'Nothing is at /none.' })],
    [
      '404 for OPTIONS of a path without a route',
      'OPTIONS /none',
      problem('404 Not Found', { detail: 'Nothing is at /none.' }),
    ],
    ['404 for asterisk-form', 'GET *', problem('404 Not Found', { detail: 'Nothing is at *.' })],
    [
      '400 for an escape that is no UTF-8',
      'GET /%ff',
      problem('400 Bad Request', { detail: 'The path /%ff has a percent-escape that is no UTF-8.' }),
    ],
    ['204 with Allow for OPTIONS', 'OPTIONS /a', response('204 No Content', ['Allow: DELETE, GET, HEAD, OPTIONS'])],
    [
      '204 with every method for OPTIONS *',
      'OPTIONS *',
      response('204 No Content', ['Allow: DELETE, GET, HEAD, MKCOL, OPTIONS']),
    ],
    ['HEAD from GET', 'HEAD /a', response('200 OK', ['Content-Type: text/plain; charset=utf-8', 'Content-Length: 5'])],
    ['absolute-form as origin-form', 'GET http://h/a', text('hello')],
  ])('is %s', async (_title, line, wire) => {
    const { exchange } = await serve((server) => server.get('/a', hello).delete('/a', hello).mkcol('/b', hello));
    expect(undated(await exchange(request(line)))).toBe(wire);
  });

  it('leaves OPTIONS and HEAD to routes of their own', async () => {
    const { exchange } = await serve((server) =>
      server
        .get('/', hello)
        .options('/', (_req, res) => void res.send('own'))
        .options('*', (_req, res) => void res.send('all'))
        .head('/', (_req, res) => void res.addHeader('X', 'own').send()),
    );
    expect(undated(await exchange(request('OPTIONS /')))).toBe(text('own'));
    expect(undated(await exchange(request('OPTIONS *')))).toBe(text('all'));
    expect(undated(await exchange(request('HEAD /')))).toBe(response('200 OK', ['X: own']));
  });

  it('passes through the middleware too', async () => {
    const { exchange } = await serve((server) =>
      server.use((req, res, next) => {
        res.addHeader('X', 'seen');
        return next(req, res);
      }),
    );
    expect(undated(await exchange(request('GET /')))).toBe(
      problem('404 Not Found', { detail: 'Nothing is at /.' }, { fields: ['X: seen'] }),
    );
  });
});

describe('route', () => {
  it('runs middleware, then the handler, and composes again after use', async () => {
    const { server, connect } = await serve((server) =>
      server.get('/:name', (req, res) => void res.send(req.params.name)),
    );
    const client = (await connect()).send(request('GET /a'));
    expect(undated(await client.response())).toBe(text('a'));
    server.use((_req, res) => void res.send('from middleware'));
    client.send(request('GET /a'));
    expect(undated(await client.response())).toBe(text('from middleware'));
  });

  it('throws what a handler throws, and gives the promise that it gives', async () => {
    const seen: unknown[] = [];
    const { exchange } = await serve((server) =>
      server
        .get('/sync', () => {
          throw new Error('sync');
        })
        .get('/async', async () => {
          throw new Error('async');
        })
        .get('/', (req, res) => {
          for (const path of ['/sync', '/async']) {
            const inner = Object.create(req, { url: { value: { path } } });
            try {
              const pending = server.route(inner, res);
              seen.push(pending instanceof Promise);
              pending?.catch((error: Error) => seen.push(error.message));
            } catch (error) {
              seen.push((error as Error).message);
            }
          }
          res.send();
        }),
    );
    await exchange(request('GET /'));
    expect(seen).toEqual(['sync', true, 'async']);
  });
});

describe('listen', () => {
  it('binds the address and tells the port', async () => {
    const server = Server.new().setIp('127.0.0.1');
    expect(await server.listen()).toBe(server);
    expect(server.ip).toBe('127.0.0.1');
    expect(server.port).toBeGreaterThan(0);
    await server.close();
  });

  it('hands on address, port and backlog', async () => {
    const calls: unknown[] = [];
    const socket = new (class extends MemorySocket {
      override bind(ip: string, port: number): void {
        calls.push(ip, port);
        super.bind(ip, port);
      }
      override listen(backlog?: number): void {
        calls.push(backlog);
        super.listen(backlog);
      }
    })();
    const server = await Server.newWith(socket, { backlog: 9 }).setIp('10.0.0.1').listen(81);
    expect(calls).toEqual(['10.0.0.1', 81, 9]);
    expect([server.ip, server.port]).toEqual(['10.0.0.1', 81]);
    await server.close();
  });

  it('rejects with EADDRINUSE where the port is taken, and can be tried again', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const server = Server.new().setIp('127.0.0.1').get('/', hello);
    await expect(server.listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
    await once(other, 'close');
    await server.listen(port);
    const running = server.run();
    expect(undated(await exchange(port, request('GET /')))).toBe(text('hello'));
    await server.close();
    await running;
  });
});

describe('tick', () => {
  it('serves exactly one client', async () => {
    const socket = new MemorySocket();
    const server = await Server.newWith(socket).get('/', hello).listen();
    const [first, second] = [RawClient.over(socket.connect()), RawClient.over(socket.connect())];
    for (const client of [first, second]) client.send(request('GET /'));
    await server.tick();
    expect(undated(await first.response())).toBe(text('hello'));
    await settled();
    expect(second.received).toBe('');
    await server.tick();
    expect(undated(await second.response())).toBe(text('hello'));
    for (const client of [first, second]) client.destroy();
    await server.close({ timeout: 0 });
  });

  it('rejects where the socket does', async () => {
    const server = await Server.newWith(new MemorySocket()).listen();
    const rejected = expect(server.tick()).rejects.toBeInstanceOf(ListenerClosed);
    await server.close();
    await rejected;
  });
});

describe('_tick', () => {
  it('serves one client to its end, on any Duplex', async () => {
    const server = Server.newWith(new MemorySocket()).get('/', hello);
    const [near, far] = duplexPair({ allowHalfOpen: true });
    let isOver = false;
    const serving = server._tick(far).then(() => {
      isOver = true;
    });
    const client = RawClient.over(near).send(request('GET /'));
    expect(undated(await client.response())).toBe(text('hello'));
    await settled();
    expect(isOver).toBe(false);
    await client.end();
    await serving;
  });

  it('is over at once for a client that is gone already', async () => {
    const [near, far] = duplexPair();
    near.destroy();
    far.destroy();
    await Server.newWith(new MemorySocket())._tick(far);
  });
});

/** A ListenerSocket in the shortest form: what a user may write by hand. */
class HandWritten implements ListenerSocket {
  readonly #clients: Duplex[] = [];
  #wake: () => void = () => {};
  #isClosed = false;
  readonly failures: Error[] = [];

  bind(): void {}
  listen(): void {}
  getsockname() {
    return { ip: 'hand-written', port: 7 };
  }
  setoption(): void {}
  connect(): Duplex {
    const [near, far] = duplexPair({ allowHalfOpen: true });
    this.#clients.push(far);
    this.#wake();
    return near;
  }
  fail(message: string): void {
    this.failures.push(new Error(message));
    this.#wake();
  }
  async accept(): Promise<Duplex> {
    for (;;) {
      const failure = this.failures.shift();
      if (failure !== undefined) throw failure;
      const client = this.#clients.shift();
      if (client !== undefined) return client;
      if (this.#isClosed) throw new Error('closed');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }
}

describe('a hand-written ListenerSocket', () => {
  it('serves', async () => {
    const socket = new HandWritten();
    const log: LogEntry[] = [];
    const server = await Server.newWith(socket, { logger: loggerInto(log) })
      .get('/', hello)
      .listen();
    expect([server.ip, server.port]).toEqual(['hand-written', 7]);
    const running = server.run();
    for (let i = 0; i < 2; i++) expect(undated(await exchange(socket.connect(), request('GET /')))).toBe(text('hello'));
    await server.close();
    await running;
    // That accept rejects while the socket is closed is no news, whatever it rejects with.
    expect(log).toEqual([]);
  });
});

describe('run', () => {
  it('gives accept errors to its callback and goes on', async () => {
    const socket = new HandWritten();
    const server = await Server.newWith(socket).get('/', hello).listen();
    const errors: unknown[] = [];
    const running = server.run((error) => {
      errors.push(error);
    });
    socket.fail('one');
    socket.fail('two');
    expect(undated(await exchange(socket.connect(), request('GET /')))).toBe(text('hello'));
    expect(errors).toEqual([new Error('one'), new Error('two')]);
    await server.close();
    await running;
  });

  it('stops where the callback gives false', async () => {
    const socket = new HandWritten();
    const server = await Server.newWith(socket).listen();
    const running = server.run(() => false);
    socket.fail('one');
    await running;
    await server.close();
  });

  it('logs accept errors without a callback, and lets others run between them', async () => {
    const socket = new HandWritten();
    const log: LogEntry[] = [];
    const server = await Server.newWith(socket, { logger: loggerInto(log) }).listen();
    for (let i = 0; i < 100; i++) socket.fail('again');
    const running = server.run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.length).toBeLessThan(100);
    expect(log[0]).toMatchObject({
      level: 'error',
      message: 'The listening socket reported an error',
      fields: { err: new Error('again') },
    });
    await server.close();
    await running;
  });

  it('is over at once after close', async () => {
    const server = await Server.newWith(new MemorySocket()).listen();
    await server.close();
    await server.run();
  });
});

describe('_run', () => {
  it('loops while the predicate holds', async () => {
    const socket = new MemorySocket();
    const server = await Server.newWith(socket).get('/', hello).listen();
    let left = 2;
    const running = server._run(undefined, () => left-- > 0);
    const clients = [0, 1, 2].map(() => RawClient.over(socket.connect()).send(request('GET /')));
    await running;
    for (const client of clients.slice(0, 2)) expect(undated(await client.response())).toBe(text('hello'));
    expect(clients[2].received).toBe('');
    for (const client of clients) client.destroy();
    await server.close({ timeout: 0 });
  });
});

describe.each(TRANSPORTS)('close over %s', (transport) => {
  it('refuses new clients and closes idle ones', async () => {
    const { server, connect, running } = await serve((server) => server.get('/', hello), {}, transport);
    const [fresh, served] = [await connect(), await connect()];
    served.send(request('GET /'));
    await served.response();
    for (const client of [fresh, served]) client.duplex.on('end', () => client.duplex.end());
    expect(await server.close()).toEqual({ destroyed: 0 });
    await running;
    expect(await fresh.all()).toBe('');
    expect(await served.all()).toBe('');
    await expect(connect()).rejects.toThrow();
  });

  it('lets the running request finish, with Connection: close', async () => {
    let finish: (() => void) | undefined;
    const { server, connect } = await serve(
      (server) =>
        server.get('/', async (_req, res) => {
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          res.send('done');
        }),
      {},
      transport,
    );
    const client = (await connect()).send(request('GET /'));
    client.duplex.on('end', () => client.duplex.end());
    await eventually(() => finish !== undefined, 'the handler runs');
    const closing = server.close();
    await settled();
    expect(server.close()).toBe(closing);
    finish?.();
    expect(undated(await client.all())).toBe(lastText('done'));
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('closes after an answer that had begun before, though its head had promised to go on', async () => {
    let finish = () => {};
    const { server, connect } = await serve(
      (server) =>
        server.get('/', (_req, res) => {
          res.holdOpen = true;
          void res.write('a');
          finish = () => void res.end();
        }),
      {},
      transport,
    );
    const client = (await connect()).send(request('GET /'));
    client.duplex.on('end', () => client.duplex.end());
    await client.until('1\r\na\r\n');
    const closing = server.close();
    await settled();
    finish();
    expect(await client.all()).toBe('0\r\n\r\n');
    expect(await closing).toEqual({ destroyed: 0 });
  });
});

describe('close', () => {
  it('destroys what is not finished in time, and tells how many', async () => {
    const { server, connect } = await serve((server) => server.get('/', () => new Promise(() => {})), {
      shutdownTimeout: 5000,
    });
    const clients = [await connect(), await connect(), await connect()];
    for (const client of clients.slice(0, 2)) client.send(request('GET /'));
    await settled();
    fakeTime();
    clients[2].duplex.on('end', () => clients[2].duplex.end());
    let report: unknown;
    void server.close().then((done) => {
      report = done;
    });
    await pass(4999);
    expect(report).toBeUndefined();
    await pass(1);
    expect(report).toEqual({ destroyed: 2 });
    for (const client of clients) expect(client.closed).toBe(true);
  });

  it('takes its own timeout', async () => {
    const { server, connect } = await serve((server) => server.get('/', () => new Promise(() => {})));
    (await connect()).send(request('GET /'));
    await settled();
    expect(await server.close({ timeout: 0 })).toEqual({ destroyed: 1 });
  });

  it('serves what has arrived already', async () => {
    const { server, connect } = await serve((server) => server.get('/', hello));
    const client = await connect();
    await settled();
    client.send(request('GET /'));
    const closing = server.close();
    client.duplex.on('end', () => client.duplex.end());
    const bytes = undated(await client.all());
    expect([text('hello'), lastText('hello')]).toContain(bytes);
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('answers a client that is handed over later with 503', async () => {
    const server = Server.newWith(new MemorySocket()).get('/', hello);
    await server.close();
    const [near, far] = duplexPair({ allowHalfOpen: true });
    const serving = server._tick(far);
    expect(undated(await exchange(near, request('GET /')))).toBe(
      problem(
        '503 Service Unavailable',
        { detail: 'This server has as many connections as it accepts.' },
        { isLast: true },
      ),
    );
    await serving;
  });

  it('frees the port', async () => {
    const server = await Server.new().setIp('127.0.0.1').listen();
    const { port } = server;
    await server.close();
    const again = await Server.new().setIp('127.0.0.1').listen(port);
    await again.close();
    const probe = connectTcp({ port, host: '127.0.0.1' });
    await expect(once(probe, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('inject', () => {
  it('sends one request through the whole server', async () => {
    const answer = await Server.new()
      .post('/', async (req, res) => void res.send(await req.text()))
      .inject({ method: 'POST', body: 'a' });
    expect(await answer.text()).toBe('a');
  });
});

describe('req.socket', () => {
  it('is the socket of the client', async () => {
    const { exchange } = await serve(
      (server) =>
        server.get('/', (req, res) => {
          res.send(`${req.socket instanceof Socket} ${req.remoteAddress}`);
        }),
      {},
      'tcp',
    );
    expect(undated(await exchange(request('GET /')))).toBe(text('true 127.0.0.1'));
  });
});
