import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  Body,
  Controller,
  CurrentSession,
  compress,
  createApp,
  From,
  Get,
  type Handler,
  HttpError,
  type IdempotencyOptions,
  type IdempotencyStore,
  idempotency,
  MaxBodySize,
  MemoryIdempotencyStore,
  MemorySessionStore,
  type Middleware,
  Post,
  Reply,
  rateLimit,
  requestId,
  type ServerOptions,
  type Session,
  session,
  sessionOf,
  Timeout,
  timeout,
  Use,
} from '../../../src/index.js';
import { fieldOf, statusOf } from '../../support/behind.js';
import {
  eventually,
  fakeTime,
  pass,
  problem,
  requestWith,
  response,
  type Served,
  serve,
  settled,
  undated,
} from '../../support/served.js';

declare module '../../../src/index.js' {
  interface SessionFields {
    buyer?: string;
  }
}

const JSON_TYPE = 'Content-Type: application/json';
const KEY = 'Idempotency-Key: "k"';

/** An order, as bytes. */
const order = (content = 'lamp', ...fields: string[]) => requestWith(content, 'POST /orders', 'X-User: ada', ...fields);

/** What each user has ordered, behind the middleware. */
interface Shop extends Served {
  readonly orders: string[];
}

const makeOrder =
  (orders: string[]): Handler =>
  async (req, res) => {
    orders.push(await req.text());
    res.setStatus(201).setHeader('Location', `/orders/${orders.length}`).json({ number: orders.length });
  };

interface ShopParts {
  readonly options?: Partial<IdempotencyOptions>;
  readonly handler?: (orders: string[]) => Handler;
  readonly outside?: readonly Middleware[];
  readonly inside?: readonly Middleware[];
  readonly server?: ServerOptions;
}

async function open({
  options,
  handler = makeOrder,
  outside = [],
  inside = [],
  server,
}: ShopParts = {}): Promise<Shop> {
  const orders: string[] = [];
  const once = idempotency({ scope: (req) => req.headers.get('x-user'), ...options });
  const served = await serve(
    (shop) => {
      for (const middleware of [...outside, once, ...inside]) shop.use(middleware);
      shop.post('/orders', handler(orders)).put('/orders', handler(orders)).get('/orders', handler(orders));
    },
    // Checks that each middleware awaits the next.
    { env: 'debug', ...server },
  );
  return { ...served, orders };
}

/** A promise, and what resolves it. */
function gate(): [opened: Promise<void>, open: () => void] {
  let resolve = () => {};
  const opened = new Promise<void>((settle) => {
    resolve = settle;
  });
  return [opened, resolve];
}

