import { expect, it } from 'vitest';
import { type Cookies, cookies, cookiesOf, MemorySessionStore, session, sessionOf } from '../../src/index.js';
import { startBrowser } from '../support/browser.js';
import { serve } from '../support/served.js';

/** A server with a page that sets cookies, one that shows those it gets, and one that deletes them. */
async function start() {
  const set = (jar: Cookies) =>
    jar
      .set('plain', 'é; b')
      .set('open', '1', { httpOnly: false })
      .set('strict', '1', { sameSite: 'strict' })
      .set('__Host-own', '1')
      .set('each', '1', { partitioned: true, sameSite: 'none' });
  const { server } = await serve(
    (server) =>
      server
        .use(cookies())
        .use(session({ store: new MemorySessionStore() }))
        .get('/set', (req, res) => {
          set(cookiesOf(req));
          res.setContentType('text/html').send('<p>set</p>');
        })
        .get('/seen', (req, res) => void res.send(req.headers.get('cookie') ?? 'none'))
        .get('/delete', (req, res) => {
          const jar = cookiesOf(req);
          for (const name of ['plain', 'open', 'strict', '__Host-own']) jar.delete(name);
          jar.delete('each', { partitioned: true, sameSite: 'none' });
          res.send('deleted');
        })
        .get('/sign-in', async (req, res) => {
          await (await sessionOf(req)).regenerate({ userId: 7 });
          res.setStatus(303).addHeader('Location', '/me').send();
        })
        .get('/me', async (req, res) => res.json((await sessionOf(req)).values) as never),
    {},
    'tcp',
  );
  return server.port;
}

it('keeps cookies as they were meant, and sends them where they were meant to go', async () => {
  const port = await start();
  const browser = await startBrowser();
  const context = await browser.newContext();
  const page = await context.newPage();
  const own = `http://localhost:${port}`;
  const text = async (url: string) => {
    await page.goto(url);
    return page.textContent('body');
  };

  await page.goto(`${own}/set`);
  expect(await page.evaluate('document.cookie')).toBe('open=1');
  const kept = (await context.cookies()).map(({ name, httpOnly, secure, sameSite }) => [
    name,
    httpOnly,
    secure,
    sameSite,
  ]);
  expect(Object.fromEntries(kept.map(([name, ...rest]) => [name, rest]))).toEqual({
    plain: [true, false, 'Lax'],
    open: [false, false, 'Lax'],
    strict: [true, false, 'Strict'],
    '__Host-own': [true, true, 'Lax'],
    each: [true, true, 'None'],
  });
  expect(await text(`${own}/seen`)).toBe('plain=%C3%A9%3B%20b; open=1; strict=1; __Host-own=1; each=1');

  // A link of another site: 127.0.0.1 is one, localhost another.
  await page.goto(`http://127.0.0.1:${port}/seen`);
  await page.evaluate(`document.body.innerHTML = '<a href="${own}/seen">there</a>'`);
  await page.click('a');
  await page.waitForURL(`${own}/seen`);
  expect(await page.textContent('body')).toBe('plain=%C3%A9%3B%20b; open=1; __Host-own=1; each=1');

  expect(await text(`${own}/delete`)).toBe('deleted');
  expect(await text(`${own}/seen`)).toBe('none');

  expect(await text(`${own}/sign-in`)).toBe('{"userId":7}');
  expect(page.url()).toBe(`${own}/me`);
  expect(await page.evaluate('document.cookie')).toBe('');
}, 60_000);
