import { describe, expect, it } from 'vitest';
import { type CorsOptions, cors, HttpError, type Middleware } from '../../src/index.js';
import { behind, fieldOf, PLACES, statusOf } from '../support/behind.js';
import { startBrowser } from '../support/browser.js';
import { request, serve } from '../support/served.js';

const SHOP = 'https://shop.example';
const PREFLIGHT = ['Access-Control-Request-Method: PUT', 'Access-Control-Request-Headers: content-type, x-token'];

/** The fields that concern a page, by the end of their names. */
function fieldsOf(response: string): Record<string, string> {
  const lines = response.slice(0, response.indexOf('\r\n\r\n')).split('\r\n');
  const named = lines.map((line) =>
    /^(?:access-control-)?(allow-\S+|expose-headers|max-age|vary|allow): (.*)$/i.exec(line),
  );
  return Object.fromEntries(
    named.filter((each) => each !== null).map(([, name, value]) => [name.toLowerCase(), value]),
  );
}

async function ask(options: CorsOptions, line: string, ...fields: string[]) {
  const { exchange } = await behind('server', [cors(options)]);
  const answer = await exchange(request(line, ...fields));
  return { status: statusOf(answer), ...fieldsOf(answer) };
}

describe.each(PLACES.slice(0, 2))('cors around a %s', (place) => {
  const options: CorsOptions = { origins: SHOP, credentials: true, exposedHeaders: ['ETag'] };
  const READABLE = {
    'allow-origin': SHOP,
    'allow-credentials': 'true',
    'expose-headers': 'ETag',
    vary: 'Origin',
  };

  it('lets a page read an answer, and errors too', async () => {
    const { exchange } = await behind(place, [cors(options)]);
    for (const [path, status] of [
      ['/ok', 200],
      ['/refuses', 418],
      ['/fails', 500],
      ['/none', 404],
    ] as const) {
      const answer = await exchange(request(`GET ${path}`, `Origin: ${SHOP}`));
      expect([statusOf(answer), fieldsOf(answer)]).toEqual([status, READABLE]);
    }
  });

  it('answers a preflight before anything that comes after it', async () => {
    const { exchange } = await behind(place, [cors({ ...options, maxAge: 600_000 }), refuse]);
    const answer = await exchange(request('OPTIONS /ok', `Origin: ${SHOP}`, ...PREFLIGHT));
    expect(statusOf(answer)).toBe(204);
    expect(fieldsOf(answer)).toEqual({
      'allow-origin': SHOP,
      'allow-credentials': 'true',
      'allow-methods': 'PUT, PATCH, DELETE',
      'allow-headers': 'Content-Type',
      'max-age': '600',
      vary: 'Origin',
    });
    expect(fieldOf(answer, 'Allow')).toBeUndefined();
  });

  it('lets a page read what comes after it refuses', async () => {
    const { exchange } = await behind(place, [cors(options), refuse]);
    const answer = await exchange(request('GET /ok', `Origin: ${SHOP}`));
    expect([statusOf(answer), fieldsOf(answer)]).toEqual([401, READABLE]);
  });

  it('leaves an OPTIONS that is no preflight to the route table', async () => {
    const { exchange } = await behind(place, [cors(options)]);
    const answer = await exchange(request('OPTIONS /ok', `Origin: ${SHOP}`));
    expect(statusOf(answer)).toBe(204);
    expect(fieldsOf(answer)).toEqual({ ...READABLE, allow: 'GET, HEAD, OPTIONS, POST' });
  });

  it('is in an answer that breaks', async () => {
    const { exchange, log } = await behind(place, [cors(options)]);
    const answer = await exchange(request('GET /breaks', `Origin: ${SHOP}`));
    expect(answer).toMatch(/part\r\n$/);
    expect(fieldsOf(answer)).toEqual(READABLE);
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });
});

const refuse: Middleware = () => HttpError.raise('Who are you?', 401);

it('lets a page read what a controller answers, and answers preflights there where a route takes them', async () => {
  const { exchange } = await behind('controller', [cors({ origins: SHOP })]);
  expect(fieldsOf(await exchange(request('GET /ok', `Origin: ${SHOP}`)))).toMatchObject({ 'allow-origin': SHOP });
  const answer = await exchange(request('OPTIONS /ok', `Origin: ${SHOP}`, ...PREFLIGHT));
  expect(fieldsOf(answer)).toMatchObject({ 'allow-origin': SHOP, 'allow-methods': 'PUT, PATCH, DELETE' });
});