describe('a request that comes again', () => {
  it('is answered as it was the first time, and not served', async () => {
    const { exchange, orders } = await open();
    const first = undated(await exchange(order('lamp', KEY)));
    expect(first).toBe(
      response('201 Created', [JSON_TYPE, 'Location: /orders/1', 'Content-Length: 12'], '{"number":1}'),
    );
    expect(undated(await exchange(order('lamp', KEY)))).toBe(first);
    expect(orders).toEqual(['lamp']);
  });

  it.each<[string, Handler, string]>([
    ['nothing', () => {}, response('204 No Content', [])],
    ['a status alone', (_req, res) => void res.setStatus(202), response('202 Accepted', ['Content-Length: 0'])],
    [
      'bytes',
      (_req, res) => void res.send(Uint8Array.of(0, 255, 128)),
      response('200 OK', ['Content-Type: application/octet-stream', 'Content-Length: 3'], '\0\xff\x80'),
    ],
    [
      'pieces',
      async (_req, res) => {
        await res.write('é');
        await res.write('à');
        res.end();
      },
      response('200 OK', ['Content-Type: application/octet-stream', 'Content-Length: 4'], '\xc3\xa9\xc3\xa0'),
    ],
    [
      'a stream',
      (_req, res) =>
        res.stream(
          (async function* () {
            yield 'a';
            await sleep(0);
            yield 'b';
          })(),
        ),
      response('200 OK', ['Content-Type: application/octet-stream', 'Content-Length: 2'], 'ab'),
    ],
    [
      'what is held open',
      (_req, res) => {
        res.holdOpen = true;
        setImmediate(() => res.send('late'));
      },
      response('200 OK', ['Content-Type: text/plain; charset=utf-8', 'Content-Length: 4'], 'late'),
    ],
    [
      'lines of one field',
      (_req, res) => void res.addHeader('Link', '</a>; rel="a"').addHeader('Link', '</b>; rel="b"').send('x'),
      response(
        '200 OK',
        ['Content-Type: text/plain; charset=utf-8', 'Link: </a>; rel="a"', 'Link: </b>; rel="b"', 'Content-Length: 1'],
        'x',
      ),
    ],
    [
      'a redirection',
      (_req, res) => void res.setStatus(303).setHeader('Location', '/orders/1').send(),
      response('303 See Other', ['Location: /orders/1', 'Content-Length: 0']),
    ],
  ])('has the same answer where that is %s', async (_title, handler, expected) => {
    const { connect } = await open({ handler: () => handler });
    const client = await connect();
    for (let i = 0; i < 2; i++) {
      client.send(order('lamp', KEY));
      expect(undated(await client.response())).toBe(expected);
    }
  });

  it('keeps the bytes of its content', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_none, i) => i);
    const { server } = await open({ handler: () => (_req, res) => void res.send(bytes) });
    for (let i = 0; i < 2; i++) {
      const answer = await server.inject({
        ...{ method: 'POST', url: '/orders', body: 'lamp' },
        headers: { 'x-user': 'ada', 'idempotency-key': '"k"' },
      });
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });

  it('is served where it has another key, or none', async () => {
    const { exchange, orders } = await open();
    await exchange(order('lamp', KEY));
    await exchange(order('lamp', 'Idempotency-Key: "other"'));
    await exchange(order('lamp'));
    await exchange(order('lamp'));
    expect(orders).toHaveLength(4);
  });

  it('is served where somebody else sends it', async () => {
    const { exchange, orders } = await open();
    await exchange(order('lamp', KEY));
    await exchange(requestWith('lamp', 'POST /orders', 'X-User: grace', KEY));
    expect(orders).toHaveLength(2);
  });

  it('is served as if it had no key where nobody knows who sends it', async () => {
    const { exchange, orders } = await open({ options: { required: true } });
    for (let i = 0; i < 2; i++) expect(statusOf(await exchange(requestWith('a', 'POST /orders', KEY)))).toBe(201);
    expect(orders).toHaveLength(2);
  });

  it('is served again when its answer has expired', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { exchange, orders } = await open({ options: { maxAge: 10 } });
    await exchange(order('lamp', KEY));
    vi.setSystemTime(Date.now() + 9_999);
    await exchange(order('lamp', KEY));
    expect(orders).toHaveLength(1);
    vi.setSystemTime(Date.now() + 1);
    await exchange(order('lamp', KEY));
    expect(orders).toHaveLength(2);
  });

  it.each(['GET', 'PUT'])('is served as ever where it is a %s', async (method) => {
    const { exchange, orders } = await open();
    for (let i = 0; i < 2; i++) await exchange(requestWith('', `${method} /orders`, 'X-User: ada', KEY));
    expect(orders).toHaveLength(2);
  });

  it('is not where its method is among those with keys', async () => {
    const { exchange, orders } = await open({ options: { methods: ['PUT'] } });
    for (let i = 0; i < 2; i++) await exchange(requestWith('a', 'PUT /orders', 'X-User: ada', KEY));
    for (let i = 0; i < 2; i++) await exchange(order('b', KEY));
    expect(orders).toEqual(['a', 'b', 'b']);
  });
});

