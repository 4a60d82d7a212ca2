import { describe, expect, it } from 'vitest';
import {
  Controller,
  type Cookies,
  type CookiesOptions,
  CurrentCookies,
  cookies,
  cookiesOf,
  createApp,
  From,
  Get,
  type Handler,
  HttpError,
  type Middleware,
} from '../../src/index.js';
import { serveIn, WAYS } from '../support/both-ways.js';
import { request, serve } from '../support/served.js';

const OLD_KEY = 'an old secret of thirty-two bytes!';
const NEW_KEY = 'the new secret of thirty-two bytes';

/** What `use` gives with the cookies of one request. */
async function withCookies<T>(
  use: (cookies: Cookies) => T,
  { cookie, ...options }: CookiesOptions & { cookie?: string } = {},
): Promise<{ value: T; answer: Response }> {
  let value: T | undefined;
  const { send } = await serveIn('a plain Server', [cookies(options)], (req, res) => {
    value = use(cookiesOf(req));
    res.send('ok');
  });
  const answer = await send(cookie === undefined ? {} : { headers: { cookie } });
  return { value: value as T, answer };
}

/** What `setSigned` puts into the cookie. */
async function signed(key: string, name: string, value: string): Promise<string> {
  const { answer } = await withCookies((jar) => jar.setSigned(name, value), { keys: [key] });
  return answer.headers.getSetCookie()[0].split(';')[0];
}

describe.each(WAYS)('in %s', (way) => {
  it('reads what the client sent, sets what it is to keep', async () => {
    const { send } = await serveIn(way, [cookies()], (req, res) => {
      const visits = Number(cookiesOf(req).get('visits') ?? 0) + 1;
      cookiesOf(req).set('visits', String(visits));
      res.send(`visit ${visits}`);
    });
    const first = await send();
    expect(first.headers.getSetCookie()).toEqual(['visits=1; Path=/; HttpOnly; SameSite=Lax']);
    expect(await (await send({ headers: { cookie: 'visits=1' } })).text()).toBe('visit 2');
  });

  it('sets cookies with the answer to an error', async () => {
    const { send } = await serveIn(way, [cookies()], (req) => {
      cookiesOf(req).set('a', '1');
      throw new HttpError('No.', 403);
    });
    const answer = await send();
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toHaveLength(1);
  });

  it('can be used by middleware inside of it, also after the handler', async () => {
    const late: Middleware = async (req, res, next) => {
      await next(req, res);
      cookiesOf(req).set('late', '1');
    };
    const { send } = await serveIn(way, [cookies(), late], (req) => void cookiesOf(req).set('a', '1'));
    const answer = await send();
    // Not from a controller: it has sent before the middleware goes on.
    expect(answer.headers.getSetCookie()).toHaveLength(way === 'a plain Server' ? 2 : 1);
  });

  it('refuses a cookie once the head has left, and leaves the exchange to the error path', async () => {
    const { send, log } = await serveIn(way, [cookies()], (req, res) => {
      void res.write('begun');
      cookiesOf(req).set('a', '1');
    });
    await expect(send().then((answer) => answer.text())).rejects.toThrow();
    expect(String(log[0]?.fields.err)).toContain('the response was already sent');
  });

  it('says so where it is not in use', async () => {
    const { send, log } = await serveIn(way, [], (req) => void cookiesOf(req));
    expect((await send()).status).toBe(500);
    expect(String(log[0]?.fields.err)).toContain('the middleware cookies() is not in use');
  });
});

it('is injected into a controller', async () => {
  @Controller('/')
  class Themed {
    @Get()
    theme(@From(CurrentCookies) jar: Cookies): string {
      return jar.get('theme') ?? 'plain';
    }
  }
  await using t = await createApp({ controllers: [Themed], use: [cookies()] }).test();
  expect(await (await t.get('/', { headers: { cookie: 'theme=dark' } })).text()).toBe('dark');
});

it('varies by Cookie where one was read, and only there', async () => {
  expect((await withCookies((jar) => jar.get('a'))).answer.headers.get('vary')).toBe('Cookie');
  expect((await withCookies((jar) => jar.set('a', '1'))).answer.headers.get('vary')).toBeNull();
});

