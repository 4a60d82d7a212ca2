import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  Body,
  BootError,
  Controller,
  type ControllerClient,
  Cookie,
  createApp,
  From,
  Get,
  Header,
  HttpError,
  injectable,
  MemorySocket,
  Param,
  Post,
  Put,
  Query,
  Reply,
  type Request,
  Route,
  Signal,
} from '../../src/index.js';

interface Todo {
  readonly id: number;
  readonly title: string;
}

const NewTodo = z.object({ title: z.string().min(1), due: z.coerce.date().optional() });
const Page = z.object({ size: z.coerce.number(), tag: z.array(z.string()).optional() });
const opened: Database[] = [];

class Database {
  readonly #rows: Todo[] = [{ id: 1, title: 'Water' }];
  isOpen = false;

  onStart(): void {
    this.isOpen = true;
    opened.push(this);
  }

  dispose(): void {
    this.isOpen = false;
  }

  find(id: number): Todo | undefined {
    return this.#rows.find((row) => row.id === id);
  }
}

@injectable()
class CurrentUser {
  constructor(private readonly database: Database) {}

  resolve(req: Request): string {
    HttpError.assert(this.database.isOpen && req.headers.get('authorization'), 'Who are you?', 401);
    return req.headers.get('authorization') ?? '';
  }
}

@Controller('/todos')
class TodoController {
  constructor(private readonly database: Database) {}

  @Get('/:id')
  show(@Param('id') id: number): Todo {
    const todo = this.database.find(id);
    HttpError.assert(todo, 'No such todo', 404);
    return todo;
  }

  @Post()
  create(@Body(NewTodo) todo: z.infer<typeof NewTodo>, @From(CurrentUser) user: string) {
    return new Reply(201, { ...todo, user });
  }

  @Get('/by/:day/*rest')
  echo(
    @Param('day') day: Date,
    @Param('rest') rest: string,
    @Query(Page) page: z.infer<typeof Page>,
    @Header('x-tags') tags: string[],
    @Header('if-modified-since?') since?: Date,
    @Cookie('theme?') theme?: string,
  ) {
    return { day, rest, page, tags, since, theme };
  }

  @Put('/:id/:part?')
  optional(@Param('id') id: bigint, @Param('part?') part?: string, @Query('tag?') tags?: string[]) {
    return { id: String(id), part, tags };
  }

  @Get('/changes')
  async *changes(@Signal() gone: AbortSignal) {
    while (!gone.aborted) {
      yield 'tick';
      await new Promise((resolve) => gone.addEventListener('abort', resolve));
    }
  }

  @Route('QUERY', '/search')
  search(@Body() filter: unknown) {
    return filter;
  }
}

const app = createApp({ controllers: [TodoController] });