describe('a request with the key of another', () => {
  const USED = { detail: 'This Idempotency-Key was used for another request.' };

  it.each([
    ['content', requestWith('chair', 'POST /orders', 'X-User: ada', KEY)],
    ['a query', requestWith('lamp', 'POST /orders?gift=1', 'X-User: ada', KEY)],
    ['a method', requestWith('lamp', 'PUT /orders', 'X-User: ada', KEY)],
  ])('is refused with 422 where it differs by %s', async (_what, other) => {
    const { exchange, orders } = await open({ options: { methods: ['POST', 'PUT'] }, server: { env: 'production' } });
    await exchange(order('lamp', KEY));
    expect(undated(await exchange(other))).toBe(problem('422 Unprocessable Content', USED));
    expect(orders).toEqual(['lamp']);
  });

  it('is told by what the application says', async () => {
    const fingerprint = (req: { headers: { get(name: string): string | undefined } }) =>
      req.headers.get('content-digest') ?? '';
    const { exchange, orders } = await open({
      options: { fingerprint },
      // Nobody has read it before.
      handler: (made) => async (req, res) => {
        for await (const piece of req.stream) made.push(Buffer.from(piece).toString());
        res.send();
      },
    });
    expect(statusOf(await exchange(order('lamp', KEY, 'Content-Digest: sha-256=:1:')))).toBe(200);
    expect(statusOf(await exchange(order('other bytes', KEY, 'Content-Digest: sha-256=:1:')))).toBe(200);
    expect(statusOf(await exchange(order('lamp', KEY, 'Content-Digest: sha-256=:2:')))).toBe(422);
    expect(orders).toEqual(['lamp']);
  });
});

describe('a key', () => {
  it('is missing where it is required', async () => {
    const { exchange, orders } = await open({ options: { required: true }, server: { env: 'production' } });
    const missing = problem('400 Bad Request', { detail: 'The field Idempotency-Key is missing.' });
    expect(undated(await exchange(order()))).toBe(missing);
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(201);
    expect(orders).toEqual(['lamp']);
  });

  it.each([
    ['without quotes', ['Idempotency-Key: k']],
    ['of no characters', ['Idempotency-Key: ""']],
    ['that are two', [KEY, KEY]],
  ])('is refused with 400 %s', async (_title, fields) => {
    const { exchange, orders } = await open({ server: { env: 'production' } });
    const detail = 'Idempotency-Key must be one string of 1 to 255 characters in double quotes, as "8e03978e".';
    expect(undated(await exchange(order('lamp', ...fields)))).toBe(problem('400 Bad Request', { detail }));
    expect(orders).toEqual([]);
  });

  it('is not told to the store, nor is who has it', async () => {
    const store = new MemoryIdempotencyStore();
    const claim = vi.spyOn(store, 'claim');
    const { exchange } = await open({ options: { store } });
    await exchange(order('lamp', KEY));
    const [[id = '', { fingerprint } = { fingerprint: '' }] = []] = claim.mock.calls;
    for (const told of [id, fingerprint]) expect(told).toMatch(/^[\w-]{43}$/);
  });
});

