import { describe, expect, it } from 'vitest';
import { type CsrfOptions, csrf, trustProxy } from '../../src/index.js';
import { behind, PLACES, statusOf } from '../support/behind.js';
import { startBrowser } from '../support/browser.js';
import { request, requestWith, serve } from '../support/served.js';

const OTHER = 'https://other.example';

describe.each(PLACES)('csrf around a %s', (place) => {
  it('refuses what a page of another site sends, before the handler runs', async () => {
    let called = 0;
    const { exchange } = await behind(place, [csrf()], () => called++);
    const answer = await exchange(request('POST /ok', 'Sec-Fetch-Site: cross-site', `Origin: ${OTHER}`));
    expect(statusOf(answer)).toBe(403);
    expect(answer).toContain('Content-Type: application/problem+json');
    expect(answer).toContain('"detail":"This request was sent by a page of another origin."');
    expect(called).toBe(0);
    expect(statusOf(await exchange(request('POST /ok', 'Sec-Fetch-Site: same-origin', 'Origin: http://h')))).toBe(200);
    expect(called).toBe(1);
  });

  it('comes after what stands before it', async () => {
    let seen = 0;
    const { exchange } = await behind(place, [
      (req, res, next) => {
        seen++;
        return next(req, res);
      },
      csrf(),
    ]);
    expect(statusOf(await exchange(request('POST /ok', 'Sec-Fetch-Site: cross-site')))).toBe(403);
    expect(seen).toBe(1);
  });

  it('leaves errors alone, before the answer has begun and after', async () => {
    const { exchange, log } = await behind(place, [csrf()]);
    expect(statusOf(await exchange(request('GET /refuses')))).toBe(418);
    expect(await exchange(request('GET /breaks'))).toMatch(/part\r\n$/);
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });
});

async function statusFor(options: CsrfOptions, line: string, ...fields: string[]): Promise<number> {
  const { exchange } = await behind('server', [csrf(options)]);
  return statusOf(await exchange(request(line, ...fields)));
}

