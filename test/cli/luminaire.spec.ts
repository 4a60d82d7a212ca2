import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiled } from '../support/compiled.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = `${ROOT}/test/cli/compiled`;

/** An application as somebody would write it; compiled before the command sees it. */
const CONTROLLER = `
import { Controller, From, Get, MaxBodySize, OnError, Param, Post, Query, Body, Returns, Sse, Timeout, Use, requestScoped, injectable } from './src/index.js';
import { z } from 'zod';

export class Missing extends Error {}
class Audit { handle(req, res, next) { return next(req, res); } }
const log = (req, res, next) => next(req, res);
@requestScoped() class CurrentUser { resolve() { return 'ada'; } }
const Todo = z.object({ id: z.number() });

@Controller('/todos')
@Use(Audit)
@Timeout(500)
export class TodoController {
  constructor() { throw new Error('nothing is made'); }
  @Get('/:id') @Use(log) @Returns(200, Todo)
  show(@Param('id') id: number, @Query('page?') page: number = 1, @Query('tag?') tags?: string[], @From(CurrentUser) user?: string) { return { id }; }
  @Post() @MaxBodySize(10) create(@Body(Todo) todo: unknown) {}
  @Sse('/changes') async *changes() {}
  @OnError(Missing) missing(error: Error) {}
}
`;
const APPS: Readonly<Record<string, string>> = {
  'todo.controller.ts': CONTROLLER,
  'app.ts': `
    import { createApp } from './src/index.js';
    import { TodoController } from './todo.controller.js';
    function accessLog(req, res, next) { return next(req, res); }
    export const app = createApp({ controllers: [TodoController], use: [accessLog], onError: () => undefined });`,
  'options.ts': `
    import { TodoController } from './todo.controller.js';
    export const options = { controllers: [TodoController], port: 80, env: 'debug' };`,
  'broken.ts': `
    import { Controller, createApp, Get, Param } from './src/index.js';
    @Controller('/a') class A { @Get('/:id') a(@Param('no') no: string) {} }
    @Controller('/b') class B { @Get('/:id') b() {} }
    export default createApp({ controllers: [A, B], maxBodysize: 1 } as never);`,
  'warned.ts': `
    import { Controller, createApp, Get } from './src/index.js';
    @Controller('/b') class B { @Get('/:id') b() {} }
    export default createApp({ controllers: [B] });`,
  'undescribed.ts': `
    import { Body, Controller, createApp, Post } from './src/index.js';
    const schema = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } };
    @Controller('/b') class B { @Post() b(@Body(schema) body: unknown) {} }
    export default createApp({ controllers: [B] });`,
  'nothing.ts': 'export const answer = 42;',
  'cycle.ts': `
    import { B } from './cycle-b.js';
    export class A { b = B; }`,
  'cycle-b.ts': `
    import { A } from './cycle.js';
    export class B extends A {}`,
};

/** Runs the command as a shell would. */
async function luminaire(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const bin = `${FOLDER}/src/cli/luminaire.js`;
  try {
    return { code: 0, ...(await run(process.execPath, [bin, ...args], { cwd: FOLDER })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

beforeAll(async () => {
  const sources = `${FOLDER}/sources`;
  await mkdir(sources, { recursive: true });
  for (const [name, text] of Object.entries(APPS)) await writeFile(`${sources}/${name}`, text);
  const swc = `${ROOT}/node_modules/.bin/swc`;
  await symlink(`${await compiled()}/dist/src`, `${FOLDER}/src`);
  await run(
    swc,
    [sources, '--out-dir', FOLDER, '--quiet', '--strip-leading-paths', '--config-file', `${ROOT}/.swcrc`],
    {
      cwd: sources,
    },
  );
}, 60_000);
afterAll(() => rm(FOLDER, { recursive: true, force: true }));

describe('luminaire routes', () => {
  it('lists the routes of an application that nothing has awaited', async () => {
    expect(await luminaire('routes', 'app.js')).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'GET   /todos/:id      Audit → log → TodoController.show',
        'POST  /todos          Audit → TodoController.create',
        'GET   /todos/changes  Audit → TodoController.changes',
        '',
      ].join('\n'),
    });
  });

  it('lists those of options, bootstrap’s among them', async () => {
    expect(await luminaire('routes', './options.js')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('show'),
    });
  });
});