describe('a request whose first is still being served', () => {
  it('is refused with 409, and answered when that has ended', async () => {
    const [serving, end] = gate();
    const { connect, exchange, orders } = await open({
      handler: (made) => async (req, res) => {
        made.push(await req.text());
        await serving;
        res.send('done');
      },
      server: { env: 'production' },
    });
    const client = await connect();
    client.send(order('lamp', KEY));
    await eventually(() => orders.length === 1, 'the first is served');
    expect(undated(await exchange(order('lamp', KEY)))).toBe(
      problem(
        '409 Conflict',
        { detail: 'The request with this Idempotency-Key is still being served.' },
        { fields: ['Retry-After: 1'] },
      ),
    );
    expect(statusOf(await exchange(order('chair', KEY)))).toBe(422);
    end();
    expect(await client.response()).toMatch(/done$/);
    expect(await exchange(order('lamp', KEY))).toMatch(/done$/);
    expect(orders).toEqual(['lamp']);
  });

  it('does not wait for the content of it', async () => {
    const { connect, exchange, orders } = await open();
    const slow = await connect();
    slow.send(order('lamp', KEY).slice(0, -1));
    await settled();
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(201);
    slow.send('p');
    expect(statusOf(await slow.response())).toBe(201);
    expect(orders).toEqual(['lamp']);
  });

  it('is served when the lock of a process that has died is over', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    let isFirst = true;
    const { connect, exchange, log } = await open({
      options: { lockTimeout: 5000 },
      handler: () => async (_req, res) => {
        if (isFirst) {
          isFirst = false;
          await hanging;
        }
        res.send('done');
      },
    });
    const [hanging, goOn] = gate();
    const dead = await connect();
    dead.send(order('lamp', KEY));
    await eventually(() => !isFirst, 'the first is served');
    vi.setSystemTime(Date.now() + 4999);
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(409);
    vi.setSystemTime(Date.now() + 1);
    expect(await exchange(order('lamp', KEY))).toMatch(/done$/);
    // It was not dead, only slow: its own client is answered, and the log says so.
    goOn();
    expect(await dead.response()).toMatch(/done$/);
    expect(log).toMatchObject([
      { level: 'warn', message: 'A request took longer than the lockTimeout of its Idempotency-Key' },
    ]);
  });
});

describe('an error', () => {
  it.each<[string, Handler, number]>([
    ['that a client may see', () => HttpError.raise('Sold out.', 409), 409],
    [
      'that a client must not see',
      () => {
        throw new Error('secret');
      },
      500,
    ],
    ['that is an answer', (_req, res) => void res.setStatus(404).send('none'), 404],
    [
      'of an answer that has begun',
      (_req, res) => {
        void res.write('part');
        throw new Error('secret');
      },
      500,
    ],
    ['of events, which have no end', (_req, res) => void res.events(), 500],
    ['of a socket that is given away', (_req, res) => void res.detach(), 500],
    [
      'of content that cannot be encoded',
      (_req, res) => {
        const broken = new Transform({ transform: (_chunk, _encoding, done) => done(new Error('broken')) });
        res.onHead((one) => void one.encode(broken));
        res.send('done');
      },
      500,
    ],
    ['of an answer that does not fit', (_req, res) => res.stream(endless()), 500],
  ])('gives the key back: one %s', async (_title, fail, status) => {
    let fails = true;
    const { exchange, orders } = await open({
      options: { maxAnswerSize: 1000 },
      handler: (made) => (req, res) => {
        if (!fails) return makeOrder(made)(req, res);
        fails = false;
        return fail(req, res);
      },
    });
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(status);
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(201);
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(201);
    expect(orders).toEqual(['lamp']);
  });

  it('lets a corrected request have the same key', async () => {
    const { exchange, orders } = await open({
      handler: (made) => async (req, res) => {
        HttpError.assert((await req.text()) !== 'lmap', 'There is none.', 422);
        return makeOrder(made)(req, res);
      },
    });
    expect(statusOf(await exchange(order('lmap', KEY)))).toBe(422);
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(201);
    expect(orders).toEqual(['lamp']);
  });

  it('after the answer is logged, and the answer kept', async () => {
    const { exchange, log } = await open({
      handler: () => (_req, res) => {
        res.send('done');
        throw new Error('afterwards');
      },
    });
    expect(await exchange(order('lamp', KEY))).toMatch(/done$/);
    expect(await exchange(order('lamp', KEY))).toMatch(/done$/);
    expect(log).toMatchObject([{ message: 'A request failed after its answer' }]);
  });

  it('does not come of an answer that its handler cuts off', async () => {
    const { exchange, log } = await open({ handler: () => (_req, res) => res.destroy() });
    expect(await exchange(order('lamp', KEY))).toBe('');
    expect(await exchange(order('lamp', KEY))).toBe('');
    expect(log).toEqual([]);
  });
});

async function* endless(): AsyncGenerator<string> {
  for (;;) yield 'x'.repeat(100);
}

