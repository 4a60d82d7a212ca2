import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import compression from 'compression';
import cors from 'cors';
import expressSession, { MemoryStore } from 'express-session';
import helmet from 'helmet';
import { Passport } from 'passport';
import { Strategy } from 'passport-local';
import { describe, expect, it, vi } from 'vitest';
import {
  type ConnectMiddleware,
  Controller,
  connect,
  connectRequest,
  createApp,
  Get,
  type Handler,
  HttpError,
  type Middleware,
  Post,
  Reply,
  Req,
  Request,
  securityHeaders,
} from '../../../src/index.js';
import { serveIn, WAYS } from '../../support/both-ways.js';
import { eventually, request, serve, settled, TRANSPORTS } from '../../support/served.js';

type Next = (error?: unknown) => void;

declare module '../../../src/index.js' {
  interface ConnectFields {
    body?: Record<string, string>;
    user?: { name: string };
    session?: expressSession.Session & { visits?: number };
    sessionID?: string;
    login(user: object, done: Next): void;
    logout(done: Next): void;
    trail?: string[];
  }
}

const answer =
  (text: string): Handler =>
  (_req, res) =>
    void res.send(text);

/** What `middleware` gives the client, and what was logged. */
async function through(middleware: ConnectMiddleware, handler: Handler = answer('ok'), headers = {}) {
  const { send, log } = await serveIn('a plain Server', [connect(middleware)], handler);
  const response = await send({ headers });
  return { response, log, text: await response.text() };
}