describe('without options', () => {
  it.each<[string, number, string, string[]]>([
    ['a page of this origin', 200, 'POST /ok', ['Sec-Fetch-Site: same-origin', 'Origin: http://h']],
    ['the user', 200, 'POST /ok', ['Sec-Fetch-Site: none']],
    ['a page of the same site', 403, 'POST /ok', ['Sec-Fetch-Site: same-site', 'Origin: https://sub.h']],
    ['a page of another site', 403, 'POST /ok', ['Sec-Fetch-Site: cross-site', 'Origin: https://h']],
    ['a value nobody has defined', 403, 'POST /ok', ['Sec-Fetch-Site: other']],
    ['two values', 403, 'POST /ok', ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site']],
    ['no value', 403, 'POST /ok', ['Sec-Fetch-Site:']],
    ['no browser', 200, 'POST /ok', []],
    ['a browser without Fetch Metadata, of this origin', 200, 'POST /ok', ['Origin: http://h']],
    ['the same behind a gateway that ends TLS', 200, 'POST /ok', ['Origin: https://h']],
    ['the same in upper case, with the default port', 200, 'POST http://H:80/ok', ['Origin: http://h']],
    ['a browser without Fetch Metadata, of another origin', 403, 'POST /ok', [`Origin: ${OTHER}`]],
    ['another port', 403, 'POST /ok', ['Origin: http://h:8080']],
    ['a sandbox', 403, 'POST /ok', ['Origin: null']],
    ['an origin that is none', 403, 'POST /ok', ['Origin: http://']],
    ['an origin of another scheme', 403, 'POST /ok', ['Origin: ftp://h']],
    ['two origins', 403, 'POST /ok', ['Origin: http://h', 'Origin: http://h']],
    ['a link', 200, 'GET /ok', ['Sec-Fetch-Site: cross-site']],
    ['an image', 200, 'HEAD /ok', ['Sec-Fetch-Site: cross-site', `Origin: ${OTHER}`]],
    ['a preflight', 204, 'OPTIONS /ok', ['Sec-Fetch-Site: cross-site', `Origin: ${OTHER}`]],
    ['a method that is safe, but only by its definition', 403, 'PROPFIND /ok', ['Sec-Fetch-Site: cross-site']],
  ])('a request of %s is answered %i', async (_title, status, line, fields) => {
    // An authority in the target has to be that of Host.
    const { exchange } = await behind('server', [csrf()]);
    const bytes = request(line, ...fields).replace('Host: h', line.includes('H:80') ? 'Host: H:80' : 'Host: h');
    expect(statusOf(await exchange(bytes))).toBe(status);
  });
});

describe('options', () => {
  it.each<[string, number, CsrfOptions, string[]]>([
    ['an origin that is listed', 200, { origins: [OTHER] }, ['Sec-Fetch-Site: cross-site', `Origin: ${OTHER}`]],
    ['an origin that is listed, without Fetch Metadata', 200, { origins: [OTHER] }, [`Origin: ${OTHER}`]],
    ['an origin that is not', 403, { origins: [OTHER] }, ['Sec-Fetch-Site: cross-site', 'Origin: https://h']],
    ['a listed origin by another scheme', 403, { origins: [OTHER] }, ['Origin: http://other.example']],
    ['nobody, where an origin is required', 403, { requireOrigin: true }, []],
    ['the user, where an origin is required', 200, { requireOrigin: true }, ['Sec-Fetch-Site: none']],
    ['a page of this origin, where one is required', 200, { requireOrigin: true }, ['Origin: http://h']],
    ['anybody, for what is excepted', 200, { except: (req) => req.url.path === '/ok' }, ['Sec-Fetch-Site: cross-site']],
    ['a page of another, for what is not', 403, { except: () => false }, ['Sec-Fetch-Site: cross-site']],
  ])('take %s: %i', async (_title, status, options, fields) => {
    expect(await statusFor(options, 'POST /ok', ...fields)).toBe(status);
  });

  it.each([
    [{ origins: OTHER }, 'csrf: origins must be a list of origins, got "https://other.example"'],
    [{ origins: ['https://other.example/'] }, 'csrf: origins must be an origin as "https://a.example"'],
    [{ origins: ['null'] }, 'got "null"'],
    [{ requireOrigin: 1 }, 'csrf: requireOrigin must be a boolean, got 1'],
    [{ except: '/hook' }, 'csrf: except must be a function, got "/hook"'],
    [{ token: true }, 'csrf: unknown option "token"; known are origins, requireOrigin, except'],
  ])('%j are refused when it is made', (options, message) => {
    expect(() => csrf(options as never)).toThrow(message);
  });
});

describe('behind a gateway', () => {
  async function statusThrough(...fields: string[]): Promise<number> {
    const { exchange } = await behind('server', [trustProxy({ trust: 1 }), csrf()]);
    return statusOf(await exchange(request('POST /ok', ...fields)));
  }

  it('the origin is that of which the gateway was asked', async () => {
    expect(await statusThrough('X-Forwarded-Host: shop.example', 'Origin: https://shop.example')).toBe(200);
    expect(await statusThrough('X-Forwarded-Host: shop.example', 'Origin: https://h')).toBe(403);
  });

  it('a page without TLS is another origin where TLS is known to be used', async () => {
    expect(await statusThrough('X-Forwarded-Proto: https', 'Origin: http://h')).toBe(403);
    expect(await statusThrough('X-Forwarded-Proto: https', 'Origin: https://h')).toBe(200);
  });
});

it('tells a form of this origin from one of another site in Chromium', async () => {
  const form = (action: string) =>
    `<!doctype html><form method="post" action="${action}"><input name="amount" value="9"><button>Send</button></form>`;
  const taken: string[] = [];
  const bank = await serve(
    (server) =>
      server
        .use(csrf())
        .get('/', (_req, res) => void res.setContentType('text/html').send(form('/transfer')))
        .post('/transfer', async (req, res) => {
          taken.push(await req.text());
          res.send('done');
        }),
    {},
    'tcp',
  );
  const target = `http://127.0.0.1:${bank.server.port}`;
  const evil = await serve(
    (server) => server.get('/', (_req, res) => void res.setContentType('text/html').send(form(`${target}/transfer`))),
    {},
    'tcp',
  );
  const browser = await startBrowser();
  const page = await browser.newPage();
  const send = async (url: string) => {
    await page.goto(url);
    const answer = page.waitForResponse((res) => res.url().endsWith('/transfer'));
    await page.click('button');
    return (await answer).status();
  };
  expect(await send(`${target}/`)).toBe(200);
  // Another site, the same site by another port, and a sandbox.
  expect(await send(`http://localhost:${evil.server.port}/`)).toBe(403);
  expect(await send(`http://127.0.0.1:${evil.server.port}/`)).toBe(403);
  await page.goto(`http://127.0.0.1:${evil.server.port}/`);
  const byScript = await page.evaluate(async (url) => {
    const answer = await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'amount=9' });
    return answer.type;
  }, `${target}/transfer`);
  expect(byScript).toBe('opaque');
  expect(taken).toEqual(['amount=9']);
}, 60_000);

it('lets the content of what it refuses go by', async () => {
  const { connect } = await behind('server', [csrf()]);
  const client = await connect();
  client.send(requestWith('amount=9', 'POST /ok', 'Sec-Fetch-Site: cross-site') + request('GET /ok'));
  expect(statusOf(await client.response())).toBe(403);
  expect(statusOf(await client.response())).toBe(200);
});