describe('an answer', () => {
  it('is kept although its client has left', async () => {
    const [serving, end] = gate();
    const { connect, exchange, orders } = await open({
      handler: (made) => async (req, res) => {
        made.push(await req.text());
        await serving;
        res.send('done');
      },
    });
    const client = await connect();
    client.send(order('lamp', KEY));
    await eventually(() => orders.length === 1, 'it is served');
    client.destroy();
    await settled();
    end();
    await settled();
    expect(await exchange(order('lamp', KEY))).toMatch(/done$/);
    expect(orders).toEqual(['lamp']);
  });

  it.each<[string, ShopParts]>([
    ['outside', { outside: [timeout(1000)] }],
    ['inside', { inside: [timeout(1000)] }],
  ])('is kept that comes after a time limit %s', async (_where, place) => {
    fakeTime();
    const [serving, end] = gate();
    const { connect, orders } = await open({
      ...place,
      options: { lockTimeout: 10_000 },
      handler: (made) => async (req, res) => {
        made.push(await req.text());
        await serving;
        res.send('done');
      },
    });
    const client = await connect();
    client.send(order('lamp', KEY));
    await settled();
    await pass(1000);
    expect(statusOf(await client.response())).toBe(503);
    const again = async () => {
      const other = await connect();
      other.send(order('lamp', KEY));
      return other.response();
    };
    expect(statusOf(await again())).toBe(409);
    end();
    await settled();
    expect(await again()).toMatch(/done$/);
    expect(orders).toEqual(['lamp']);
  });

  it('that nobody waits for any more is kept when it comes', async () => {
    const held: (() => void)[] = [];
    let hasEnded = false;
    const { connect, exchange } = await open({
      outside: [
        async (req, res, next) => {
          await next(req, res);
          hasEnded = true;
        },
      ],
      handler: () => (_req, res) => {
        res.holdOpen = true;
        held.push(() => void res.send('done'));
      },
    });
    const client = await connect();
    client.send(order('lamp', KEY));
    await eventually(() => held.length === 1, 'it is held');
    client.destroy();
    await eventually(() => hasEnded, 'it is waited for no more');
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(409);
    held[0]?.();
    await settled();
    expect(await exchange(order('lamp', KEY))).toMatch(/done$/);
  });

  it('leaves when it is kept, and not before', async () => {
    const [keeping, kept] = gate();
    const store = new MemoryIdempotencyStore();
    const keep = store.keep.bind(store);
    store.keep = async (...args) => {
      await keeping;
      return keep(...args);
    };
    const { connect, orders } = await open({ options: { store } });
    const client = await connect();
    client.send(order('lamp', KEY));
    await eventually(() => orders.length === 1, 'it is served');
    await settled();
    expect(client.received).toBe('');
    kept();
    expect(statusOf(await client.response())).toBe(201);
  });

  it('that is too large is sent, and the request refused when it comes again', async () => {
    const { exchange, orders } = await open({
      options: { maxAnswerSize: 9 },
      handler: (made) => (_req, res) => {
        made.push('made');
        res.send('x'.repeat(10));
      },
      server: { env: 'production' },
    });
    expect(await exchange(order('lamp', KEY))).toMatch(/x{10}$/);
    const detail = 'This request was served, and its answer was too large to be kept.';
    expect(undated(await exchange(order('lamp', KEY)))).toBe(problem('409 Conflict', { detail }));
    expect(orders).toHaveLength(1);
  });

  it('has the fields of what stands around, each time its own', async () => {
    const { exchange } = await open({
      outside: [requestId(), rateLimit({ quota: 10 })],
      inside: [rateLimit({ name: 'orders', quota: 5 })],
      handler: () => (_req, res) => void res.vary('Cookie').setHeader('X-Request-Id', 'mine').send('done'),
    });
    const first = await exchange(order('lamp', KEY));
    const second = await exchange(order('lamp', KEY));
    expect([first.match(/^RateLimit: .*$/gm), second.match(/^RateLimit: .*$/gm)]).toEqual([
      ['RateLimit: "default";r=9;t=60\r', 'RateLimit: "orders";r=4;t=60\r'].map((line) => line.trim()),
      ['RateLimit: "default";r=8;t=60'],
    ]);
    expect([fieldOf(first, 'X-Request-Id'), fieldOf(second, 'X-Request-Id')]).toEqual(['mine', 'mine']);
    expect([fieldOf(first, 'Vary'), fieldOf(second, 'Vary')]).toEqual(['Cookie', 'Cookie']);
  });

  it('sets cookies once: what is kept would let others in', async () => {
    const store = new MemoryIdempotencyStore();
    const keep = vi.spyOn(store, 'keep');
    const { exchange } = await open({
      options: { store },
      handler: () => (_req, res) =>
        void res.addHeader('Set-Cookie', 'a=secret').addHeader('Set-Cookie', 'b=1').send('ok'),
    });
    expect((await exchange(order('lamp', KEY))).match(/^Set-Cookie: \S+/gm)).toEqual([
      'Set-Cookie: a=secret',
      'Set-Cookie: b=1',
    ]);
    expect(fieldOf(await exchange(order('lamp', KEY)), 'Set-Cookie')).toBeUndefined();
    expect(keep.mock.calls[0]?.[2]).not.toContain('secret');
  });

  it('is compressed for whoever asks, each time anew', async () => {
    const { server } = await open({
      outside: [compress({ threshold: 1 })],
      handler: () => (_req, res) => void res.setContentType('text/plain').send('done '.repeat(100)),
    });
    for (const coding of ['gzip', 'identity', 'gzip']) {
      const answer = await server.inject({
        ...{ method: 'POST', url: '/orders', body: 'lamp' },
        headers: { 'x-user': 'ada', 'idempotency-key': '"k"', 'accept-encoding': coding },
      });
      expect(answer.headers.get('content-encoding') ?? 'identity').toBe(coding);
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect((coding === 'gzip' ? gunzipSync(bytes) : bytes).toString()).toBe('done '.repeat(100));
    }
  });

  it('is kept as it is compressed inside', async () => {
    const { server, orders } = await open({
      inside: [compress({ threshold: 1 })],
      handler: (made) => (_req, res) => {
        made.push('made');
        res.setContentType('text/plain').send('done '.repeat(100));
      },
    });
    for (let i = 0; i < 2; i++) {
      const answer = await server.inject({
        ...{ method: 'POST', url: '/orders', body: 'lamp' },
        headers: { 'x-user': 'ada', 'idempotency-key': '"k"', 'accept-encoding': 'gzip' },
      });
      expect(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString()).toBe('done '.repeat(100));
    }
    expect(orders).toHaveLength(1);
  });
});

