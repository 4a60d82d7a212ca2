import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Application } from '../../src/index.js';
import { launchBrowser } from '../support/browser.js';
import { TodosPlace } from './support/todos-app.js';

let browser: Browser;
let place: TodosPlace;
let app: Application;
beforeAll(async () => {
  [browser, place] = await Promise.all([launchBrowser(), TodosPlace.make()]);
  app = await (await place.setup()).listen(0, '127.0.0.1');
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await app?.close({ timeout: 0 });
  await place?.[Symbol.asyncDispose]();
});

let visitors = 0;

/** Somebody with a browser of their own, who has signed up. */
async function visit(
  prefix: string,
  settings: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; name: string }> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...settings });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  onTestFinished(() => expect(errors).toEqual([]));
  await page.goto(app.url);
  const name = `${prefix}${++visitors}`;
  await page.getByLabel('Name', { exact: true }).first().fill(name);
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await live(page);
  return { page, name };
}

const live = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor();
const todos = (page: Page) => page.getByRole('list', { name: 'Todos' }).getByRole('listitem');
const news = (page: Page) => page.getByRole('log', { name: 'Live' });

async function addList(page: Page, title: string): Promise<void> {
  await page.getByLabel('New list').fill(title);
  await page.getByRole('button', { name: 'Add list' }).click();
  await page.getByRole('heading', { name: title }).waitFor();
}

async function addTodo(page: Page, title: string): Promise<void> {
  await page.getByLabel('New todo').fill(title);
  await page.getByRole('button', { name: 'Add todo' }).click();
  await todos(page).filter({ hasText: title }).waitFor();
}

async function share(page: Page, name: string, role = 'editor'): Promise<void> {
  await page.getByText('Members', { exact: true }).click();
  const form = page.locator('#share');
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Role').selectOption(role);
  await form.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('list', { name: 'Members' }).getByText(`${name}, ${role}`).waitFor();
}