describe('origins', () => {
  it.each<[string, NonNullable<CorsOptions['origins']>, string, boolean]>([
    ['one', SHOP, SHOP, true],
    ['one, of another', SHOP, 'https://evil.example', false],
    ['one, of another scheme', SHOP, 'http://shop.example', false],
    ['one, of another port', SHOP, 'https://shop.example:8443', false],
    ['one, of another that begins with it', SHOP, 'https://shop.example.evil.example', false],
    ['one, of none', SHOP, 'null', false],
    ['a list', ['https://a.example', SHOP], SHOP, true],
    ['a list, of another', ['https://a.example', SHOP], 'https://b.example', false],
    ['an expression', /https:\/\/[a-z]+\.shop\.example/, 'https://eu.shop.example', true],
    [
      'an expression, which must match all of it',
      /https:\/\/[a-z]+\.shop\.example/,
      'https://eu.shop.example.evil.example',
      false,
    ],
    [
      'an expression of alternatives, each of which must',
      /https:\/\/a\.example|https:\/\/b\.example/,
      'https://a.example.evil.example',
      false,
    ],
    ['an expression with flags', /https:\/\/SHOP\.example/gi, SHOP, true],
    ['an expression that matches anything, of none', /.*/, 'null', false],
    ['a list of both', [/https:\/\/a\.example/, SHOP], SHOP, true],
    ['a function', (origin) => origin === SHOP, SHOP, true],
    ['a function, of another', (origin) => origin === SHOP, 'https://evil.example', false],
    ['a function that looks at the request', (_origin, req) => req.url.path === '/ok', SHOP, true],
    ['a function that must be awaited', async (origin) => origin === SHOP, SHOP, true],
    ['a function that must be awaited, of another', async () => false, SHOP, false],
  ])('may be %s', async (_title, origins, origin, isAllowed) => {
    const fields = await ask({ origins }, 'GET /ok', `Origin: ${origin}`);
    expect(fields).toEqual({ status: 200, vary: 'Origin', ...(isAllowed ? { 'allow-origin': origin } : {}) });
    const preflight = await ask({ origins }, 'OPTIONS /ok', `Origin: ${origin}`, ...PREFLIGHT);
    expect(preflight).toEqual({
      status: 204,
      vary: 'Origin',
      ...(isAllowed
        ? { 'allow-origin': origin, 'allow-methods': 'PUT, PATCH, DELETE', 'allow-headers': 'Content-Type' }
        : {}),
    });
  });

  it('may be everybody: then no answer depends on who asks', async () => {
    expect(await ask({}, 'GET /ok', `Origin: ${SHOP}`)).toEqual({ status: 200, 'allow-origin': '*' });
    expect(await ask({}, 'GET /ok')).toEqual({ status: 200, 'allow-origin': '*' });
    expect(await ask({}, 'OPTIONS /ok', 'Origin: null', ...PREFLIGHT)).toMatchObject({
      status: 204,
      'allow-origin': '*',
    });
  });

  it('answer 500 where the function fails', async () => {
    const fails = async () => {
      throw new Error('no database');
    };
    expect(await ask({ origins: fails }, 'GET /ok', `Origin: ${SHOP}`)).toEqual({ status: 500, vary: 'Origin' });
  });
});

describe('Vary', () => {
  it('names Origin where no origin was sent: a cache must not keep that answer for a page', async () => {
    expect(await ask({ origins: SHOP }, 'GET /ok')).toEqual({ status: 200, vary: 'Origin' });
  });

  it('keeps what a handler has set', async () => {
    const { exchange } = await serve((server) =>
      server.use(cors({ origins: SHOP })).get('/', (_req, res) => void res.setHeader('Vary', 'Accept').send()),
    );
    expect(fieldOf(await exchange(request('GET /')), 'Vary')).toBe('Accept, Origin');
  });
});

describe('a preflight', () => {
  it.each<[string, CorsOptions, object]>([
    ['is told the methods', { methods: ['PROPFIND', 'M-SEARCH'] }, { 'allow-methods': 'PROPFIND, M-SEARCH' }],
    ['is told the fields', { allowedHeaders: ['X-Token', 'If-Match'] }, { 'allow-headers': 'X-Token, If-Match' }],
    [
      'is told the fields that it asks for, where that is configured',
      { allowedHeaders: 'reflect' },
      { 'allow-headers': 'content-type, x-token', vary: 'Access-Control-Request-Headers' },
    ],
    ['is told how long to keep it, in seconds', { maxAge: 1500 }, { 'max-age': '1' }],
    ['is told not to keep it', { maxAge: 0 }, { 'max-age': '0' }],
  ])('%s', async (_title, options, fields) => {
    expect(await ask(options, 'OPTIONS /ok', `Origin: ${SHOP}`, ...PREFLIGHT)).toMatchObject({
      status: 204,
      ...fields,
    });
  });

  it('is answered where nothing is, as the request itself would tell', async () => {
    expect(await ask({}, 'OPTIONS /none', `Origin: ${SHOP}`, ...PREFLIGHT)).toMatchObject({ status: 204 });
  });

  it('has an origin and a method', async () => {
    expect(await ask({}, 'OPTIONS /ok', ...PREFLIGHT)).toMatchObject({ allow: 'GET, HEAD, OPTIONS, POST' });
    expect(await ask({}, 'OPTIONS /ok', `Origin: ${SHOP}`)).toMatchObject({ allow: 'GET, HEAD, OPTIONS, POST' });
  });
});

