import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import {
  type Application,
  type AppOptions,
  Body,
  BootError,
  Controller,
  createApp,
  File,
  Get,
  HttpError,
  type OpenApiDocument,
  Param,
  Post,
  Returns,
  securityHeaders,
  type UploadedFile,
} from '../../src/index.js';
import { launchBrowser } from '../support/browser.js';
import { loggerInto } from '../support/served.js';

const Todo = z.object({ id: z.number().int(), title: z.string() }).meta({ id: 'Todo' });
const NewTodo = z.object({ title: z.string() }).meta({ id: 'NewTodo' });
type NewTodo = z.infer<typeof NewTodo>;

@Controller('/todos')
class TodoController {
  @Get('/:id')
  @Returns(200, Todo)
  show(@Param('id') id: number) {
    if (id > 9) throw new HttpError(`There is no todo ${id}.`, 404);
    return { id, title: 'Buy milk' };
  }

  @Post()
  @Returns(201, Todo)
  create(@Body(NewTodo) { title }: NewTodo) {
    return { id: 1, title };
  }

  @Post('/:id/picture')
  attach(@Param('id') id: number, @File('picture') { size }: UploadedFile): object {
    return { id, size };
  }
}

async function start(options: Partial<AppOptions> = {}): Promise<Application> {
  const app = await createApp({ controllers: [TodoController], docs: '/docs', logger: loggerInto([]), ...options });
  onTestFinished(() => app.close({ timeout: 0 }).then(() => {}));
  return app.listen(0, '127.0.0.1');
}

describe('docs', () => {
  it('serves the document, and says where it has not changed', async () => {
    const app = await start({ docs: { path: '/internal/api', title: 'Todos', version: '1.2.0', servers: ['/v1'] } });
    const res = await fetch(`${app.url}/internal/api/openapi.json`);
    expect([res.status, res.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await res.json()).toMatchObject({
      openapi: '3.1.1',
      info: { title: 'Todos', version: '1.2.0' },
      servers: [{ url: '/v1' }],
    });
    const headers = { 'if-none-match': res.headers.get('etag') as string };
    expect((await fetch(res.url, { headers })).status).toBe(304);
  });

  it('does not describe itself', async () => {
    const app = await start();
    const { paths } = (await (await fetch(`${app.url}/docs/openapi.json`)).json()) as OpenApiDocument;
    expect(Object.keys(paths)).toEqual(['/todos/{id}', '/todos', '/todos/{id}/picture']);
  });

  it('serves no page where it is to serve none', async () => {
    const app = await start({ docs: { page: false } });
    expect((await fetch(`${app.url}/docs`)).status).toBe(404);
    expect((await fetch(`${app.url}/docs/openapi.json`)).status).toBe(200);
  });

  it.each<[title: string, docs: unknown, said: string]>([
    ['a path that is none', 'docs', 'expected docs.path as it is documented, found "docs"'],
    ['the root', '/', 'expected docs.path as it is documented, found "/"'],
    ['a path with parameters', '/docs/:id', 'found "/docs/:id"'],
    ['what it does not know', { titel: 'Todos' }, 'found titel'],
    ['anything else', 42, 'expected docs to be a path or an object, found 42'],
    ['a path that is taken', '/todos', 'expected docs at a path of its own, found /todos, the route of'],
  ])('refuses %s', async (_title, docs, said) => {
    @Controller('/todos')
    class Taken {
      @Get() list(): string {
        return '';
      }
    }
    const error = await createApp({ controllers: [Taken], docs: docs as string }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BootError);
    expect((error as Error).message).toContain(said);
  });
});

it('says what to install where the package of the page is not there', async () => {
  vi.doMock('../../src/openapi/page.js', async (original) => {
    return { ...(await original<object>()), findPagePackage: () => undefined };
  });
  onTestFinished(() => void vi.doUnmock('../../src/openapi/page.js'));
  await expect(start()).rejects.toThrow('npm install swagger-ui-dist@5, or write docs: { page: false }');
  const app = await start({ docs: { page: false } });
  expect((await fetch(`${app.url}/docs/openapi.json`)).status).toBe(200);
});

describe('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  /** Opens it, and notices whatever goes wrong on it, and whomever else it asks. */
  async function open(app: Application): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !message.text().includes('404')) wrong.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(app.url) && !request.url().startsWith('data:')) wrong.push(request.url());
    });
    onTestFinished(() => expect(wrong).toEqual([]));
    await page.goto(`${app.url}/docs`);
    await page.locator('.opblock').first().waitFor();
    return page;
  }

  const operation = (page: Page, method: string) => page.locator(`.opblock[id$="${method}"]`);

  it('lists the operations', async () => {
    const page = await open(await start({ docs: { title: 'Todos & <more>' } }));
    expect(await page.title()).toBe('Todos & <more>');
    expect(await page.locator('.opblock-summary-operation-id').allInnerTexts()).toEqual([
      'TodoController.show',
      'TodoController.create',
      'TodoController.attach',
    ]);
  });

  it('tries a call, and shows its answer or its error', async () => {
    const page = await open(await start({ use: [securityHeaders()] }));
    const show = operation(page, 'show');
    await show.locator('.opblock-summary-control').click();
    await show.getByPlaceholder('id').fill('7');
    await show.getByRole('button', { name: 'Execute' }).click();
    await show.locator('.live-responses-table').getByText('"Buy milk"').waitFor();
    await show.getByPlaceholder('id').fill('10');
    await show.getByRole('button', { name: 'Execute' }).click();
    await show.locator('.live-responses-table').getByText('There is no todo 10.').waitFor();
  });

  it('sends a file', async () => {
    const page = await open(await start());
    const attach = operation(page, 'attach');
    await attach.locator('.opblock-summary-control').click();
    await attach.getByPlaceholder('id').fill('7');
    const picture = { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('12345') };
    await attach.locator('input[type=file]').setInputFiles(picture);
    await attach.getByRole('button', { name: 'Execute' }).click();
    await attach.locator('.live-responses-table code').getByText('"size"').waitFor();
    expect(await attach.locator('.live-responses-table').innerText()).toContain('"size": 5');
  });
});
