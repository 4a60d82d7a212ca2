import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AppOptions,
  Controller,
  createApp,
  explainSteps,
  Get,
  HttpError,
  type Middleware,
  Param,
  Post,
  Produces,
  Query,
  Reply,
  type Request,
  Res,
  Returns,
  type Response as ServerResponse,
  Use,
} from '../../../src/index.js';
import { loggerInto } from '../../support/served.js';

interface Todo {
  readonly title: string;
}

const Public = z.object({ title: z.string() });
const toCsv = (todos: readonly Todo[]) => `title\n${todos.map(({ title }) => `${title}\n`).join('')}`;
let made = 0;
const counting: Middleware = (req, res, next) => {
  res.setHeader('X-Around', 'yes');
  return next(req, res);
};

@Controller('/todos')
class Todos {
  @Get()
  @Use(counting)
  @Produces('application/json', { 'text/csv': toCsv, 'text/html; charset=utf-16': () => new Uint8Array([60]) })
  list(@Query('n?') n?: number): Todo[] {
    made++;
    if (n === 0) throw new HttpError('None', 409);
    return [{ title: 'é' }];
  }

  @Get('/one')
  @Returns(200, Public)
  @Produces('application/vnd.api+json', {
    'text/plain': async (todo: Todo, req: Request) => `${req.url.path} ${JSON.stringify(todo)}`,
    async *'application/x-ndjson'(todo: Todo) {
      yield `${JSON.stringify(todo)}\n`;
    },
  })
  one() {
    return { title: 'a', secret: 1 };
  }

  @Post('/reply/:kind')
  @Produces('application/json', { 'text/csv; header=present': (value: unknown) => `csv of ${value}` })
  reply(@Param('kind') kind: string, @Res() res: ServerResponse): unknown {
    switch (kind) {
      case 'created':
        return Reply.created('/todos/1', 'new');
      case 'typed':
        return new Reply(200, 'own', { 'Content-Type': 'text/x-own' });
      case 'refused':
        return new Reply(409, { refused: true });
      case 'nothing':
        return undefined;
      case 'file':
        return Reply.file(import.meta.filename, { type: 'text/x-file' });
      case 'text':
        return 'text';
      case 'set':
        res.setContentType('text/x-set');
        return 'set';
      default:
        return null;
    }
  }

  @Get('/wrong')
  @Produces({ 'text/csv': () => undefined as never })
  wrong() {
    return 1;
  }

  @Get('/stream')
  @Produces('application/json')
  stream() {
    return new ReadableStream();
  }
}

async function send(
  url: string,
  accept?: string,
  { method = 'GET', ...options }: { method?: string } & Partial<AppOptions> = {},
) {
  await using t = await createApp({ controllers: [Todos], logger: loggerInto([]), ...options }).test();
  const res = await t.request(method, url, { headers: accept === undefined ? {} : { accept } });
  return { status: res.status, type: res.headers.get('content-type'), text: await res.text(), headers: res.headers };
}

const CSV = 'text/csv; charset=utf-8';
const HEADED_CSV = 'text/csv; header=present; charset=utf-8';

describe('@Produces', () => {
  it.each<[title: string, accept: string | undefined, type: string, text: string]>([
    ['the first to a client that does not say', undefined, 'application/json', '[{"title":"é"}]'],
    ['what is asked for', 'text/csv', CSV, 'title\né\n'],
    ['what weighs more', 'application/json;q=0.1, text/csv;q=0.2', CSV, 'title\né\n'],
    ['a type with the charset it names', 'text/html', 'text/html; charset=utf-16', '<'],
  ])('sends %s', async (_title, accept, type, text) => {
    const answer = await send('/todos', accept);
    expect(answer).toMatchObject({ status: 200, type, text });
    expect(answer.headers.get('vary')).toBe('Accept');
  });

  it('answers 406 with what there is, before the method and behind its middleware', async () => {
    made = 0;
    const { status, type, text, headers } = await send('/todos?n=x', 'image/png');
    expect([status, type, made]).toEqual([406, 'application/problem+json', 0]);
    expect(JSON.parse(text)).toEqual({
      title: 'Not Acceptable',
      status: 406,
      detail:
        'No type that the client accepts can be sent, only application/json, text/csv, text/html; charset=utf-16.',
      available: ['application/json', 'text/csv', 'text/html; charset=utf-16'],
    });
    expect([headers.get('vary'), headers.get('x-around')]).toEqual(['Accept', 'yes']);
  });

  it('leaves errors problem documents, which vary all the same', async () => {
    const answer = await send('/todos?n=0', 'text/csv');
    expect(answer).toMatchObject({ status: 409, type: 'application/problem+json' });
    expect(answer.headers.get('vary')).toBe('Accept');
  });

  it.each([
    ['HEAD', '/todos', 200, CSV],
    ['GET', '/nowhere', 404, 'application/problem+json'],
    ['PUT', '/todos', 405, 'application/problem+json'],
  ])('leaves %s %s as it is: %i', async (method, url, status, type) => {
    expect(await send(url, 'text/csv', { method })).toMatchObject({ status, type });
  });

  it.each([
    [undefined, 'application/vnd.api+json', '{"title":"a"}'],
    ['text/plain', 'text/plain; charset=utf-8', '/todos/one {"title":"a"}'],
    ['application/x-ndjson', 'application/x-ndjson', '{"title":"a"}\n'],
  ])('hands %s what the schema of @Returns leaves', async (accept, type, text) => {
    expect(await send('/todos/one', accept)).toMatchObject({ status: 200, type, text });
  });

  it.each([
    ['created', 201, HEADED_CSV, 'csv of new'],
    ['null', 200, HEADED_CSV, 'csv of null'],
    ['text', 200, HEADED_CSV, 'csv of text'],
    ['nothing', 204, null, ''],
    ['typed', 200, 'text/x-own', 'own'],
    ['set', 200, 'text/x-set', 'set'],
    ['refused', 409, 'application/json', '{"refused":true}'],
  ])('encodes the content of a success that has no type of its own: %s', async (kind, status, type, text) => {
    expect(await send(`/todos/reply/${kind}`, 'text/csv', { method: 'POST' })).toMatchObject({ status, type, text });
  });

  it('sends a file as it is', async () => {
    const answer = await send('/todos/reply/file', 'text/csv', { method: 'POST' });
    expect(answer).toMatchObject({ status: 200, type: 'text/x-file', text: expect.stringContaining('sends a file') });
  });

  it('writes text as JSON where JSON is picked', async () => {
    const method = 'POST';
    expect(await send('/todos/reply/text', '*/*', { method })).toMatchObject({
      type: 'application/json',
      text: '"text"',
    });
  });

  it.each([
    ['/todos/wrong', 'Todos.wrong: the encoder of text/csv makes text, bytes or a stream, it made undefined'],
    ['/todos/stream', 'Todos.stream: ReadableStream cannot be sent as JSON: give JSON an encoder in its @Produces'],
  ])('makes %s a 500 that names the place in debug', async (url, detail) => {
    const { status, text } = await send(url, undefined, { env: 'debug' });
    expect([status, JSON.parse(text).detail]).toEqual([500, detail]);
  });

  it('is told of by the route table and by explain', () => {
    const app = { controllers: [Todos] };
    expect(explainSteps(app, 'GET /todos').filter(({ kind }) => kind === 'reply')).toEqual([
      {
        kind: 'reply',
        what: 'as Accept prefers: application/json, text/csv, text/html; charset=utf-16; or 406',
        where: 'Todos.list',
      },
      { kind: 'reply', what: '200 with what it returns, 204 with nothing', where: 'Todos.list' },
    ]);
  });
});
