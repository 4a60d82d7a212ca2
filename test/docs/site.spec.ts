import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildSite } from '../../docs/site/build.js';
import { PAGES } from '../../docs/site/pages.js';
import { site } from '../../samples/site/site.js';
import { type Application, createApp } from '../../src/index.js';
import { holds, launchBrowser } from '../support/browser.js';

const FINDINGS = await readFile(new URL('page-findings.js', import.meta.url), 'utf8');
const OUTSIDE = /^https?:\/\/(?!127\.0\.0\.1:\d+\/.)/;

let folder: string;
let names: string[];
let app: Application;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'site-'));
  [names, browser] = await Promise.all([buildSite('.', folder), launchBrowser()]);
  app = await createApp(site(folder, { write() {} }));
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A page of a browser that has never been here, which keeps what it complains of and what it asks elsewhere. */
async function visitor(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${app.url}/`)) complaints.push(`asks ${request.url()}`);
  });
  return { page, complaints };
}

const overflow = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
const paper = (page: Page) => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
const LIGHT = 'rgb(255, 255, 255)';

describe('each page', () => {
  it('is sound, in light and in dark, on small screens, and links to what is there', async () => {
    const { page, complaints } = await visitor();
    const found: string[] = [];
    const ids = new Map<string, Set<string>>();
    const links: { from: string; href: string }[] = [];
    for (const name of names.filter((name) => name !== '404.html')) {
      const answer = await page.goto(`${app.url}/${name}`);
      expect(answer?.status(), name).toBe(200);
      const look = async () => (await page.evaluate<string[]>(FINDINGS)).map((finding) => `${name}: ${finding}`);
      found.push(...(await look()));
      await page.emulateMedia({ colorScheme: 'dark' });
      found.push(...(await look()));
      await page.emulateMedia({ colorScheme: 'light' });
      for (const width of [768, 360]) {
        await page.setViewportSize({ width, height: 740 });
        const pixels = await overflow(page);
        if (pixels > 0) found.push(`${name}: ${pixels} pixels are beyond ${width}`);
      }
      await page.setViewportSize({ width: 1280, height: 800 });
      ids.set(name, new Set(await page.evaluate<string[]>('[...document.querySelectorAll("[id]")].map((e) => e.id)')));
      const hrefs = await page.evaluate<string[]>('[...document.links].map((link) => link.href)');
      links.push(...hrefs.map((href) => ({ from: name, href })));
      found.push(...complaints.splice(0).map((complaint) => `${name}: ${complaint}`));
    }
    const dead = links.filter(({ href }) => {
      if (!href.startsWith(`${app.url}/`)) return !OUTSIDE.test(href) && !href.startsWith('http://127.0.0.1:');
      const { pathname, hash } = new URL(href);
      const there = ids.get(pathname === '/' ? 'index.html' : pathname.slice(1));
      return there === undefined || (hash !== '' && !there.has(decodeURIComponent(hash.slice(1))));
    });
    expect([...found, ...dead.map(({ from, href }) => `${from}: nothing is at ${href}`)]).toEqual([]);
    expect(ids.size).toBeGreaterThan(PAGES.length);
    expect(links.filter(({ href }) => href.includes('#')).length).toBeGreaterThan(100);
  }, 120_000);

  it('is reached by the links that lead on, in the order of the list', async () => {
    const hrefs = async (name: string, pattern: RegExp) =>
      [...(await readFile(join(folder, name), 'utf8')).matchAll(pattern)].map(([, href = '']) => href);
    const listed = await hrefs('index.html', /<li><a href="([^"]+)">/g);
    const walked: string[] = [];
    let next = listed.slice(0, 1);
    while (next[0] !== undefined && walked.length < listed.length) {
      walked.push(next[0]);
      next = await hrefs(next[0], /<a rel="next" href="([^"]+)">/g);
    }
    expect(walked).toEqual(PAGES.slice(1).map(({ name }) => `${name}.html`));
    expect([listed.slice(0, walked.length), next]).toEqual([walked, []]);
  });
});

describe('the search', () => {
  it('finds each page by a word that no other has', async () => {
    const sections = JSON.parse(await readFile(join(folder, 'sections.json'), 'utf8')) as Record<string, string>[];
    const pagesByWord = new Map<string, Set<string>>();
    for (const { id = '', ...texts } of sections) {
      for (const [word] of Object.values(texts)
        .join(' ')
        .toLowerCase()
        .matchAll(/[a-z]{6,}/g)) {
        pagesByWord.set(word, (pagesByWord.get(word) ?? new Set()).add(id.replace(/#.*/, '')));
      }
    }
    const all = [...pagesByWord.keys()];
    // What another word begins with is found there too.
    const words = all.filter((word) => !all.some((other) => other !== word && other.startsWith(word)));
    const wordOf = (name: string) =>
      words.find((word) => pagesByWord.get(word)?.size === 1 && pagesByWord.get(word)?.has(`${name}.html`));
    const { page, complaints } = await visitor();
    await page.goto(`${app.url}/http.html`);
    await page.click('#site-open-search');
    for (const { name } of PAGES.slice(1)) {
      const word = wordOf(name);
      expect(word, name).toBeDefined();
      await page.fill('#site-query', word as string);
      await holds(page, `document.querySelector('#site-found a')?.href.startsWith('${app.url}/${name}.html')`);
    }
    expect(complaints).toEqual([]);
  });

  it('is used by keyboard alone', async () => {
    const { page, complaints } = await visitor();
    await page.goto(`${app.url}/`);
    await page.keyboard.press('/');
    await holds(page, 'document.activeElement.id === "site-query"');
    await page.keyboard.type('rate limit');
    await holds(page, 'document.querySelectorAll("#site-found a").length > 2');
    const active = () =>
      page.evaluate<number>(
        '[...document.querySelectorAll("#site-found a")].findIndex((a) => a.ariaSelected === "true")',
      );
    expect(await active()).toBe(0);
    await page.keyboard.press('ArrowDown');
    expect(await active()).toBe(1);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/middleware\.html#quotas-ratelimit$/);
    await holds(page, 'document.querySelector("#quotas-ratelimit").getBoundingClientRect().top < 200');

    await page.keyboard.press('Control+k');
    await holds(page, 'document.querySelector("#site-search").open');
    await page.keyboard.type('nothinghasthisword');
    await holds(page, 'document.querySelector("#site-count").textContent !== ""');
    expect(await page.textContent('#site-count')).toBe('Nothing was found.');
    await page.keyboard.press('Escape');
    await holds(page, '!document.querySelector("#site-search").open');
    expect(complaints).toEqual([]);
  });

  it('finds what is written together by its parts, and shows what it finds as text', async () => {
    const { page, complaints } = await visitor();
    await page.goto(`${app.url}/`);
    await page.click('#site-open-search');
    await page.fill('#site-query', 'security headers');
    await holds(
      page,
      'document.querySelector("#site-found a")?.href.endsWith("#fields-that-guard-browsers-securityheaders")',
    );
    await page.fill('#site-query', 'nothinghasthisword securityHeaders');
    await holds(page, 'document.querySelector("#site-count").textContent.endsWith("with some of these words")');
    await page.fill('#site-query', '<img src=x> reply');
    await holds(page, 'document.querySelector("#site-count").textContent !== ""');
    expect(await page.locator('#site-search img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe('the search, where the connection is lost', () => {
  it('says that it could not be loaded', async () => {
    const { page } = await visitor();
    await page.route('**/sections.json', (route) => route.abort());
    await page.goto(`${app.url}/`);
    await page.click('#site-open-search');
    await holds(page, 'document.querySelector("#site-count").textContent.includes("could not be loaded")');
  });
});

describe('a reader', () => {
  it('goes past the lists by the first key', async () => {
    const { page } = await visitor();
    await page.goto(`${app.url}/http.html`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    expect(await page.evaluate('document.activeElement.getBoundingClientRect().left >= 0')).toBe(true);
    await page.keyboard.press('Enter');
    await holds(page, 'document.activeElement.id === "site-main"');
  });

  it('opens the list of guides on a small screen, and closes it', async () => {
    const { page } = await visitor({ viewport: { width: 360, height: 740 } });
    await page.goto(`${app.url}/http.html`);
    const isShown = () => page.isVisible('#site-guides');
    expect(await isShown()).toBe(false);
    await page.focus('.menu');
    await page.keyboard.press('Enter');
    expect(await isShown()).toBe(true);
    expect(await page.getAttribute('#site-guides [aria-current=page]', 'href')).toBe('http.html');
    await page.keyboard.press('Escape');
    expect(await isShown()).toBe(false);
    await page.click('.menu');
    await page.click('#site-guides a[href="files.html"]');
    await page.waitForURL(/files\.html$/);
    expect(await isShown()).toBe(false);
  });

  it('has the colours of the system, until they choose others, which stay', async () => {
    const { page } = await visitor({ colorScheme: 'dark' });
    await page.goto(`${app.url}/`);
    expect(await paper(page)).not.toBe(LIGHT);
    expect(await page.getAttribute('#site-dark', 'aria-pressed')).toBe('true');
    await page.click('#site-dark');
    expect(await paper(page)).toBe(LIGHT);
    await page.goto(`${app.url}/files.html`);
    expect(await paper(page)).toBe(LIGHT);
    expect(await page.getAttribute('#site-dark', 'aria-pressed')).toBe('false');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.click('#site-dark');
    expect(await paper(page)).not.toBe(LIGHT);
  });

  it('copies code', async () => {
    const { page } = await visitor({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto(`${app.url}/`);
    await page.hover('figure.code');
    await page.click('figure.code button');
    await holds(page, 'document.querySelector("figure.code button").textContent === "Copied"');
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toMatch(/^import \{ Controller,/);
  });

  it('sees in the list of contents where they are', async () => {
    const { page } = await visitor({ viewport: { width: 1400, height: 800 }, reducedMotion: 'reduce' });
    await page.goto(`${app.url}/http.html#trailers`);
    await holds(page, 'document.querySelector(".contents [aria-current]")?.hash === "#trailers"');
    await page.evaluate('scrollTo(0, 0)');
    await holds(page, 'document.querySelector(".contents [aria-current]") === null');
  });

  it('needs no scripts to read and to go about', async () => {
    const { page } = await visitor({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    await page.goto(`${app.url}/http.html`);
    expect(await page.isVisible('#site-open-search')).toBe(false);
    await page.click('.menu');
    await page.click('#site-guides a[href="files.html"]');
    await page.waitForURL(/files\.html$/);
    expect(await page.textContent('h1')).toBe('Files and caches');
  });

  it('is told that there is no such page, wherever it was looked for', async () => {
    const { page, complaints } = await visitor();
    const answer = await page.goto(`${app.url}/guides/nothing/here.html`);
    expect(answer?.status()).toBe(404);
    expect(await page.textContent('h1')).toBe('No such page');
    // The browser's own line of the status.
    expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
    await page.click('#site-open-search');
    await page.fill('#site-query', 'conditional');
    await holds(page, `document.querySelector('#site-found a')?.href.startsWith('${app.url}/files.html#')`);
    await page.keyboard.press('Enter');
    await page.waitForURL(/files\.html#/);
    await page.goBack();
    await page.click('#site-guides a[href="/files.html"]');
    await page.waitForURL(/files\.html$/);
  });
});
