import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  Controller,
  CurrentSession,
  createApp,
  From,
  Get,
  type Handler,
  HttpError,
  MemorySessionStore,
  type Middleware,
  Post,
  type Session,
  type SessionOptions,
  type SessionStore,
  session,
  sessionOf,
} from '../../../src/index.js';
import { serveIn, WAYS, type Way } from '../../support/both-ways.js';
import { eventually } from '../../support/served.js';

declare module '../../../src/index.js' {
  interface SessionFields {
    userId?: number;
    cart?: readonly string[];
    since?: Date;
    note?: string;
  }
}

const KEY = 'a secret that has thirty-two bytes';
const NEW_KEY = 'another secret of thirty-two bytes';
const DAY = 86_400;

/** Both places a session can be kept in. */
const KEPT: [string, () => SessionOptions][] = [
  ['its cookie', () => ({ keys: [KEY] })],
  ['a store', () => ({ store: new MemorySessionStore() })],
];

/** One browser: it keeps the cookies that it is sent. */
class Visitor {
  readonly #send: (headers: Record<string, string>) => Promise<Response>;
  cookie: string | undefined;
  last: Response | undefined;

  constructor(send: (headers: Record<string, string>) => Promise<Response>, cookie?: string) {
    this.#send = send;
    this.cookie = cookie;
  }

  async visit(): Promise<string> {
    this.last = await this.#send(this.cookie === undefined ? {} : { cookie: this.cookie });
    for (const line of this.last.headers.getSetCookie()) {
      this.cookie = line.includes('Max-Age=0') ? undefined : line.split(';')[0];
    }
    return this.last.text();
  }
}

/** Each visit calls the next of `steps`, and answers what it gives as JSON. */
async function visitorOf(
  options: SessionOptions,
  steps: readonly ((session: Session) => unknown)[],
  way: Way = 'a plain Server',
  outer: readonly Middleware[] = [],
) {
  let visits = 0;
  const handler: Handler = async (req, res) => {
    const step = steps[visits++];
    res.json((await step(await sessionOf(req))) ?? null);
  };
  const { send, log } = await serveIn(way, [...outer, session(options)], handler);
  const visitor = (cookie?: string) => new Visitor((headers) => send({ headers }), cookie);
  return { visitor, send, log };
}

const values = (one: Session) => one.values;
const signIn = (one: Session) => one.update({ userId: 7 });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  onTestFinished(() => void vi.useRealTimers());
});

const passSeconds = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

