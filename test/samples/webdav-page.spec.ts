import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { News } from '../../samples/webdav/news.js';
import { holds, launchBrowser } from '../support/browser.js';
import { Dav, listen, lockInfo } from './support/dav.js';

const AUTHORIZATION = `Basic ${Buffer.from('ada:lovelace').toString('base64')}`;

describe('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(() => browser.close());

  it.each(['light', 'dark'] as const)(
    'shows requests and locks as they come, %s',
    async (colorScheme) => {
      const { url } = await listen('memory');
      const root = new URL('/', url);
      const context = await browser.newContext({
        colorScheme,
        httpCredentials: { username: 'ada', password: 'lovelace', origin: root.origin },
      });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        // The browser asks without credentials first, and says so.
        if (message.type() === 'error' && !message.text().includes('401')) faults.push(message.text());
      });
      await page.goto(root.href);
      await page.waitForSelector('#state.open');
      expect(await page.textContent('#url')).toBe(url);
      expect(await page.textContent('#store')).toBe('memory, and gone when the server stops');
      expect(await page.textContent('#user')).toBe('ada');

      const path = `<img src=x> \u00e9.txt`;
      const send = (method: string, init: RequestInit = {}) =>
        fetch(new URL(encodeURIComponent(path), url), {
          method,
          ...init,
          headers: { authorization: AUTHORIZATION, ...init.headers },
        });
      const locked = await send('LOCK', { body: lockInfo('exclusive') });
      await page.waitForSelector('#locks tr');
      expect(await page.locator('#locks td').allTextContents()).toEqual([
        `/${path}`,
        'exclusive',
        'infinity',
        'ada',
        '60 min',
      ]);
      expect(await page.textContent('#held')).toBe('1');

      await send('PUT', { body: 'x' });
      await page.waitForSelector('#requests tr:first-child td:has-text("423")');
      const rows = await page
        .locator('#requests tr')
        .evaluateAll((found) =>
          found.map((row) => [...row.querySelectorAll('td')].slice(1, 5).map((cell) => cell.textContent)),
        );
      expect(rows).toEqual([
        ['PUT', `/files/${path}`, 'ada', '423'],
        ['LOCK', `/files/${path}`, 'ada', '201'],
      ]);

      await send('UNLOCK', { headers: { 'lock-token': locked.headers.get('lock-token') as string } });
      await page.waitForSelector('#no-locks:not([hidden])');
      const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(background).toBe(colorScheme === 'dark' ? 'rgb(20, 23, 26)' : 'rgb(246, 245, 242)');

      // Whoever comes later sees what was before.
      const later = await context.newPage();
      await later.goto(root.href);
      await holds(later, `document.querySelectorAll('#requests tr').length === 3`);
      expect(faults).toEqual([]);
      await context.close();
    },
    60_000,
  );
});

describe('the events', () => {
  it('begin with what is known, and leave the page itself out', async () => {
    const dav = await Dav.start('memory');
    await dav.put('f');
    await dav.request('GET', '/');
    const events = await dav.events(3);
    expect(events.map(({ event }) => event)).toEqual(['hello', 'locks', 'request']);
    expect(events[2]?.data).toMatchObject({ method: 'PUT', path: '/files/f', status: 201, user: 'ada' });
  });
});

describe('News', () => {
  it('reaches who follows from the call on, and forgets who has left', async () => {
    const news = new News();
    const gone = new AbortController();
    const followed = news.follow(gone.signal);
    news.publish({ event: 'a', data: 1 });
    news.publish({ event: 'b', data: 2 });
    const heard: string[] = [];
    for await (const { event } of followed) {
      heard.push(event);
      if (event === 'b') setImmediate(() => news.publish({ event: 'c', data: 3 }));
      if (event === 'c') gone.abort();
    }
    expect(heard).toEqual(['a', 'b', 'c']);
    expect(news.watchers).toBe(0);
  });

  it('keeps the latest 500 for who is slow', async () => {
    const news = new News();
    const gone = new AbortController();
    const followed = news.follow(gone.signal);
    for (let i = 0; i < 600; i++) news.publish({ event: 'n', data: i });
    const heard: unknown[] = [];
    for await (const { data } of followed) {
      heard.push(data);
      if (data === 599) gone.abort();
    }
    expect([heard.length, heard[0]]).toEqual([500, 100]);
  });

  it('forgets who has left before it listened', () => {
    const news = new News();
    news.follow(AbortSignal.abort());
    expect(news.watchers).toBe(0);
  });
});