it.each([
  [{ credentials: true }, 'cors: credentials need the origins that may send them, not "*"'],
  [
    { origins: 'https://shop.example/' },
    'cors: origins must be an origin as "https://a.example", got "https://shop.example/"',
  ],
  [
    { origins: 'https://shop.example:443' },
    'cors: origins must be an origin as "https://shop.example", got "https://shop.example:443"',
  ],
  [{ origins: ['https://Shop.example'] }, 'got "https://Shop.example"'],
  [{ origins: ['null'] }, 'got "null"'],
  [{ origins: ['*'] }, 'got "*"'],
  [{ origins: 'shop.example' }, 'got "shop.example"'],
  [{ origins: true }, 'got true'],
  [{ methods: 'PUT' }, 'cors: methods must be a list of names, got "PUT"'],
  [{ allowedHeaders: ['a b'] }, 'cors: allowedHeaders must be a list of names, got ["a b"]'],
  [
    { origins: SHOP, credentials: true, exposedHeaders: ['*'] },
    'cors: exposedHeaders must be names, not "*", with credentials',
  ],
  [{ maxAge: -1 }, 'cors: maxAge must be a whole number from 0, got -1'],
  [{ origin: SHOP }, 'cors: unknown option "origin"; known are origins, methods'],
])('refuses %j when it is made', (options, message) => {
  expect(() => cors(options as never)).toThrow(message);
});

it('lets a page in Chromium do what is allowed, and nothing else', async () => {
  const pages = await serve(
    (server) => server.get('/', (_req, res) => void res.setContentType('text/html').send('<p>')),
    {},
    'tcp',
  );
  const shop = `http://127.0.0.1:${pages.server.port}`;
  const seen: string[] = [];
  const options: CorsOptions = {
    origins: shop,
    credentials: true,
    allowedHeaders: ['X-Token'],
    exposedHeaders: ['ETag'],
  };
  const api = await serve(
    (server) =>
      server
        .use(cors(options))
        .use((req, res, next) => {
          seen.push(`${req.method} ${req.headers.get('cookie') ?? '-'}`);
          return next(req, res);
        })
        .get(
          '/',
          (_req, res) =>
            void res.setHeader('ETag', '"1"').setHeader('X-Other', '1').addHeader('Set-Cookie', 'a=1').send('hi'),
        )
        .put('/', (req, res) => void res.send(req.headers.get('x-token')))
        .get('/fails', () => HttpError.raise('Not for you.', 403)),
    {},
    'tcp',
  );
  const url = `http://127.0.0.1:${api.server.port}`;
  const browser = await startBrowser();
  const page = await browser.newPage();
  await page.goto(`${shop}/`);
  const ask = (path: string, init: object = {}) =>
    page.evaluate(
      async ([target, options]) => {
        try {
          const res = await fetch(target as string, options as object);
          return [res.status, await res.text(), res.headers.get('etag'), res.headers.get('x-other')];
        } catch (error) {
          return [(error as Error).name];
        }
      },
      [url + path, init] as const,
    );
  expect(await ask('/', { credentials: 'include' })).toEqual([200, 'hi', '"1"', null]);
  expect(await ask('/', { method: 'PUT', headers: { 'X-Token': 't' }, credentials: 'include' })).toEqual([
    200,
    't',
    null,
    null,
  ]);
  expect(await ask('/fails')).toEqual([403, expect.stringContaining('Not for you.'), null, null]);
  expect(await ask('/', { method: 'PUT', headers: { 'X-Secret': 't' } })).toEqual(['TypeError']);
  expect(await ask('/', { method: 'PATCHY' })).toEqual(['TypeError']);
  expect(seen).toEqual(['GET -', 'PUT a=1', 'GET -']);
  await page.goto(`http://localhost:${pages.server.port}/`);
  expect(await ask('/')).toEqual(['TypeError']);
}, 60_000);