it('gives what the client sent, not what is set', async () => {
  const { value } = await withCookies((jar) => jar.set('a', '2').get('a'), { cookie: 'a=1' });
  expect(value).toBe('1');
});

it('sets one name once, and lets each call override the attributes for all', async () => {
  const { answer } = await withCookies((jar) => jar.set('a', '1').set('a', '2').set('b', '3', { path: '/' }), {
    attributes: { sameSite: 'strict', path: '/x' },
  });
  expect(answer.headers.getSetCookie()).toEqual([
    'a=2; Path=/x; HttpOnly; SameSite=Strict',
    'b=3; Path=/; HttpOnly; SameSite=Strict',
  ]);
});

it('is secure where the client came over TLS', async () => {
  const behindGateway: Middleware = (req, res, next) => {
    req.scheme = 'https';
    return next(req, res);
  };
  const handler: Handler = (req) => void cookiesOf(req).set('a', '1');
  const { send } = await serveIn('a plain Server', [behindGateway, cookies()], handler);
  expect((await send()).headers.getSetCookie()).toEqual(['a=1; Path=/; HttpOnly; Secure; SameSite=Lax']);
});

it('deletes by an empty cookie that has expired, keeping to the rules of its prefix', async () => {
  const { answer } = await withCookies((jar) => jar.delete('__Host-a'), { attributes: { maxAge: 60 } });
  expect(answer.headers.getSetCookie()).toEqual([
    '__Host-a=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
  ]);
});

describe('signed', () => {
  const readAs = async (name: string, cookie: string, ...keys: string[]) =>
    (await withCookies((jar) => jar.getSigned(name), { keys, cookie })).value;

  it('is read back, by its key and while its key is kept', async () => {
    const cookie = await signed(OLD_KEY, 'user', '7.5 é');
    expect(await readAs('user', cookie, OLD_KEY)).toBe('7.5 é');
    expect(await readAs('user', cookie, NEW_KEY, OLD_KEY)).toBe('7.5 é');
    expect(await readAs('user', cookie, NEW_KEY)).toBeUndefined();
  });

  it('is nothing to whoever has no signature, or that of another value or name', async () => {
    const cookie = await signed(OLD_KEY, 'user', '7');
    const [, signature] = cookie.split('.');
    for (const forged of ['user=7', 'user=7.', `user=8.${signature}`, `user=7.${signature}A`, `user=.${signature}`]) {
      expect(await readAs('user', forged, OLD_KEY)).toBeUndefined();
    }
    expect(await readAs('admin', cookie.replace('user', 'admin'), OLD_KEY)).toBeUndefined();
    expect(await readAs('user', '', OLD_KEY)).toBeUndefined();
  });

  it('needs keys', async () => {
    const failures: unknown[] = [];
    const fail = (call: () => unknown) => {
      try {
        call();
      } catch (error) {
        failures.push(String(error));
      }
    };
    await withCookies((jar) => {
      fail(() => jar.setSigned('a', '1'));
      fail(() => jar.getSigned('a'));
    });
    expect(failures).toEqual([
      'Error: setSigned: nothing can be signed, cookies() was given no keys',
      'Error: getSigned: nothing can be signed, cookies() was given no keys',
    ]);
  });
});

it.each<[string, CookiesOptions]>([
  ['cookies: keys must be a list with one secret or more, newest first', { keys: [] }],
  ['cookies: keys[1] must have at least 32 bytes, got 5', { keys: [OLD_KEY, 'short'] }],
  ['cookies: keys[0] must have at least 32 bytes, got undefined', { keys: [undefined as unknown as string] }],
  ['cookies: sameSite must be strict, lax or none, got "Lax"', { attributes: { sameSite: 'Lax' as 'lax' } }],
])('fails at start: %s', (message, options) => {
  expect(() => cookies(options)).toThrow(new TypeError(message));
});

it('parses nothing and varies by nothing for a request that does not ask', async () => {
  const { exchange } = await serve((server) => server.use(cookies()).get('/', (_req, res) => void res.send('ok')));
  const wire = await exchange(request('GET /', 'Cookie: a=1'));
  expect(wire).not.toMatch(/vary|set-cookie/i);
});
