import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type Application,
  type AppSetup,
  type Class,
  createApp,
  type OperationObject,
  openApiDocument,
} from '../../src/index.js';
import { DescribedAnswers } from '../support/described-answers.js';
import { loggerInto } from '../support/served.js';
import { testGuide } from './guide.js';

const guide = await testGuide('openapi.md');
const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);

/** Runs openapi-typescript as its command does. It needs the API of TypeScript 5, which the one here has no more. */
async function makeTypes(document: object): Promise<void> {
  const packages = new URL('node_modules/', guide.folder);
  await mkdir(packages, { recursive: true });
  for (const [name, own] of [
    ['typescript', 'typescript-5.9'],
    ['openapi-typescript', 'openapi-typescript'],
  ]) {
    await symlink(fileURLToPath(new URL(`node_modules/${own}`, ROOT)), new URL(name as string, packages));
  }
  await writeFile(new URL('openapi.json', guide.folder), JSON.stringify(document));
  const flags = ['--preserve-symlinks', '--preserve-symlinks-main'];
  const command = 'node_modules/openapi-typescript/bin/cli.js';
  const cwd = fileURLToPath(guide.folder);
  await run(process.execPath, [...flags, command, 'openapi.json', '--output', 'api.d.ts'], { cwd });
}

beforeAll(async () => {
  const { app } = await guide.load<{ app: AppSetup }>('app.ts');
  await makeTypes(await openApiDocument(app));
}, 120_000);

interface Client {
  list(done?: boolean): Promise<unknown>;
  find(id: number): Promise<unknown>;
  create(title: string): Promise<unknown>;
}

describe('the guide to OpenAPI', () => {
  let answers: DescribedAnswers;

  /** Serves the application, every answer compared. */
  async function start(): Promise<Application> {
    const { app } = await guide.load<{ app: AppSetup }>('app.ts');
    answers = new DescribedAnswers(await openApiDocument(app));
    const running = await createApp({ ...app.options, use: [answers.middleware], logger: loggerInto([]) });
    onTestFinished(() => running.close({ timeout: 0 }).then(() => expect(answers.faults).toEqual([])));
    return running.listen(0, '127.0.0.1');
  }

  async function connect(token: string): Promise<Client> {
    const { url } = await start();
    const { TodoClient } = await guide.load<{ TodoClient: new (url: string, token: string) => Client }>('client.ts');
    return new TodoClient(url, token);
  }

  it('has a client that creates, lists and finds', async () => {
    const client = await connect('s3cret');
    const todo = { id: 1, title: 'Buy milk', done: false };
    expect(await client.create('Buy milk')).toEqual(todo);
    expect([await client.list(), await client.list(true)]).toEqual([[todo], []]);
    expect([await client.find(1), await client.find(2)]).toEqual([todo, undefined]);
    expect([...answers.seen]).toContain('TodoController.show 404');
  });

  it('has a client that says what is refused', async () => {
    const client = await connect('s3cret');
    await expect(client.create('')).rejects.toMatchObject({
      status: 422,
      errors: [expect.stringMatching(/^\/title: /)],
    });
    await expect(client.find(Number.NaN)).rejects.toMatchObject({
      status: 400,
      errors: [expect.stringMatching(/^id: /)],
    });
    await expect((await connect('wrong')).create('x')).rejects.toMatchObject({
      status: 401,
      message: 'A token is needed here.',
    });
  });

  it.each([
    ['a path that is not there', "client.GET('/todo')"],
    ['a field that is missing', "client.POST('/todos', { body: {} })"],
    ['a number where text belongs', "client.POST('/todos', { body: { title: 1 } })"],
    ['a parameter that is missing', "client.GET('/todos/{id}', {})"],
  ])('has a client that does not compile with %s', async (_title, call) => {
    const file = new URL('wrong.ts', guide.folder);
    const head = "import createClient from 'openapi-fetch';\nimport type { paths } from './api.js';\n";
    await writeFile(file, `${head}const client = createClient<paths>();\nawait ${call};\n`);
    expect(await guide.compile()).toMatch(/^test\/docs\/examples\/openapi\/wrong\.ts\(4,\d+\): error TS2/);
    await writeFile(file, 'export {};\n');
  });

  it('describes reports in words', async () => {
    const { ReportController } = await guide.load<{ ReportController: Class }>('reports.ts');
    const { paths, tags } = await openApiDocument({ controllers: [ReportController] });
    expect(tags).toEqual([{ name: 'Reporting', description: 'Figures of the *past*.' }]);
    expect(paths['/reports/{year}']?.get).toMatchObject({
      operationId: 'showReport',
      summary: 'Show a year',
      parameters: [{ description: 'Four digits.' }, { description: 'As ISO 4217 has it.' }],
    });
    const year = paths['/reports/{year}']?.get as OperationObject;
    expect(Object.keys(year.responses)).toEqual(['200', '303', '400', '404', '500']);
    expect(paths['/reports/latest/total']?.get).toMatchObject({ deprecated: true });
  });

  it('documents whom a resolver asks', async () => {
    const { Administrator, Visitor } = await guide.load<Record<string, Class>>('session.ts');
    const { Controller, From, Get } = await import('../../src/index.js');
    class Page {
      all(_who: string): string {
        return '';
      }
      some(_who: string): string {
        return '';
      }
    }
    for (const [key, resolver] of [
      ['all', Administrator],
      ['some', Visitor],
    ] as [string, Class][]) {
      (From as (of: Class) => (...at: unknown[]) => void)(resolver)(Page.prototype, key, 0);
      (Get as (path: string) => (...at: unknown[]) => void)(`/${key}`)(Page.prototype, key, {});
    }
    Controller()(Page);
    const { paths } = await openApiDocument({ controllers: [Page] });
    expect(paths['/all']?.get).toMatchObject({ security: [{ session: [] }], responses: { 401: {}, 403: {} } });
    expect(paths['/some']?.get).toMatchObject({ security: [{ session: [] }, {}] });
  });
});
