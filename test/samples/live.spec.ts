import { deflateSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { options } from '../../samples/live/app.js';
import { type Application, createApp } from '../../src/index.js';
import { holds, launchBrowser } from '../support/browser.js';
import { loggerInto } from '../support/served.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Serves the sample on `port`, as `npm start -- live` does. */
async function start(port = 0): Promise<Application> {
  const app = await createApp({ ...options, use: options.use?.slice(1) ?? [], logger: loggerInto([]) });
  onTestFinished(() => app.close({ timeout: 0 }).then(() => {}));
  return app.listen(port, '127.0.0.1');
}

/** Somebody with a browser of their own. */
async function visit(
  app: Application,
  name: string,
  settings: Parameters<Browser['newContext']>[0] = {},
): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 1000 }, ...settings });
  onTestFinished(() => context.close());
  await context.addInitScript(`localStorage.setItem('name', ${JSON.stringify(name)})`);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  onTestFinished(() => expect(errors).toEqual([]));
  await page.goto(app.url);
  await connected(page);
  return page;
}

const connected = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^Connected$/ })
    .waitFor();
const board = (page: Page) => page.getByRole('region', { name: 'Board' });
const items = (page: Page) => page.getByRole('list', { name: 'Notes and pictures' }).getByRole('listitem');
const news = (page: Page) => page.getByRole('log', { name: 'What happens' });