describe('an application under test', () => {
  it('is built for the test alone, started, and disposed with it', async () => {
    opened.length = 0;
    {
      await using t = await app.test();
      await using u = await app.test();
      expect((await t.get('/todos/1')).status).toBe(200);
      expect(opened).toHaveLength(2);
      expect(opened[0]).not.toBe(opened[1]);
      expect(t.app.url).toBe('');
      expect(u.app).not.toBe(t.app);
    }
    expect(opened.map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  it('is built anew from one that was built before', async () => {
    await using built = await createApp({ controllers: [TodoController] });
    await using t = await built.test();
    expect(t.app).not.toBe(built);
    await using u = await built.with(Database, { find: () => ({ id: 2, title: 'Double' }) }).test();
    expect(await (await u.get('/todos/9')).json()).toEqual({ id: 2, title: 'Double' });
  });

  it('leaves the socket of the application alone', async () => {
    const socket = new MemorySocket();
    await using built = await createApp({ controllers: [TodoController], socket });
    await built.listen();
    await (await built.test())[Symbol.asyncDispose]();
    expect(() => socket.connect().destroy()).not.toThrow();
  });

  it('says what boot finds', async () => {
    await expect(createApp({ controllers: [class Plain {}] }).test()).rejects.toBeInstanceOf(BootError);
  });

  it.each<[title: string, request: object, type: string | null, text: string]>([
    ['JSON', { json: { a: 1 } }, 'application/json', '{"a":1}'],
    ['JSON of another type', { json: 1, headers: { 'Content-Type': 'application/x+json' } }, 'application/x+json', '1'],
    ['a form of an object', { form: { a: 'é 1' } }, 'application/x-www-form-urlencoded', 'a=%C3%A9+1'],
    ['a form of pairs', { form: [['a', '1'], ['a', '2']] }, 'application/x-www-form-urlencoded', 'a=1&a=2'], // biome-ignore format: one row
    ['a body', { body: 'raw' }, null, 'raw'],
    ['nothing', {}, null, ''],
  ])('is sent %s', async (_title, request, type, text) => {
    @Controller()
    class Echo {
      @Post() async echo(@Header('content-type?') given: string = 'none') {
        return given;
      }
    }
    @Controller('/text')
    class Text {
      @Post() async echo(@From(Content) content: string) {
        return content;
      }
    }
    await using t = await createApp({ controllers: [Echo, Text] }).test();
    expect(await (await t.post('/', request)).text()).toBe(type ?? 'none');
    expect(await (await t.post('/text', request)).text()).toBe(text);
  });

  it('refuses two contents in one request', async () => {
    await using t = await app.test();
    await expect(t.post('/todos', { json: 1, body: '1' })).rejects.toThrow(
      'POST /todos: a request has one content, got json, body',
    );
  });

  it.each(['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const)('is asked by %s', async (verb) => {
    await using t = await app.test();
    const res = await t[verb]('/nowhere');
    expect(res.status).toBe(404);
  });

  it('cuts off what still runs when it is disposed', async () => {
    const t = await app.test();
    const res = await t.get('/todos/changes');
    await t[Symbol.asyncDispose]();
    await expect(res.text()).rejects.toThrow();
  });
});

class Content {
  resolve(req: Request): Promise<string> {
    return req.text();
  }
}

describe('a double', () => {
  it('stands for a class before anything of it was made', async () => {
    opened.length = 0;
    await using t = await app.with(Database, { find: (id) => ({ id, title: 'Double' }) }).test();
    expect(await (await t.get('/todos/7')).json()).toEqual({ id: 7, title: 'Double' });
    expect(opened).toEqual([]);
  });

  it('stands for a resolver', async () => {
    await using t = await app.with(CurrentUser, { resolve: () => 'ada' }).test();
    const res = await t.post('/todos', { json: { title: 'Read' } });
    expect([res.status, await res.json()]).toEqual([201, { title: 'Read', user: 'ada' }]);
  });

  it('stands for what a provider gives, whichever was added last', async () => {
    let isDisposed = false;
    const factory = () => Object.assign(new Database(), { dispose: () => (isDisposed = true) });
    const provided = createApp({ controllers: [TodoController], providers: [{ token: Database, factory }] });
    const double = { find: () => ({ id: 3, title: 'Last' }), dispose: () => (isDisposed = true) };
    {
      await using t = await provided.with(Database, {}).with(Database, double).test();
      expect(await (await t.get('/todos/1')).json()).toEqual({ id: 3, title: 'Last' });
    }
    expect(isDisposed).toBe(false);
  });

  it('is checked against what it stands for', () => {
    // @ts-expect-error: find gives a todo
    app.with(Database, { find: () => 'text' });
    // @ts-expect-error: there is no such member
    app.with(Database, { found: () => undefined });
  });
});

describe('a controller under test', () => {
  it('is asked by its own methods', async () => {
    await using t = await app.test();
    const res = await t.of(TodoController).show(1);
    expect([res.status, (await res.json()).title]).toEqual([200, 'Water']);
    expect((await t.of(TodoController).show(2)).status).toBe(404);
  });

  it('puts each argument where its decorator says', async () => {
    await using t = await app.test();
    const since = new Date('2026-11-22T10:00:00Z');
    const res = await t
      .of(TodoController)
      .echo(new Date('2026-11-22'), 'a/b c', { size: 2, tag: ['x', 'y'] }, ['p', 'q'], since, 'dark blue');
    expect(await res.json()).toEqual({
      day: '2026-11-22T00:00:00.000Z',
      rest: 'a/b c',
      page: { size: 2, tag: ['x', 'y'] },
      tags: ['p', 'q'],
      since: '2026-11-22T10:00:00.000Z',
      theme: 'dark blue',
    });
  });

  it('leaves out what is left out', async () => {
    await using t = await app.test();
    const client = t.of(TodoController);
    expect(await (await client.optional(9007199254740993n)).json()).toEqual({ id: '9007199254740993' });
    expect(await (await client.optional(1n, 'x', ['a', 'b'])).json()).toEqual({ id: '1', part: 'x', tags: ['a', 'b'] });
    expect((await client.create()).status).toBe(422);
  });

  it('sends fields along', async () => {
    await using t = await app.test();
    const client = t.of(TodoController, { headers: { authorization: 'ada' } });
    const res = await client.create({ title: 'Read', due: new Date(0) });
    expect(await res.json()).toEqual({ title: 'Read', due: '1970-01-01T00:00:00.000Z', user: 'ada' });
  });

  it('is asked by any method token', async () => {
    await using t = await app.test();
    expect(await (await t.of(TodoController).search({ a: 1 })).json()).toEqual({ a: 1 });
  });

  it('is typed from the class', () => {
    const use = async (client: ControllerClient<TodoController>) => {
      expectTypeOf((await client.show(1)).json()).resolves.toEqualTypeOf<Todo>();
      const { due } = await (await client.create({ title: '' })).json();
      expectTypeOf(due).toEqualTypeOf<string | undefined>();
      // @ts-expect-error: the id is a number
      void client.show('1');
      // @ts-expect-error: a title is text
      void client.create({ title: 1 });
    };
    expect(use).toBeTypeOf('function');
  });

  it.each<[title: string, ask: (t: Awaited<ReturnType<typeof app.test>>) => unknown, message: string]>([
    ['a class without routes here', (t) => t.of(Database), "of: Database is none of the application's controllers"],
    [
      'a path without its part',
      (t) => t.of(TodoController).show(),
      'TodoController.show: the path /todos/:id needs an argument for :id',
    ],
    [
      'an argument that the server makes',
      (t) => t.of(TodoController).create({ title: 'x' }, 'ada'),
      'TodoController.create: argument 2 is made by the server, from @From(CurrentUser): leave it out',
    ],
    [
      'an argument too many',
      (t) => (t.of(TodoController).show as (...args: number[]) => unknown)(1, 2),
      'TodoController.show takes no argument 2',
    ],
  ])('refuses %s', async (_title, ask, message) => {
    await using t = await app.test();
    await expect((async () => ask(t))()).rejects.toThrow(message);
  });
});

describe('a thousand tests', () => {
  it('leave nothing behind', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const held = () => process.getActiveResourcesInfo().length + process.listenerCount('SIGTERM');
    const before = held();
    const apps: WeakRef<object>[] = [];
    for (let i = 0; i < 1000; i++) {
      await using t = await app.test();
      expect((await t.of(TodoController).show(1)).status).toBe(200);
      apps.push(new WeakRef(t.app));
    }
    opened.length = 0;
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    expect(held()).toBeLessThanOrEqual(before + 1);
    expect(apps.filter((each) => each.deref() !== undefined).length).toBeLessThan(10);
  }, 60_000);
});