describe.each(KEPT)('kept in %s', (_title, options) => {
  it.each(WAYS)('lasts from request to request, in %s', async (way) => {
    const steps = [
      signIn,
      values,
      (one: Session) => one.update({ cart: ['a'], userId: undefined }).then(() => one.values),
      values,
    ];
    const visitor = (await visitorOf(options(), steps, way)).visitor();
    await visitor.visit();
    expect(JSON.parse(await visitor.visit())).toEqual({ userId: 7 });
    expect(visitor.last?.headers.getSetCookie()).toEqual([]);
    expect(JSON.parse(await visitor.visit())).toEqual({ cart: ['a'] });
    expect(JSON.parse(await visitor.visit())).toEqual({ cart: ['a'] });
  });

  it('sets no cookie before the first change', async () => {
    const { visitor } = await visitorOf(options(), [(one) => [one.isNew, one.values]]);
    const one = visitor();
    expect(JSON.parse(await one.visit())).toEqual([true, {}]);
    expect(one.last?.headers.getSetCookie()).toEqual([]);
    expect(one.last?.headers.get('cache-control')).toBeNull();
    expect(one.last?.headers.get('vary')).toBe('Cookie');
  });

  it('sets a cookie that scripts and other sites do not get, and that ends with the session', async () => {
    const one = (await visitorOf(options(), [signIn])).visitor();
    await one.visit();
    expect(one.last?.headers.getSetCookie()[0]).toMatch(
      /^session=[\w-]{43,}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(one.last?.headers.get('cache-control')).toBe('private');
  });

  it('is for this host alone over TLS', async () => {
    const overTls: Middleware = (req, res, next) => {
      req.scheme = 'https';
      return next(req, res);
    };
    const one = (await visitorOf(options(), [signIn, values], 'a plain Server', [overTls])).visitor();
    await one.visit();
    expect(one.cookie).toMatch(/^__Host-session=/);
    expect(one.last?.headers.getSetCookie()[0]).toContain('; Secure');
    expect(JSON.parse(await one.visit())).toEqual({ userId: 7 });
  });

  it('ends after maxAge without a visit', async () => {
    const one = (await visitorOf({ ...options(), maxAge: 100 }, [signIn, values])).visitor();
    await one.visit();
    passSeconds(100);
    expect(JSON.parse(await one.visit())).toEqual({});
  });

  it('is renewed once half of maxAge has passed, not before', async () => {
    const one = (await visitorOf({ ...options(), maxAge: 100 }, [signIn, values, values, values])).visitor();
    await one.visit();
    passSeconds(49);
    await one.visit();
    expect(one.last?.headers.getSetCookie()).toEqual([]);
    passSeconds(1);
    await one.visit();
    expect(one.last?.headers.getSetCookie()[0]).toContain('Max-Age=100;');
    passSeconds(99);
    expect(JSON.parse(await one.visit())).toEqual({ userId: 7 });
  });

  it('ends after its lifetime however often it is visited, and starts again when regenerated', async () => {
    const plan = { ...options(), maxAge: 100, lifetime: 120 };
    const steps = [signIn, values, values, signIn, (one: Session) => one.regenerate(), values];
    const one = (await visitorOf(plan, steps)).visitor();
    await one.visit();
    passSeconds(60);
    await one.visit();
    expect(one.last?.headers.getSetCookie()[0]).toContain('Max-Age=60;');
    passSeconds(60);
    expect(JSON.parse(await one.visit())).toEqual({});
    await one.visit();
    passSeconds(60);
    await one.visit();
    expect(one.last?.headers.getSetCookie()[0]).toContain('Max-Age=100;');
    passSeconds(99);
    expect(JSON.parse(await one.visit())).toEqual({ userId: 7 });
  });

  it('is destroyed, its cookie too', async () => {
    const one = (await visitorOf(options(), [signIn, (one) => one.destroy().then(() => one.isNew), values])).visitor();
    await one.visit();
    expect(await one.visit()).toBe('true');
    expect(one.last?.headers.getSetCookie()[0]).toMatch(/^session=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970/);
    expect(await one.visit()).toBe('{}');
  });

  it('starts anew where the cookie is not one of ours', async () => {
    const steps = Array(4).fill((one: Session) => [one.isNew, one.values]);
    const { visitor } = await visitorOf(options(), steps);
    for (const forged of ['session=', 'session=x', `session=${'A'.repeat(43)}`, 'session=%zz']) {
      expect(JSON.parse(await visitor(forged).visit())).toEqual([true, {}]);
    }
  });

  it('makes changes one after the other, awaited or not', async () => {
    const steps = [
      async (one: Session) => {
        void one.update({ userId: 1, note: 'a' });
        void one.regenerate({ userId: 2 });
        await one.update({ cart: [] });
      },
      values,
    ];
    const one = (await visitorOf(options(), steps)).visitor();
    await one.visit();
    expect(one.last?.headers.getSetCookie()).toHaveLength(1);
    expect(JSON.parse(await one.visit())).toEqual({ userId: 2, note: 'a', cart: [] });
  });

  it('gives values as the next request will find them, frozen', async () => {
    const seen: unknown[] = [];
    const steps = [
      async (one: Session) => {
        await one.update({ since: new Date(0), cart: ['a'] });
        seen.push(one.values.since, Object.isFrozen(one.values), Object.isFrozen(one.values.cart));
      },
    ];
    await (await visitorOf(options(), steps)).visitor().visit();
    expect(seen).toEqual(['1970-01-01T00:00:00.000Z', true, true]);
  });

  it('keeps what was awaited before the handler failed', async () => {
    const steps = [
      async (one: Session) => {
        await one.update({ userId: 7 });
        throw new HttpError('No.', 403);
      },
      values,
    ];
    const one = (await visitorOf(options(), steps)).visitor();
    await one.visit();
    expect(one.last?.status).toBe(403);
    expect(JSON.parse(await one.visit())).toEqual({ userId: 7 });
  });

  it.each(WAYS)('refuses a new cookie once the head has left, in %s', async (way) => {
    const { send, log } = await serveIn(way, [session(options())], async (req, res) => {
      void res.write('begun');
      await (await sessionOf(req)).update({ userId: 7 });
    });
    await expect(send().then((answer) => answer.text())).rejects.toThrow();
    const told = log.map(({ message, fields }) => [message, String(fields.err)]);
    expect(told).toEqual([
      ['A session could not be changed', expect.stringContaining('the response was sent before its cookie')],
      [
        'A request failed while its answer was sent',
        expect.stringContaining('the response was sent before its cookie'),
      ],
    ]);
  });

  it('logs a change that failed and that nobody awaited', async () => {
    const { send, log } = await serveIn('a plain Server', [session(options())], async (req, res) => {
      const one = await sessionOf(req);
      res.send('sent');
      void one.update({ userId: 7 });
    });
    expect(await (await send()).text()).toBe('sent');
    expect(log.map(({ message }) => message)).toEqual(['A session could not be changed']);
  });

  it('leaves Cache-Control to the handler that sets it', async () => {
    const { send } = await serveIn('a plain Server', [session(options())], async (req, res) => {
      res.setHeader('Cache-Control', 'no-store');
      await (await sessionOf(req)).update({ userId: 7 });
      res.send();
    });
    expect((await send()).headers.get('cache-control')).toBe('no-store');
  });
});

it('is injected into a controller, one for the request', async () => {
  @Controller('/')
  class Accounts {
    @Post()
    async signIn(@From(CurrentSession) one: Session): Promise<void> {
      await one.regenerate({ userId: 7 });
    }

    @Get()
    show(@From(CurrentSession) one: Session): number | undefined {
      return one.values.userId;
    }
  }
  await using t = await createApp({ controllers: [Accounts], use: [session({ keys: [KEY] })] }).test();
  const signedIn = await t.post('/');
  const cookie = signedIn.headers.getSetCookie()[0].split(';')[0];
  expect(await (await t.get('/', { headers: { cookie } })).json()).toBe(7);
});

it('says so where it is not in use', async () => {
  const { send, log } = await serveIn('a plain Server', [], async (req) => void (await sessionOf(req)));
  expect((await send()).status).toBe(500);
  expect(String(log[0]?.fields.err)).toContain('the middleware session() is not in use');
});

it('looks nothing up for a request that does not ask', async () => {
  const store: SessionStore = new Proxy({} as SessionStore, {
    get: (_store, name) => {
      throw new Error(`asked for ${String(name)}`);
    },
  });
  const { send } = await serveIn('a plain Server', [session({ store })], (_req, res) => void res.send('ok'));
  const answer = await send({ headers: { cookie: `session=${'A'.repeat(43)}` } });
  expect([answer.status, answer.headers.get('vary')]).toEqual([200, null]);
});

describe('in its cookie', () => {
  it('moves to the first key when it is next asked for', async () => {
    const one = (await visitorOf({ keys: [KEY] }, [signIn])).visitor();
    await one.visit();
    const rotating = await visitorOf({ keys: [NEW_KEY, KEY] }, [values]);
    const moved = rotating.visitor(one.cookie);
    expect(JSON.parse(await moved.visit())).toEqual({ userId: 7 });
    expect(moved.cookie).not.toBe(one.cookie);
    const rotated = await visitorOf({ keys: [NEW_KEY] }, [values, values]);
    expect(await rotated.visitor(one.cookie).visit()).toBe('{}');
    expect(JSON.parse(await rotated.visitor(moved.cookie).visit())).toEqual({ userId: 7 });
  });

  it('is good for the cookie of that name alone', async () => {
    const one = (await visitorOf({ keys: [KEY], name: 'visitor' }, [signIn])).visitor();
    await one.visit();
    const other = await visitorOf({ keys: [KEY], name: 'editor' }, [values]);
    expect(await other.visitor(one.cookie?.replace('visitor', 'editor')).visit()).toBe('{}');
  });

  it('is refused by name where browsers would not keep it', async () => {
    const { visitor, log } = await visitorOf({ keys: [KEY] }, [(one) => one.update({ note: 'x'.repeat(3000) })]);
    const one = visitor();
    await one.visit();
    expect(one.last?.status).toBe(500);
    expect(one.last?.headers.getSetCookie()).toEqual([]);
    expect(String(log[0]?.fields.err)).toMatch(/^CookieTooLarge: The cookie session would have \d+ bytes/);
  });
});

describe('in a store', () => {
  it('is another one under another id once regenerated: who knew the old id has nothing', async () => {
    const store = new MemorySessionStore();
    const steps = [
      (one: Session) => one.update({ cart: ['a'] }),
      (one: Session) => one.regenerate({ userId: 7 }),
      values,
      values,
    ];
    const { visitor } = await visitorOf({ store }, steps);
    const one = visitor();
    await one.visit();
    const attacker = visitor(one.cookie);
    await one.visit();
    expect(await attacker.visit()).toBe('{}');
    expect(JSON.parse(await one.visit())).toEqual({ cart: ['a'], userId: 7 });
    expect(store.size).toBe(1);
  });

  it('can be changed after the answer, where its cookie is out already', async () => {
    let isDone = false;
    const handler: Handler = async (req, res) => {
      const one = await sessionOf(req);
      if (one.isNew) await one.update({ note: 'new' });
      res.json(one.values);
      await one.update({ note: 'later' });
      isDone = true;
    };
    const { send } = await serveIn('a plain Server', [session({ store: new MemorySessionStore() })], handler);
    const one = new Visitor((headers) => send({ headers }));
    expect(JSON.parse(await one.visit())).toEqual({ note: 'new' });
    await eventually(() => isDone, 'the handler has ended');
    expect(JSON.parse(await one.visit())).toEqual({ note: 'later' });
  });

  it('is not left behind where the answer overtook its id', async () => {
    const store = new MemorySessionStore();
    const { send, log } = await serveIn('a plain Server', [session({ store })], async (req, res) => {
      void (await sessionOf(req)).update({ userId: 7 });
      // Once the store has begun.
      await Promise.resolve();
      res.send('too soon');
    });
    await (await send()).text();
    await eventually(() => log.length === 1, 'the change has failed');
    expect(String(log[0]?.fields.err)).toContain('the response was sent before its cookie');
    expect(store.size).toBe(0);
  });

  it('never takes up an id that the client made up', async () => {
    const made = `session=${'A'.repeat(43)}`;
    const one = (await visitorOf({ store: new MemorySessionStore() }, [signIn])).visitor(made);
    await one.visit();
    expect(one.cookie).not.toBe(made);
  });

  it('does not come back through a request that was still running when it ended', async () => {
    const store = new MemorySessionStore();
    let end: () => Promise<string> = async () => '';
    const steps = [
      signIn,
      async (one: Session) => {
        await end();
        await one.update({ cart: ['late'] });
      },
      (one: Session) => one.destroy(),
    ];
    const { visitor } = await visitorOf({ store }, steps);
    const one = visitor();
    await one.visit();
    const other = visitor(one.cookie);
    end = () => other.visit();
    await one.visit();
    expect(one.last?.status).toBe(409);
    expect(store.size).toBe(0);
  });

  it('is never told the id that the cookie has', async () => {
    const ids: string[] = [];
    const memory = new MemorySessionStore();
    const store: SessionStore = {
      get: (id) => memory.get(id),
      set: (id, content, storing) => {
        ids.push(id);
        return memory.set(id, content, storing);
      },
      destroy: (id) => memory.destroy(id),
    };
    const one = (await visitorOf({ store }, [signIn])).visitor();
    await one.visit();
    expect(ids).toHaveLength(1);
    expect(one.cookie).not.toContain(ids[0]);
  });

  it.each(['get', 'set', 'destroy'] as const)('answers what its %s fails with as an error', async (method) => {
    const store = new MemorySessionStore();
    const steps = [signIn, (one: Session) => one.update({ userId: 8 }).then(() => one.destroy())];
    const { visitor, log } = await visitorOf({ store }, steps);
    const one = visitor();
    await one.visit();
    vi.spyOn(store, method).mockRejectedValue(new Error('store is down'));
    await one.visit();
    expect(one.last?.status).toBe(500);
    expect(String(log[0]?.fields.err)).toContain('store is down');
  });
});

it.each<[string, SessionOptions]>([
  ['session: expected either keys, for a session in its cookie, or a store', {} as SessionOptions],
  ['session: keys[0] must have at least 32 bytes, got 5', { keys: ['short'] }],
  ['session: maxAge must be whole seconds from 1, got 0', { keys: [KEY], maxAge: 0 }],
  [
    'session: maxAge must be whole seconds from 0 to 34560000 (400 days), got 86400000',
    { keys: [KEY], maxAge: DAY * 1000 },
  ],
  ['session: lifetime must be whole seconds from 1, got 0.5', { keys: [KEY], lifetime: 0.5 }],
  ['session: its name must be a token', { keys: [KEY], name: 'a b' }],
  [
    'session: the prefix __Host- needs the path "/" and no domain',
    { keys: [KEY], name: '__Host-a', cookie: { path: '/b' } },
  ],
])('fails at start: %s', (message, options) => {
  expect(() => session(options)).toThrow(new TypeError(message));
});