async function addNote(page: Page, text: string): Promise<void> {
  await page.getByLabel('Note', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Add note' }).click();
}

/** Where an element is on the board, in shares of it. */
async function placeOf(page: Page, selector: string): Promise<{ x: number; y: number }> {
  return page.evaluate((selected) => {
    // biome-ignore lint/suspicious/noExplicitAny: the page has types of its own
    const { style } = (globalThis as any).document.querySelector(selected);
    return { x: Number.parseFloat(style.left) / 100, y: Number.parseFloat(style.top) / 100 };
  }, selector);
}

/** A PNG of one colour: chunks of length, type, content and checksum (W3C PNG §5.3). */
function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  // Noise, so that it does not shrink.
  const rows = Buffer.alloc(height * (1 + width * 3), 0);
  for (let i = 0; i < rows.length; i++) rows[i] = i % (1 + width * 3) === 0 ? 0 : (i * 2_654_435_761) >>> 13;
  const chunks = [
    ['IHDR', header],
    ['IDAT', deflateSync(rows, { level: 0 })],
    ['IEND', Buffer.alloc(0)],
  ] as const;
  const parts = chunks.map(([type, content]) => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(content.length, 0);
    ends.writeUInt32BE(crc(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}

function crc(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

describe('the live board', () => {
  it('shows the note of one to the other, and says so', async () => {
    const app = await start();
    const [ada, bob] = [await visit(app, 'Ada'), await visit(app, 'Bob')];
    await addNote(ada, 'Buy <b>milk</b>');
    await items(bob).filter({ hasText: 'Buy <b>milk</b>' }).waitFor();
    await news(bob).getByText('Ada wrote: Buy <b>milk</b>').waitFor();
    expect(await ada.getByLabel('Note', { exact: true }).inputValue()).toBe('');
  });

  it('shows who comes later what is there already', async () => {
    const app = await start();
    const ada = await visit(app, 'Ada');
    await addNote(ada, 'first');
    await items(ada).waitFor();
    const bob = await visit(app, 'Bob');
    await items(bob).filter({ hasText: 'first' }).waitFor();
  });

  it('shows the line that another one draws', async () => {
    const app = await start();
    const [ada, bob] = [await visit(app, 'Ada'), await visit(app, 'Bob')];
    await ada.getByRole('radio', { name: 'violet' }).check();
    const box = (await board(ada).boundingBox())!;
    await ada.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.75);
    await ada.mouse.down();
    await ada.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.75, { steps: 5 });
    await ada.mouse.up();
    const line = bob.locator('polyline[data-colour=violet]');
    await line.waitFor({ state: 'attached' });
    const points = (await line.getAttribute('points'))!.split(' ').map((point) => point.split(',').map(Number));
    expect(points.length).toBeGreaterThan(4);
    expect(points.at(0)).toEqual([expect.closeTo(0.5, 2), expect.closeTo(0.75, 2)]);
    expect(points.at(-1)).toEqual([expect.closeTo(0.75, 2), expect.closeTo(0.75, 2)]);
    await holds(ada, 'document.querySelectorAll("polyline").length === 1');
  });

  it('shows where the other one points, and that the other one has left', async () => {
    const app = await start();
    const [ada, bob] = [await visit(app, 'Ada'), await visit(app, 'Bob')];
    const people = bob.getByRole('list', { name: 'People' });
    await people.getByText('Ada').waitFor();
    const box = (await board(ada).boundingBox())!;
    await ada.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.5, { steps: 3 });
    await holds(bob, 'document.querySelector("#cursors div:not([hidden])")?.style.left.startsWith("2")');
    await holds(bob, 'Math.abs(Number.parseFloat(document.querySelector("#cursors div").style.left) - 25) < 1');
    expect(await placeOf(bob, '#cursors div')).toEqual({ x: expect.closeTo(0.25, 2), y: expect.closeTo(0.5, 2) });
    expect(await bob.locator('#cursors').textContent()).toBe('Ada');
    await ada.context().close();
    await news(bob).getByText('Ada has left').waitFor();
    expect(await people.getByRole('listitem').count()).toBe(0);
    expect(await bob.locator('#cursors div').count()).toBe(0);
  });

  it('drags a note with the pointer', async () => {
    const app = await start();
    const [ada, bob] = [await visit(app, 'Ada'), await visit(app, 'Bob')];
    await addNote(ada, 'drag me');
    await items(ada).waitFor();
    const from = await placeOf(ada, '#items li');
    const [note, area] = [(await items(ada).boundingBox())!, (await board(ada).boundingBox())!];
    await ada.mouse.move(note.x + 10, note.y + 10);
    await ada.mouse.down();
    await ada.mouse.move(note.x + 10 + area.width * 0.3, note.y + 10 + area.height * 0.4, { steps: 4 });
    await ada.mouse.up();
    await holds(bob, `Number.parseFloat(document.querySelector('#items li').style.left) > ${from.x * 100 + 25}`);
    expect(await placeOf(bob, '#items li')).toEqual({
      x: expect.closeTo(from.x + 0.3, 2),
      y: expect.closeTo(from.y + 0.4, 2),
    });
  });

  it('is used with the keyboard alone', async () => {
    const app = await start();
    const [ada, bob] = [await visit(app, 'Ada'), await visit(app, 'Bob')];
    await ada.getByLabel('Note', { exact: true }).focus();
    await ada.keyboard.type('by hand');
    await ada.keyboard.press('Enter');
    await items(bob).waitFor();
    const from = await placeOf(bob, '#items li');
    // From the field over the buttons and the form of pictures to the note.
    for (let i = 0; i < 12 && (await ada.evaluate('document.activeElement.tagName')) !== 'LI'; i++)
      await ada.keyboard.press('Tab');
    await ada.keyboard.press('ArrowRight');
    await ada.keyboard.press('ArrowDown');
    await holds(bob, `document.querySelector('#items li').style.top !== '${from.y * 100}%'`);
    expect(await placeOf(bob, '#items li')).toEqual({
      x: expect.closeTo(from.x + 0.02, 5),
      y: expect.closeTo(from.y + 0.02, 5),
    });
    await ada.keyboard.press('Delete');
    await holds(bob, 'document.querySelector("#items li") === null');
    expect(await ada.evaluate('document.activeElement.id')).toBe('text');
  });

  it('uploads a picture with progress, and shows it to the other', async () => {
    const app = await start();
    const [ada, bob] = [await visit(app, 'Ada'), await visit(app, 'Bob')];
    await ada.evaluate(`
      window.progress = [];
      new MutationObserver(() => {
        const element = document.getElementById('progress');
        if (!element.hidden) progress.push(element.value);
      }).observe(document.getElementById('progress'), { attributes: true });
    `);
    const buffer = png(760, 760);
    await ada
      .getByLabel('Picture', { exact: true })
      .setInputFiles({ name: 'noise.png', mimeType: 'image/png', buffer });
    await ada.getByLabel('What it shows').fill('grey noise');
    await ada.getByRole('button', { name: 'Upload' }).click();
    const image = bob.getByRole('img', { name: 'grey noise' });
    await image.waitFor();
    await holds(bob, 'document.querySelector("#items img").naturalWidth === 760');
    await news(bob).getByText('Ada added a picture: grey noise').waitFor();
    await holds(ada, 'document.getElementById("progress").hidden');
    const progress = await ada.evaluate<number[]>('progress');
    expect(progress.length).toBeGreaterThan(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
    const src = (await bob.locator('#items img').getAttribute('src'))!;
    const answer = await fetch(app.url + src);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await answer.arrayBuffer()).equals(buffer)).toBe(true);
  });

  it.each([
    ['what is no picture', Buffer.from('<svg onload="alert(1)"/>'), 'A picture is a PNG, a JPEG, a GIF or a WebP.'],
    ['too large a picture', Buffer.alloc(2_000_001), /2000000/],
  ])('says why it does not take %s', async (_title, buffer, problem) => {
    const ada = await visit(await start(), 'Ada');
    await ada.getByLabel('Picture', { exact: true }).setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer });
    await ada.getByLabel('What it shows').fill('nothing');
    await ada.getByRole('button', { name: 'Upload' }).click();
    await ada.getByRole('alert').filter({ hasText: problem }).waitFor();
    expect(await items(ada).count()).toBe(0);
  });

  it('connects again after the server has restarted, and goes on', async () => {
    const first = await start();
    const [ada, bob] = [await visit(first, 'Ada'), await visit(first, 'Bob')];
    await addNote(ada, 'before');
    await items(bob).filter({ hasText: 'before' }).waitFor();
    const { port } = first.server;
    // Nobody is cut off: the streams end, and the sockets are closed with 1001.
    expect(await first.close()).toEqual({ destroyed: 0 });
    await ada.getByRole('status').filter({ hasText: 'Connecting' }).waitFor();
    await start(port);
    for (const page of [ada, bob]) await connected(page);
    await bob.getByRole('list', { name: 'People' }).getByText('Ada').waitFor();
    await addNote(ada, 'after');
    await items(bob).filter({ hasText: 'after' }).waitFor();
    // A board in memory has forgotten what was there.
    expect(await items(bob).count()).toBe(1);
  });

  it('is light or dark as the visitor likes it, and readable in both', async () => {
    const app = await start();
    const colours = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await visit(app, 'Ada', { colorScheme });
      colours.push(
        await page.evaluate<string[]>(
          '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
        ),
      );
    }
    const [[lightPage, darkInk], [darkPage, lightInk]] = colours.map((pair) => pair.map(luminance)) as number[][];
    expect((lightPage! + 0.05) / (darkInk! + 0.05)).toBeGreaterThan(7);
    expect((lightInk! + 0.05) / (darkPage! + 0.05)).toBeGreaterThan(7);
  });

  it('names every control', async () => {
    const page = await visit(await start(), 'Ada');
    const controls = /^ *- ((?:textbox|radio|button|list|region|log|group|progressbar|img)\b.*)$/;
    const snapshot = await page.locator('body').ariaSnapshot();
    expect(snapshot.split('\n').flatMap((line) => controls.exec(line)?.[1] ?? [])).toEqual([
      'list "People"',
      'textbox "Your name": Ada',
      'group "Colour":',
      'radio "red"',
      'radio "orange"',
      'radio "green"',
      'radio "blue" [checked]',
      'radio "violet"',
      'radio "grey"',
      'textbox "Note"',
      'button "Add note"',
      'button "Picture"',
      'textbox "What it shows"',
      'button "Upload"',
      'button "Clear the board"',
      'region "Board":',
      'list "Notes and pictures"',
      'log "What happens"',
    ]);
  });
});

/** Relative luminance of `rgb(r, g, b)` (WCAG 2.2). */
function luminance(colour: string): number {
  const [r, g, b] = colour.match(/\d+/g)!.map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