describe.each(WAYS)('in %s', (way) => {
  it('runs helmet as securityHeaders', async () => {
    const fields = async (middleware: Middleware) => {
      const { send } = await serveIn(way, [middleware], answer('ok'));
      const { headers } = await send();
      headers.delete('date');
      return Object.fromEntries(headers);
    };
    expect(await fields(connect(helmet()))).toEqual(await fields(securityHeaders()));
  });

  it('guards the answer to an error with helmet too', async () => {
    const { send } = await serveIn(way, [connect(helmet())], () => {
      throw new HttpError('No.', 403);
    });
    const response = await send();
    expect([response.status, response.headers.get('x-frame-options')]).toEqual([403, 'SAMEORIGIN']);
  });

  it('answers preflights with cors, and adds its fields to what the handler answers', async () => {
    const { send } = await serveIn(
      way,
      [connect(cors({ origin: 'https://a.example', credentials: true }))],
      answer('ok'),
    );
    const preflight = await send({
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'PUT' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,HEAD,PUT,PATCH,POST,DELETE');
    const got = await send({ headers: { origin: 'https://a.example' } });
    expect(await got.text()).toBe('ok');
    expect(got.headers.get('access-control-allow-credentials')).toBe('true');
    expect(got.headers.get('vary')).toBe('Origin');
  });

  it('calls what it is given in order, each seeing what the one before put on the request', async () => {
    const step = (name: string) =>
      connect((req: IncomingMessage & { trail?: string[] }, _res: ServerResponse, next: Next) => {
        req.trail = [...(req.trail ?? []), name];
        if (name === 'second') setImmediate(next);
        else next();
      });
    const { send } = await serveIn(way, [step('first'), step('second'), step('third')], (req, res) => {
      res.json(connectRequest(req).trail);
    });
    expect(await (await send()).json()).toEqual(['first', 'second', 'third']);
  });

  it('sends the errors of next along the normal path, with the status they carry', async () => {
    const failing = connect((req: IncomingMessage, _res: ServerResponse, next: Next) => {
      const status = Number(req.headers['x-status']);
      next(status ? Object.assign(new Error('told so'), { status }) : new Error('secret'));
    });
    const { send, log } = await serveIn(way, [failing], answer('never'));
    const teapot = await send({ headers: { 'x-status': '418' } });
    expect([teapot.status, ((await teapot.json()) as { detail: string }).detail]).toEqual([418, 'told so']);
    expect(log).toEqual([]);
    const fault = await send();
    expect([fault.status, await fault.text()]).toEqual([500, expect.not.stringContaining('secret')]);
    expect(String(log[0]?.fields.err)).toBe('Error: secret');
    const busy = await send({ headers: { 'x-status': '503' } });
    expect([busy.status, ((await busy.json()) as { detail: string }).detail]).toEqual([503, 'Service Unavailable']);
  });

  it('leaves an error of the handler to the error path, not to the middleware', async () => {
    const caught: unknown[] = [];
    const curious = connect((_req: unknown, _res: unknown, next: Next) => {
      try {
        next();
      } catch (error) {
        caught.push(error);
      }
    });
    const { send } = await serveIn(way, [curious], () => {
      throw new HttpError('Gone.', 410);
    });
    expect((await send()).status).toBe(410);
    expect(caught).toEqual([]);
  });

  it('cuts off an answer whose handler fails after its head has left, and tells the middleware', async () => {
    const events: string[] = [];
    const watching = connect((_req: IncomingMessage, res: ServerResponse, next: Next) => {
      for (const event of ['finish', 'close']) res.on(event, () => events.push(event));
      next();
    });
    const { send, log } = await serveIn(way, [watching], (_req, res) => {
      void res.write('begun');
      throw new Error('broken');
    });
    await expect(send().then((response) => response.text())).rejects.toThrow();
    expect(events).toEqual(['close']);
    expect(log.map(({ message }) => message)).toEqual(['A request failed while its answer was sent']);
  });
});

describe('express-session', () => {
  const options = { secret: 'keyboard cat', resave: false, saveUninitialized: false };

  /** A store that takes a turn of the event loop for everything, as one over a network does. */
  class SlowStore extends MemoryStore {
    readonly saved: string[] = [];

    override set(id: string, content: expressSession.SessionData, done?: (error?: unknown) => void): void {
      setImmediate(() => {
        this.saved.push(id);
        super.set(id, content, done);
      });
    }
  }

  const counting: Handler = (req, res) => {
    const { session } = connectRequest(req);
    if (session === undefined) throw new Error('no session');
    session.visits = (session.visits ?? 0) + 1;
    res.send(`visit ${session.visits}`);
  };

  it.each(WAYS)('lasts from request to request where a handler answers, in %s', async (way) => {
    const store = new SlowStore();
    const { send } = await serveIn(way, [connect(expressSession({ ...options, store }))], counting);
    const first = await send();
    expect(await first.text()).toBe('visit 1');
    const [line] = first.headers.getSetCookie();
    expect(line).toMatch(/^connect\.sid=s%3A.*; Path=\/; HttpOnly$/);
    await eventually(() => store.saved.length === 1, 'the session is saved');
    const again = await send({ headers: { cookie: line.split(';')[0] } });
    expect(await again.text()).toBe('visit 2');
  });

  it.each<[string, Handler]>([
    [
      'that is streamed',
      async (_req, res) =>
        res.stream(
          (async function* () {
            yield 'a';
          })(),
        ),
    ],
    ['without content', (_req, res) => void res.setStatus(204).send()],
    ['that is an error', () => HttpError.raise('No.', 403)],
  ])('is saved, and its cookie set, with an answer %s', async (_title, handler) => {
    const store = new SlowStore();
    const change: Middleware = (req, res, next) => {
      Object.assign(connectRequest(req).session as object, { visits: 1 });
      return next(req, res);
    };
    const middleware = [connect(expressSession({ ...options, store })), change];
    const { send } = await serveIn('a plain Server', middleware, handler);
    const response = await send();
    await response.text();
    expect(response.headers.getSetCookie()).toHaveLength(1);
    await eventually(() => store.saved.length === 1, 'the session is saved');
  });

  it('keeps the cookies that a handler sets beside its own', async () => {
    const { response } = await through(expressSession(options), (req, res) => {
      res.addHeader('Set-Cookie', 'a=1; Expires=Thu, 01 Jan 2032 00:00:00 GMT').addHeader('Set-Cookie', 'b=2');
      counting(req, res);
    });
    expect(response.headers.getSetCookie().map((line) => line.split('=')[0])).toEqual(['a', 'b', 'connect.sid']);
  });

  it('sets a secure cookie where a trusted gateway says that the client came over TLS', async () => {
    const overTls: Middleware = (req, res, next) => {
      req.scheme = 'https';
      return next(req, res);
    };
    const middleware = [overTls, connect(expressSession({ ...options, cookie: { secure: true } }))];
    const { send } = await serveIn('a plain Server', middleware, counting);
    expect((await send()).headers.getSetCookie()[0]).toContain('; Secure');
  });

  it('has saved before middleware that answers has sent anything', async () => {
    const store = new SlowStore();
    const bye = connect((req: { session: { visits?: number } }, res: ServerResponse) => {
      req.session.visits = 1;
      res.on('finish', () => store.saved.push('finish'));
      res.statusCode = 303;
      res.end();
    });
    const { send } = await serveIn('a plain Server', [connect(expressSession({ ...options, store })), bye], answer(''));
    expect((await send()).status).toBe(303);
    expect(store.saved).toEqual([expect.any(String), 'finish']);
  });
});

describe.each(TRANSPORTS)('passport over %s', (transport) => {
  /** Reads a form from the stream, as body-parser does. */
  const readForm = (req: IncomingMessage & { body?: object }, _res: ServerResponse, next: Next) => {
    let text = '';
    req.setEncoding('utf8');
    req.on('data', (piece: string) => {
      text += piece;
    });
    req.on('error', next).on('end', () => {
      req.body = Object.fromEntries(new URLSearchParams(text));
      next();
    });
  };

  async function start() {
    const passport = new Passport();
    passport.use(new Strategy((name, password, done) => done(null, password === 'right' ? { name } : false)));
    passport.serializeUser((user, done) => done(null, (user as { name: string }).name));
    passport.deserializeUser((name: string, done) => done(null, { name }));
    const session = expressSession({ secret: 'keyboard cat', resave: false, saveUninitialized: false });
    return serve(
      (server) => {
        for (const one of [session, passport.initialize(), passport.session()]) server.use(connect(one));
        const redirecting = connect(
          passport.authenticate('local', { successRedirect: '/me', failureRedirect: '/sign-in' }),
        );
        const refusing = connect(passport.authenticate('local', { failWithError: true }));
        const form = connect(readForm);
        const signIn: Handler = (req, res) => form(req, res, (r, s) => redirecting(r, s, answer('not reached')));
        const api: Handler = (req, res) => form(req, res, (r, s) => refusing(r, s, answer('signed in')));
        const signOut: Handler = (req, res) =>
          new Promise<void>((resolve, reject) => {
            connectRequest(req).logout((error) => (error ? reject(error) : resolve()));
          }).then(() => void res.send('bye'));
        server
          .post('/sign-in', signIn)
          .post('/api', api)
          .post('/sign-out', signOut)
          .get('/me', (req, res) => void res.send(connectRequest(req).user?.name ?? 'nobody'));
      },
      {},
      transport,
    );
  }

  const form = (path: string, content: string, ...fields: string[]) =>
    request(
      `POST ${path}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${content.length}`,
      'Connection: close',
      ...fields,
    ) + content;

  it('signs in, remembers, and signs out', async () => {
    const { exchange } = await start();
    const signedIn = await exchange(form('/sign-in', 'username=ada&password=right'));
    expect(signedIn).toMatch(/^HTTP\/1\.1 302 Found\r\n/);
    expect(signedIn).toContain('\r\nLocation: /me\r\n');
    const cookie = `Cookie: ${/Set-Cookie: ([^;]+);/.exec(signedIn)?.[1]}`;
    expect(await exchange(request('GET /me', cookie))).toMatch(/ada$/);
    expect(await exchange(request('GET /me'))).toMatch(/nobody$/);
    expect(await exchange(form('/sign-out', '', cookie))).toMatch(/bye$/);
    expect(await exchange(request('GET /me', cookie))).toMatch(/nobody$/);
  });

  it('redirects who fails', async () => {
    const { exchange } = await start();
    const failed = await exchange(form('/sign-in', 'username=ada&password=wrong'));
    expect(failed).toMatch(/^HTTP\/1\.1 302 Found\r\n/);
    expect(failed).toContain('\r\nLocation: /sign-in\r\n');
  });

  it('refuses by an error that keeps its status', async () => {
    const { exchange, log } = await start();
    const refused = await exchange(form('/api', 'username=ada&password=wrong'));
    expect(refused).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(refused).toContain('application/problem+json');
    expect(log).toEqual([]);
    expect(await exchange(form('/api', 'username=ada&password=right'))).toMatch(/signed in$/);
  });
});

it('signs in from a controller that answers itself', async () => {
  const passport = new Passport();
  passport.serializeUser((user, done) => done(null, (user as { name: string }).name));
  passport.deserializeUser((name: string, done) => done(null, { name }));
  @Controller('/')
  class Accounts {
    @Post()
    async signIn(@Req() req: Request): Promise<Reply> {
      await new Promise<void>((resolve, reject) => {
        connectRequest(req).login({ name: 'ada' }, (error) => (error ? reject(error) : resolve()));
      });
      return Reply.redirect('/');
    }

    @Get()
    show(@Req() req: Request): string {
      return connectRequest(req).user?.name ?? 'nobody';
    }
  }
  const session = expressSession({ secret: 'keyboard cat', resave: false, saveUninitialized: false });
  const use = [session, passport.initialize(), passport.session()].map((one) => connect(one));
  await using t = await createApp({ controllers: [Accounts], use }).test();
  const signedIn = await t.post('/');
  const cookie = signedIn.headers.getSetCookie()[0].split(';')[0];
  expect(await (await t.get('/', { headers: { cookie } })).text()).toBe('ada');
});

describe('compression', () => {
  const long = 'hello '.repeat(1000);
  const gzip = { 'accept-encoding': 'gzip' };

  it.each<[string, Handler]>([
    ['sent whole', answer(long)],
    [
      'streamed',
      async (_req, res) => {
        res.setContentType('text/plain');
        for (let i = 0; i < 10; i++) await res.write(long.slice(0, 600));
        res.end();
      },
    ],
  ])('compresses what is %s', async (_title, handler) => {
    const { send } = await serveIn('a plain Server', [connect(compression())], handler);
    const response = await send({ headers: gzip });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('content-length')).toBeNull();
    const plain = new globalThis.Response(response.body?.pipeThrough(new DecompressionStream('gzip')));
    expect(await plain.text()).toBe(long);
  });

  it('leaves alone what the client wants plain, or has no content', async () => {
    const { send } = await serveIn('a plain Server', [connect(compression())], answer(long));
    expect(await (await send()).text()).toBe(long);
    const head = await send({ method: 'HEAD', headers: gzip });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('saves the session of express-session, before or behind it', async () => {
    for (const isOuter of [true, false]) {
      const store = new MemoryStore();
      const set = vi.spyOn(store, 'set');
      const session = connect(expressSession({ secret: 'cat', resave: false, saveUninitialized: true, store }));
      const both = isOuter ? [session, connect(compression())] : [connect(compression()), session];
      const { send } = await serveIn('a plain Server', both, answer(long));
      const response = await send({ headers: gzip });
      const plain = new globalThis.Response(response.body?.pipeThrough(new DecompressionStream('gzip')));
      expect(await plain.text()).toBe(long);
      expect(set).toHaveBeenCalledOnce();
    }
  });
});

describe('what is lacking', () => {
  it('throws where it is of node:http', async () => {
    const { response, log } = await through((_req: unknown, res: ServerResponse, next: Next) => {
      res.writeContinue();
      next();
    });
    expect(response.status).toBe(500);
    expect(String(log[0]?.fields.err)).toContain('connect: res.writeContinue of node:http is not there');
  });

  it('is undefined where it is of Express, and named if the middleware then fails', async () => {
    const { log } = await through(function shows(req: { app?: object }, res: { render(view: string): void }) {
      if (req.app === undefined) res.render('index');
    });
    const err = log[0]?.fields.err as Error;
    expect(err.message).toBe(
      'connect(shows) failed after it had asked for req.app, res.render of Express, which connect() does not have',
    );
    expect(String(err.cause)).toContain('res.render is not a function');
  });

  it('can be looked at without harm, and be put there', async () => {
    const { text } = await through(
      (req: { app?: object; ip?: string }, _res: unknown, next: Next) => {
        if (req.app === undefined) req.ip = '::1';
        next();
      },
      (req, res) => void res.send((connectRequest(req) as { ip?: string }).ip),
    );
    expect(text).toBe('::1');
  });

  it('is not blamed for what fails in another middleware', async () => {
    const looking = connect((req: { app?: object }, _res: unknown, next: Next) => {
      void req.app;
      next();
    });
    const failing = connect(() => {
      throw new TypeError('mine');
    });
    const { send, log } = await serveIn('a plain Server', [looking, failing], answer(''));
    await send();
    expect(String(log[0]?.fields.err)).toBe('TypeError: mine');
  });

  it.each<[string, unknown]>([
    ['connect: expected a middleware (req, res, next), got object', {}],
    [
      'connect: answersErrors has four parameters, so it answers errors',
      function answersErrors(_err: unknown, _req: unknown, _res: unknown, _next: unknown) {},
    ],
    ['connect: app is an application of Express', Object.assign(function app() {}, { request: {}, response: {} })],
  ])('fails at start: %s', (message, middleware) => {
    expect(() => connect(middleware as ConnectMiddleware)).toThrow(message);
    expect(() => connect(middleware as ConnectMiddleware)).toThrow(TypeError);
  });
});

it('is named after what it runs', () => {
  expect(connect(helmet()).name).toBe('connect(helmetMiddleware)');
  expect(connect(() => {}).name).toBe('connect(anonymous)');
});

it('waits for a middleware that answers later, and calls no handler then', async () => {
  const { text } = await through(
    (_req: unknown, res: ServerResponse) => {
      setImmediate(() => res.end('late'));
    },
    () => HttpError.raise('The handler was called'),
  );
  expect(text).toBe('late');
});

it('calls no handler for a client that has left', async () => {
  let proceed: Next | undefined;
  let hasLeft = false;
  let calls = 0;
  const { connect: connectClient } = await serve(
    (server) =>
      server
        .use(
          connect((req: IncomingMessage, _res: unknown, next: Next) => {
            req.socket.on('close', () => {
              hasLeft = true;
            });
            proceed = next;
          }),
        )
        .get('/', () => void calls++),
    {},
    'tcp',
  );
  const client = await connectClient();
  client.send(request('GET /'));
  await eventually(() => proceed !== undefined, 'the middleware runs');
  // A reset: who only closes may still read its answer.
  (client.duplex as Socket).resetAndDestroy();
  await eventually(() => hasLeft, 'the client has left');
  proceed?.();
  expect(calls).toBe(0);
});

it('takes the rejection of an async middleware for an error, and logs one that comes too late', async () => {
  const early = await through(async () => {
    throw new HttpError('Rejected.', 409);
  });
  expect(early.response.status).toBe(409);
  const late = await through(async (_req: unknown, _res: unknown, next: Next) => {
    next();
    throw new Error('too late');
  });
  await settled();
  expect(late.text).toBe('ok');
  expect(late.log.map(({ message }) => message)).toEqual(['connect(anonymous) failed after it was done']);
});

it('ignores a second next, as Connect does', async () => {
  const calls: string[] = [];
  const { text } = await through(
    (_req: unknown, _res: unknown, next: Next) => {
      next();
      next();
    },
    (_req, res) => {
      calls.push('handler');
      res.send('once');
    },
  );
  expect([text, calls]).toEqual(['once', ['handler']]);
});

it.each([
  ['at once', (next: Next) => next()],
  ['later', (next: Next) => void setImmediate(next)],
])('keeps the rules that env debug checks where next is called %s', async (_title, call) => {
  const { exchange, log } = await serve(
    (server) =>
      server.use(connect((_req: unknown, _res: unknown, next: Next) => call(next))).get('/', async (_req, res) => {
        await new Promise((resolve) => setImmediate(resolve));
        res.send('ok');
      }),
    { env: 'debug' },
  );
  expect(await exchange(request('GET /'))).toMatch(/ok$/);
  expect(log).toEqual([]);
});

it('says what next of an Express router is', async () => {
  const { log } = await through((_req: unknown, _res: unknown, next: Next) => next('route'));
  expect(String(log[0]?.fields.err)).toContain(`next('route') is for the router of Express`);
});

it('says so where connectRequest is asked without it', async () => {
  const { send, log } = await serveIn('a plain Server', [], (req) => void connectRequest(req));
  await send();
  expect(String(log[0]?.fields.err)).toContain('no middleware by connect() is in use');
});