describe('a store that fails', () => {
  const broken = new Error('ECONNREFUSED');

  function failing(member: keyof IdempotencyStore, fail: () => Promise<never>): IdempotencyStore {
    return Object.assign(new MemoryIdempotencyStore(), { [member]: fail });
  }

  it('has nothing served', async () => {
    const store = failing('claim', () => Promise.reject(broken));
    const { exchange, orders } = await open({ options: { store }, server: { env: 'production' } });
    const answer = await exchange(order('lamp', KEY));
    expect([statusOf(answer), fieldOf(answer, 'Retry-After'), orders]).toEqual([503, '1', []]);
    expect(answer).not.toContain('ECONNREFUSED');
    // Whoever does without a key is served.
    expect(statusOf(await exchange(order('lamp')))).toBe(201);
  });

  it('has its time to answer, and what it still claims is given back', async () => {
    fakeTime();
    const store = new MemoryIdempotencyStore();
    const claim = store.claim.bind(store);
    const [away, back] = gate();
    store.claim = async (...args) => {
      await away;
      return claim(...args);
    };
    const { connect } = await open({ options: { store, storeTimeout: 200 } });
    const client = await connect();
    client.send(order('lamp', KEY));
    await pass(199);
    expect(client.received).toBe('');
    await pass(1);
    expect(statusOf(await client.response())).toBe(503);
    back();
    await settled();
    expect(store.size).toBe(0);
    client.send(order('lamp', KEY));
    expect(statusOf(await client.response())).toBe(201);
  });

  it.each<['keep' | 'release', Handler, number]>([
    ['keep', (_req, res) => void res.send('done'), 200],
    ['release', () => HttpError.raise('Sold out.', 409), 409],
  ])('to %s is logged, and the client answered', async (member, handler, status) => {
    const store = failing(member, () => Promise.reject(broken));
    const { exchange, log } = await open({ options: { store }, handler: () => handler });
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(status);
    expect(log).toMatchObject([
      { message: 'The answer to a request with an Idempotency-Key could not be kept', fields: { err: broken } },
    ]);
    expect(statusOf(await exchange(order('lamp', KEY)))).toBe(409);
  });
});