describe('the page of the todos sample', () => {
  it('keeps who has signed in over a reload, and forgets who signs out', async () => {
    const { page, name } = await visit('ada');
    await page.reload();
    await live(page);
    expect(await page.locator('#my-name').textContent()).toBe(name);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    await page.getByLabel('Name', { exact: true }).first().fill(name);
    await page.getByLabel('Password').fill('wrong horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'nobody of that name' }).waitFor();
    await page.getByLabel('Password').fill('correct horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await live(page);
  });

  it('shows each member at once what the other does', async () => {
    const [ada, bob] = [await visit('ada'), await visit('bob')];
    await addList(ada.page, 'Groceries');
    await share(ada.page, bob.name);
    await bob.page.getByRole('button', { name: 'Groceries' }).click();
    await addTodo(ada.page, 'Buy <b>milk</b>');
    await todos(bob.page).filter({ hasText: 'Buy <b>milk</b>' }).waitFor();
    await bob.page.getByRole('checkbox', { name: 'Buy <b>milk</b>' }).check();
    await ada.page.locator('#todos [data-done]').waitFor();
    await news(ada.page).getByText(`${bob.name} changed Buy <b>milk</b>`).waitFor();
    await bob.page.getByRole('button', { name: 'Remove Buy <b>milk</b>' }).click();
    await ada.page.getByText('Nothing here.').waitFor();
    await ada.page.getByText('What has happened', { exact: true }).click();
    await ada.page.getByRole('list', { name: 'What has happened' }).getByText(`${bob.name} removed a todo`).waitFor();
  });

  it('does not let one overwrite what the other has written meanwhile', async () => {
    const [ada, bob] = [await visit('ada'), await visit('bob')];
    await addList(ada.page, 'Shared');
    await share(ada.page, bob.name);
    await addTodo(ada.page, 'Draft');
    await bob.page.getByRole('button', { name: 'Shared' }).click();
    for (const { page } of [ada, bob]) {
      await page.getByRole('button', { name: 'Details of Draft' }).click();
      await page
        .getByRole('dialog')
        .getByLabel('Title')
        .fill(page === ada.page ? 'By Ada' : 'By Bob');
    }
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await bob.page.getByRole('alert').filter({ hasText: 'Somebody else has changed it meanwhile: By Ada.' }).waitFor();
    await todos(ada.page).filter({ hasText: 'By Ada' }).waitFor();
    await bob.page.getByRole('button', { name: 'Save' }).click();
    await todos(ada.page).filter({ hasText: 'By Bob' }).waitFor();
  });

  it('shows a viewer nothing that only an editor may do', async () => {
    const [ada, bob] = [await visit('ada'), await visit('bob')];
    await addList(ada.page, 'Read only');
    await addTodo(ada.page, 'Look');
    await share(ada.page, bob.name, 'viewer');
    await bob.page.getByRole('button', { name: 'Read only' }).click();
    await todos(bob.page).filter({ hasText: 'Look' }).waitFor();
    expect(await bob.page.getByRole('checkbox', { name: 'Look' }).isDisabled()).toBe(true);
    for (const name of ['Add todo', 'Remove Look', 'Import', 'Share']) {
      expect(await bob.page.getByRole('button', { name, exact: true }).isVisible()).toBe(false);
    }
  });

  it('comments, attaches and downloads', async () => {
    const { page, name } = await visit('ada');
    await addList(page, 'Files');
    await addTodo(page, 'Read it');
    await page.getByRole('button', { name: 'Details of Read it' }).click();
    const dialog = page.getByRole('dialog', { name: 'Todo' });
    await dialog.getByLabel('Comment', { exact: true }).fill('Done <i>soon</i>');
    await dialog.getByRole('button', { name: 'Comment' }).click();
    await dialog.getByText(`${name}: Done <i>soon</i>`).waitFor();
    const buffer = Buffer.from('what is in it');
    await dialog.getByLabel('File, up to 10 MB').setInputFiles({ name: 'ü.txt', mimeType: 'text/plain', buffer });
    await dialog.getByRole('button', { name: 'Attach' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('link', { name: 'ü.txt' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('ü.txt');
  });

  it('imports a file, searches, and shows more', async () => {
    const { page } = await visit('ada');
    await addList(page, 'Bulk');
    await page.locator('summary', { hasText: 'Import' }).click();
    const lines = Array.from({ length: 130 }, (_none, i) => `Line ${i}`);
    const buffer = Buffer.from(lines.join('\n'));
    await page.getByLabel('Text file').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer });
    await page.locator('#import').getByRole('button', { name: 'Import' }).click();
    await news(page).getByText('imports: 130 of 130').waitFor();
    await todos(page).filter({ hasText: 'Line 129' }).waitFor();
    expect(await todos(page).count()).toBe(20);
    await page.getByRole('button', { name: 'More todos' }).click();
    await todos(page).nth(39).waitFor();
    await page.getByRole('searchbox', { name: 'Search' }).fill('line 77');
    await expect.poll(() => todos(page).allTextContents()).toEqual([expect.stringContaining('Line 77')]);
  });

  it('is used with the keyboard alone', async () => {
    const { page } = await visit('ada');
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.locator('#list-name:focus').waitFor();
    await page.keyboard.type('By hand');
    await press('Enter');
    await page.locator('#todo-title:focus').waitFor();
    await page.keyboard.type('Type it');
    await press('Enter');
    await todos(page).waitFor();
    // Add todo, search, show, and then the todo itself.
    await press('Tab', 'Tab', 'Tab', 'Tab', 'Space');
    await page.locator('#todos [data-done]').waitFor();
    await page.locator('#todos input:focus').waitFor();
    await press('Tab', 'Enter');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.locator('#todos button:focus').filter({ hasText: 'Details' }).waitFor();
    await press('Tab', 'Enter');
    await page.getByText('Nothing here.').waitFor();
    await page.locator('#todo-title:focus').waitFor();
  });

  it('names every control', async () => {
    const { page } = await visit('ada');
    await addList(page, 'Named');
    await addTodo(page, 'Thing');
    for (const summary of await page.locator('summary').all()) await summary.click();
    const unnamed = await page.evaluate<string[]>(`
      [...document.querySelectorAll('button, input, select, textarea, progress, dialog, nav, section')]
        .filter((element) => !(element.labels?.[0]?.textContent.trim() || element.ariaLabel || element.getAttribute('aria-labelledby') || element.textContent.trim()))
        .map((element) => element.outerHTML)
    `);
    expect(unnamed).toEqual([]);
    const snapshot = await page.getByRole('region', { name: 'Named' }).ariaSnapshot();
    for (const control of ['textbox "New todo"', 'searchbox "Search"', 'combobox "Show"', 'checkbox "Thing"']) {
      expect(snapshot).toContain(control);
    }
  });

  it('is light or dark as the visitor likes it, and readable in both', async () => {
    const contrasts: number[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await visit('ada', { colorScheme });
      await addList(page, 'Colours');
      const colours = await page.evaluate<[string, string][]>(`
        ['body', '#status', '#list', '#list button', '#problem'].map((selector) => {
          const element = document.querySelector(selector);
          let behind = element;
          while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
          return [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor];
        })
      `);
      for (const pair of colours) contrasts.push(contrastOf(pair));
    }
    // WCAG 2.2, level AA.
    for (const contrast of contrasts) expect(contrast).toBeGreaterThan(4.5);
  });
});

function contrastOf(colours: readonly [string, string]): number {
  const [dark, bright] = colours.map(luminance).sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

/** Relative luminance of `rgb(r, g, b)` (WCAG 2.2). */
function luminance(colour: string): number {
  const [r, g, b] = colour.match(/\d+/g)!.map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