describe('luminaire routes --explain', () => {
  it('tells what a request meets, in order', async () => {
    const { stdout } = await luminaire('routes', 'app.js', '--explain', 'GET /todos/1?page=2');
    expect(stdout.replace(/ +$/gm, '').split('\n')).toEqual([
      'GET /todos/1?page=2',
      ' 1  middleware  accessLog                                   application',
      ' 2  route       GET /todos/:id by @Get                      TodoController.show',
      ' 3  limit       maxBodySize: 1048576 bytes                  application',
      ' 4  limit       timeout: 500 ms                             TodoController',
      ' 5  middleware  Audit                                       TodoController',
      ' 6  middleware  log                                         TodoController.show',
      ' 7  parameter   @Param("id"): number                        TodoController.show',
      ' 8  parameter   @Query("page?"): number, or nothing         TodoController.show',
      ' 9  parameter   @Query("tag?"): string[], or nothing        TodoController.show',
      '10  resolver    @From(CurrentUser), one for this request    CurrentUser.resolve',
      '11  handler     TodoController.show                         TodoController.show',
      '12  reply       200 through a zod schema                    TodoController.show',
      '13  error       @OnError(Missing)                           TodoController.missing',
      '14  error       onError                                     application',
      '15  error       an HttpError as it says, anything else 500  server',
      '',
    ]);
  });

  it.each([
    ['POST /todos', ['maxBodySize: 10 bytes', '@Body(schema): a zod schema', '200 with what it returns']],
    ['GET /todos/changes', ['by @Sse', '200: server-sent events']],
    ['DELETE /todos/1', ['405, Allow: GET, HEAD, OPTIONS']],
    ['OPTIONS /todos', ['204, Allow: OPTIONS, POST']],
    ['HEAD /todos/1', ['GET /todos/:id by @Get']],
    ['GET /nowhere', ['404: no route matches']],
    ['GET /%zz', ['400: the path has a percent-escape']],
  ])('tells of %s', async (request, parts) => {
    const { code, stdout } = await luminaire('routes', 'app.js', '--explain', request);
    expect(code).toBe(0);
    for (const part of parts) expect(stdout).toContain(part);
  });
});

describe('luminaire check', () => {
  it('proves an application without making anything of it', async () => {
    expect(await luminaire('check', 'app.js')).toEqual({
      code: 0,
      stdout: 'The application can start: 3 routes.\n',
      stderr: '',
    });
  });

  it('ends with 1 and every finding, with its file', async () => {
    const { code, stdout, stderr } = await luminaire('check', 'broken.js');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.split('\n')).toEqual([
      'The application cannot start: 2 findings',
      '  1. A.a: expected :no in GET /a/:id for @Param("no"), found :id. Add /:no to the path, or take the value from elsewhere: @Query("no").',
      '     broken.js',
      expect.stringContaining('  2. options: Opts: unknown option "maxBodysize"; known are env,'),
      '2 warnings',
      expect.stringContaining(
        '  1. A.a: expected @Param("id") for :id of GET /a/:id, found a part of the path that nobody',
      ),
      '     broken.js',
      expect.stringContaining(
        '  2. B.b: expected @Param("id") for :id of GET /b/:id, found a part of the path that nobody',
      ),
      '     broken.js',
      '',
    ]);
  });

  it('ends with 0 where there are only warnings', async () => {
    expect(await luminaire('check', 'warned.js')).toMatchObject({
      code: 0,
      stdout: 'The application can start: 1 route.\n',
      stderr: expect.stringContaining('1 warning\n  1. B.b: '),
    });
  });
});

describe('luminaire openapi', () => {
  it('writes the document of an application without making anything of it', async () => {
    const { code, stdout, stderr } = await luminaire('openapi', 'app.js');
    expect([code, stderr]).toEqual([0, '']);
    const { openapi, paths } = JSON.parse(stdout);
    expect(openapi).toBe('3.1.1');
    expect(Object.keys(paths)).toEqual(['/todos/{id}', '/todos', '/todos/changes']);
    expect(stdout).toBe(`${JSON.stringify(JSON.parse(stdout), undefined, 2)}\n`);
  });

  it('says on the other channel what could be better', async () => {
    const { code, stdout, stderr } = await luminaire('openapi', 'undescribed.js');
    expect([code, JSON.parse(stdout).openapi]).toEqual([0, '3.1.1']);
    expect(stderr).toContain('1 warning\n  1. B.b: expected a schema with a Standard JSON Schema in @Body(schema)');
  });

  it('ends with 1 where the application cannot start', async () => {
    const { code, stdout, stderr } = await luminaire('openapi', 'broken.js');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('The application cannot start: 2 findings');
  });
});

describe('luminaire', () => {
  it.each<[title: string, args: string[], code: number, said: string]>([
    ['no command', [], 2, 'luminaire routes APP'],
    ['another command', ['serve', 'app.js'], 2, 'luminaire routes APP'],
    ['no module', ['check'], 2, 'Name the module of the application.'],
    ['an option that it does not know', ['check', 'app.js', '--port'], 2, "Unknown option '--port'"],
    ['an argument too many', ['check', 'app.js', 'b.js'], 2, 'Not understood: b.js.'],
    ['--explain with check', ['check', 'app.js', '--explain', 'GET /'], 2, '--explain goes with routes.'],
    ['what is no request', ['routes', 'app.js', '--explain', '/todos'], 2, 'A request is a method and a path'],
    ['a module that is not there', ['check', 'none.js'], 1, 'There is no module none.js.'],
    ['a module that is not compiled', ['check', 'sources/app.ts'], 1, 'name its JavaScript'],
    [
      'a module without an application',
      ['check', 'nothing.js'],
      1,
      'nothing.js exports no application: export createApp',
    ],
    ['modules that import each other', ['check', 'cycle.js'], 1, 'Two modules import each other'],
  ])('refuses %s', async (_title, args, code, said) => {
    expect(await luminaire(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
  });

  it('tells how it is used', async () => {
    expect(await luminaire('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('luminaire check APP'),
    });
  });
});