describe('in an application', () => {
  it('stands on a method, inside of the session and of the limits of the method', async () => {
    const made: string[] = [];
    const buyer = async (req: Parameters<Middleware>[0]) => (await sessionOf(req)).values.buyer;

    @Controller('/orders')
    class OrderController {
      @Post()
      @MaxBodySize(2_000_000)
      @Timeout(5000)
      @Use(idempotency({ scope: buyer, required: true }))
      order(@Body() body: unknown) {
        made.push(String(body).slice(0, 4));
        return Reply.created(`/orders/${made.length}`, { number: made.length });
      }

      @Get('/sign-in')
      async signIn(@From(CurrentSession) current: Session) {
        await current.update({ buyer: 'ada' });
      }
    }
    const use = [session({ store: new MemorySessionStore() })];
    await using t = await createApp({ controllers: [OrderController], use, env: 'debug' }).test();
    const [cookie = ''] = (await t.get('/orders/sign-in')).headers.getSetCookie();
    const headers = { cookie: cookie.split(';', 1)[0] as string, 'idempotency-key': '"k"' };
    const json = 'x'.repeat(1_500_000);
    const first = await t.post('/orders', { json, headers });
    const again = await t.post('/orders', { json, headers });
    for (const answer of [first, again]) {
      expect([answer.status, answer.headers.get('location'), await answer.json()]).toEqual([
        201,
        '/orders/1',
        { number: 1 },
      ]);
    }
    expect(made).toEqual(['xxxx']);
    expect((await t.post('/orders', { json, headers: { cookie: headers.cookie } })).status).toBe(400);
    // Nobody who is unknown has keys.
    expect((await t.post('/orders', { json })).status).toBe(201);
  });
});

const scope = () => 'ada';

it.each([
  [{}, 'idempotency: scope must be a function, got undefined'],
  [{ scope, key: 'a' }, 'idempotency: unknown option "key"; known are scope, store'],
  [{ scope, store: {} }, 'idempotency: store must be an IdempotencyStore, got Object'],
  [{ scope, required: 1 }, 'idempotency: required must be a boolean, got 1'],
  [{ scope, methods: 'POST' }, 'idempotency: methods must be a list of methods, got "POST"'],
  [{ scope, fingerprint: 'a' }, 'idempotency: fingerprint must be a function, got "a"'],
  [{ scope, maxAge: 0 }, 'idempotency: maxAge must be a whole number from 1, got 0'],
  [{ scope, lockTimeout: 1.5 }, 'idempotency: lockTimeout must be a whole number from 1, got 1.5'],
  [{ scope, maxAnswerSize: '1' }, 'idempotency: maxAnswerSize must be a whole number from 1, got "1"'],
  [{ scope, storeTimeout: 0 }, 'idempotency: storeTimeout must be a whole number from 1 to 2147483647, got 0'],
])('refuses %j when it is made', (options, message) => {
  expect(() => idempotency(options as never)).toThrow(message);
});
