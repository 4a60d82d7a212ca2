import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { Controller } from '../../../src/decorators/controller.js';
import { LastEventId, Res, Signal } from '../../../src/decorators/parameters.js';
import { Returns, Status } from '../../../src/decorators/replies.js';
import { Get, Post, Sse } from '../../../src/decorators/route.js';
import { Topic } from '../../../src/http/events/topic.js';
import { Reply } from '../../../src/http/reply.js';
import type { Response } from '../../../src/http/response.js';
import { folderOf } from '../../support/files.js';
import { eventually, request } from '../../support/served.js';
import { wire, wireTcp } from '../wired.js';

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';
const BYTES = 'application/octet-stream';

const FILES = folderOf({ 'a.txt': 'abcdef' });

async function* pieces() {
  yield 'a';
  yield Buffer.from('b');
}

/** A controller whose one route returns `value()`. */
function returning(value: (res: Response) => unknown) {
  @Controller()
  class A {
    @Get() get(@Res() res: Response) {
      return value(res);
    }
  }
  return A;
}

describe('what is returned', () => {
  it.each<[title: string, value: unknown, status: number, type: string | null, body: string]>([
    ['undefined', undefined, 204, null, ''],
    ['null', null, 200, JSON_TYPE, 'null'],
    ['a number', 42, 200, JSON_TYPE, '42'],
    ['a boolean', false, 200, JSON_TYPE, 'false'],
    ['an object', { a: 1 }, 200, JSON_TYPE, '{"a":1}'],
    ['an array', [1, null], 200, JSON_TYPE, '[1,null]'],
    ['a Map', new Map([['a', 1]]), 200, JSON_TYPE, '{"a":1}'],
    ['a Set', new Set([1]), 200, JSON_TYPE, '[1]'],
    ['a Date', new Date(0), 200, JSON_TYPE, '"1970-01-01T00:00:00.000Z"'],
    ['a string', '<b>hi</b>', 200, TEXT, '<b>hi</b>'],
    ['an empty string', '', 200, TEXT, ''],
    ['a Buffer', Buffer.from('hi'), 200, BYTES, 'hi'],
    ['a Uint8Array', new Uint8Array([104, 105]), 200, BYTES, 'hi'],
    ['an ArrayBuffer', new Uint8Array([104, 105]).buffer, 200, BYTES, 'hi'],
    ['a promise', Promise.resolve({ a: 1 }), 200, JSON_TYPE, '{"a":1}'],
    // biome-ignore lint/suspicious/noThenProperty: what a query builder looks like
    ['a thenable', { then: (resolve: (value: unknown) => void) => resolve('then') }, 200, TEXT, 'then'],
    ['a Reply', new Reply(202, { a: 1 }), 202, JSON_TYPE, '{"a":1}'],
    ['a Reply of another type', new Reply(200, '<b>', { 'Content-Type': 'text/html' }), 200, 'text/html', '<b>'],
    ['a Reply without a body', new Reply(303, undefined, { Location: '/x' }), 303, null, ''],
    ['what was created', Reply.created('/7', { id: 7 }), 201, JSON_TYPE, '{"id":7}'],
    ['what was created elsewhere', Reply.created('/7'), 201, null, ''],
    ['no content', Reply.noContent(), 204, null, ''],
    ['a redirect', Reply.redirect('/x', 307), 307, null, ''],
    ['not modified', Reply.notModified({ ETag: '"a"' }), 304, null, ''],
  ])('as %s', async (_title, value, status, type, body) => {
    expect(await wire([returning(() => value)]).get('/')).toEqual([status, type, body]);
  });

  it.each<[title: string, make: () => unknown]>([
    ['a Readable', () => Readable.from(pieces())],
    ['a ReadableStream', () => ReadableStream.from(pieces())],
    ['an async generator', pieces],
    ['a Reply of one', () => new Reply(200, pieces())],
  ])('as %s is streamed', async (_title, make) => {
    expect(await wire([returning(make)]).get('/')).toEqual([200, BYTES, 'ab']);
  });

  it('as a stream of a type is streamed', async () => {
    expect(await wire([returning(() => Reply.stream(pieces(), 'text/csv'))]).get('/')).toEqual([200, 'text/csv', 'ab']);
  });

  it.each<[title: string, fields: Record<string, string>, status: number, body: string]>([
    ['whole', {}, 200, 'abcdef'],
    ['in part', { range: 'bytes=1-2' }, 206, 'bc'],
    ['not again', { 'if-modified-since': new Date().toUTCString() }, 304, ''],
    ['not beyond its end', { range: 'bytes=9-' }, 416, expect.stringContaining('There are 6 bytes of this.')],
  ])('as a file is sent %s', async (_title, headers, status, body) => {
    const { send } = wire([returning(() => Reply.file('a.txt', { root: FILES }, { 'X-Reply': 'yes' }))]);
    const res = await send({ url: '/', headers });
    expect([res.status, await res.text(), res.headers.get('x-reply')]).toEqual([status, body, 'yes']);
  });

  it('as a file that is not there, or not below its root, is 404', async () => {
    const controller = returning(() => Reply.file(`../${basename(FILES)}/a.txt`, { root: FILES }));
    expect((await wire([controller]).get('/'))[0]).toBe(404);
    expect((await wire([returning(() => Reply.file('none', { root: FILES }))]).get('/'))[0]).toBe(404);
  });

  it('as a redirect stays on its host where it starts with a slash', async () => {
    const redirecting = returning(() => Reply.redirect('//evil.example/\u010d\u010a\r\nX: 1'));
    const { headers } = await wire([redirecting]).send({ url: '/' });
    expect(headers.get('location')).toBe('/.//evil.example/%C4%8D%C4%8A%0D%0AX:%201');
  });

  it('keeps the type that the handler chose', async () => {
    const A = returning((res) => {
      res.setContentType('application/vnd.api+json');
      return { a: 1 };
    });
    expect(await wire([A]).get('/')).toEqual([200, 'application/vnd.api+json', '{"a":1}']);
  });

  it('as a Reply may have several lines of one field', async () => {
    const A = returning(() => new Reply(200, '', { 'Set-Cookie': ['a=1', 'b=2'] }));
    const res = await wire([A]).send({ url: '/' });
    expect(res.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });
});

describe('what a handler sent itself', () => {
  it.each<[title: string, send: (res: Response) => unknown, body: string]>([
    ['and returned nothing', (res) => void res.send('own'), 'own'],
    ['and returned as it was sent', (res) => res.send('own'), 'own'],
    ['appended', (res) => void res.appendBody('ow').appendBody('n'), 'own'],
  ])('%s is left alone', async (_title, send, body) => {
    const { get, log } = wire([returning(send)]);
    expect(await get('/')).toEqual([200, TEXT, body]);
    expect(log).toEqual([]);
  });

  it('makes a returned value superfluous, which is logged with the place', async () => {
    const { get, log } = wire([returning((res) => [res.send('own')])]);
    expect(await get('/')).toEqual([200, TEXT, 'own']);
    expect(log).toEqual([
      {
        level: 'warn',
        message: 'A value was returned after the response was sent; it is dropped',
        fields: { handler: 'A.get' },
      },
    ]);
  });

  it.each<[title: string, value: (source: Readable) => unknown]>([
    ['a stream', (source) => source],
    ['a reply with a stream', (source) => Reply.stream(source)],
  ])('makes %s superfluous, which is let go of', async (_title, value) => {
    const source = new Readable({ read() {} });
    const A = returning((res) => {
      res.send('own');
      return value(source);
    });
    expect(await wire([A]).get('/')).toEqual([200, TEXT, 'own']);
    expect(source.destroyed).toBe(true);
  });

  it('later is waited for where it holds the response open', async () => {
    const A = returning((res) => {
      res.holdOpen = true;
      setImmediate(() => res.send('later'));
    });
    expect(await wire([A]).get('/')).toEqual([200, TEXT, 'later']);
  });

  it('keeps its status', async () => {
    const A = returning((res) => void res.setStatus(202));
    expect(await wire([A]).get('/')).toEqual([202, null, '']);
  });
});

describe('a value that JSON cannot hold', () => {
  it('is null in production where it is a number, with a warning', async () => {
    const { get, log } = wire([returning(() => ({ a: [Number.NaN] }))]);
    expect(await get('/')).toEqual([200, JSON_TYPE, '{"a":[null]}']);
    expect(log).toEqual([
      {
        level: 'warn',
        message: '/a/0 is NaN, which JSON cannot hold; it is sent as null',
        fields: { handler: 'A.get', at: '/a/0' },
      },
    ]);
  });

  it.each([
    ['NaN', Number.NaN],
    ['a bigint', 10n],
  ])('is 500 in debug and names the path: %s', async (what, value) => {
    const [status, , body] = await wire([returning(() => ({ a: [value] }))], 'debug').get('/');
    expect([status, JSON.parse(body).detail]).toEqual([500, `/a/0 is ${what}, which JSON cannot hold`]);
  });

  it('is 500 in production and says nothing', async () => {
    const { get, log } = wire([returning(() => ({ secret: 10n }))]);
    const [status, , body] = await get('/');
    expect(status).toBe(500);
    expect(body).not.toContain('secret');
    expect(log[0]?.fields.err).toMatchObject({ message: '/secret is a bigint, which JSON cannot hold' });
  });
});

const Todo = z.object({ title: z.string() });
const Missing = z.object({ missing: z.string() });
const later = z.string().refine(async () => true);

@Controller()
class Checked {
  @Post('/status') @Status(202) status() {}
  @Post('/created') @Returns(201, Todo) created() {
    return { title: 'a', secret: 1 };
  }
  @Get('/reply') @Returns(200, Todo) @Returns(404, Missing) reply():
    | { title: string }
    | Reply<404, { missing: string }> {
    return new Reply(404, { missing: 'it', secret: 1 } as { missing: string });
  }
  @Get('/bare') @Returns(404, Missing) @Returns(200, Todo) bare(): { title: string } {
    return { title: 'b' };
  }
  @Get('/other') @Returns(200, Todo) other() {
    return new Reply(202, { secret: 1 });
  }
  @Get('/wrong') @Returns(200, Todo) wrong() {
    return { title: 1 } as never;
  }
  @Get('/async') @Returns(200, later) async async() {
    return 'late';
  }
  @Get('/both') @Status(203) @Returns(203, Todo) both() {
    return { title: 'c', secret: 1 };
  }
}

describe('@Status and @Returns', () => {
  it.each([
    ['POST', '/status', 202, ''],
    ['POST', '/created', 201, '{"title":"a"}'],
    ['GET', '/reply', 404, '{"missing":"it"}'],
    ['GET', '/bare', 200, '{"title":"b"}'],
    ['GET', '/other', 202, '{"secret":1}'],
    ['GET', '/async', 200, 'late'],
    ['GET', '/both', 203, '{"title":"c"}'],
  ])('make %s %s answer %i', async (method, url, status, body) => {
    const res = await wire([Checked]).send({ method, url });
    expect([res.status, await res.text()]).toEqual([status, body]);
  });

  it('make a value that does not fit a 500 that names the path in debug', async () => {
    const [status, , body] = await wire([Checked], 'debug').get('/wrong');
    expect([status, JSON.parse(body).detail]).toEqual([
      500,
      'Checked.wrong: what it returned does not fit its @Returns: /title: Invalid input: expected string, received number',
    ]);
  });

  it('hide it in production', async () => {
    const [status, , body] = await wire([Checked]).get('/wrong');
    expect([status, body.includes('title: ')]).toEqual([500, false]);
  });
});

describe('@Sse', () => {
  const closed = vi.fn();
  @Controller()
  class Events {
    @Sse('/three') async *three(@LastEventId() id?: string) {
      yield { data: { n: 1 }, id: '1' };
      yield 'two';
      yield { event: 'end', data: id ?? 'none' };
    }
    @Sse('/endless') async *endless(@Signal() gone: AbortSignal) {
      try {
        for (let n = 0; !gone.aborted; n++) {
          yield { data: n };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        closed();
      }
    }
    @Sse('/broken') async *broken() {
      yield 'one';
      throw new Error('broken');
    }
    @Sse('/none') none(): AsyncIterable<string> {
      return undefined as never;
    }
  }

  it('sends one event for each step, then ends', async () => {
    expect(await wire([Events]).get('/three', { 'last-event-id': '41' })).toEqual([
      200,
      'text/event-stream',
      ':\n\nid: 1\ndata: {"n":1}\n\ndata: two\n\nevent: end\ndata: 41\n\n',
    ]);
  });

  it('ends the generator when the client leaves', async () => {
    closed.mockClear();
    const client = await (await wireTcp([Events])).connect();
    client.send(request('GET /endless'));
    await client.until('data: 1');
    client.destroy();
    await eventually(() => closed.mock.calls.length > 0, 'the generator ended');
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it('follows a topic until its client leaves', async () => {
    const topic = new Topic<number>();
    @Controller()
    class Followed {
      @Sse() async *follow(@LastEventId() lastEventId: string | undefined, @Signal() signal: AbortSignal) {
        yield 'hello';
        yield* topic.subscribe({ lastEventId, signal });
      }
    }
    const first = await topic.publish(1);
    await topic.publish(2, 'named');
    const client = await (await wireTcp([Followed])).connect();
    client.send(request('GET /', `Last-Event-ID: ${first}`));
    expect(await client.until('data: 2\n\n')).toMatch(/data: hello\n\n[\s\S]*id: \d+\nevent: named\ndata: 2\n\n$/);
    await topic.publish(3);
    await client.until('data: 3\n\n');
    expect(topic.size).toBe(1);
    client.destroy();
    await eventually(() => topic.size === 0, 'it left');
  });

  it('answers HEAD without running it', async () => {
    closed.mockClear();
    const res = await wire([Events]).send({ method: 'HEAD', url: '/endless' });
    expect([res.status, res.headers.get('content-type'), await res.text()]).toEqual([200, 'text/event-stream', '']);
  });

  it('cuts the stream off where the generator throws, and logs it', async () => {
    const { connect, log } = await wireTcp([Events]);
    const client = await connect();
    client.send(request('GET /broken'));
    const bytes = await client.all();
    expect(bytes).toContain('data: one');
    expect(bytes).not.toContain('\r\n0\r\n');
    expect(log[0]?.fields.err).toMatchObject({ message: 'broken' });
  });

  it('lets go of events that come after an answer', async () => {
    const ended = vi.fn(async () => ({ done: true, value: undefined }) as const);
    const events = { [Symbol.asyncIterator]: () => ({ next: ended, return: ended }) };
    @Controller()
    class Late {
      @Sse() follow(@Res() res: Response): AsyncIterable<string> {
        res.send('own');
        return events as AsyncIterable<string>;
      }
    }
    expect(await wire([Late]).get('/')).toEqual([200, TEXT, 'own']);
    expect(ended).toHaveBeenCalledOnce();
  });

  it('is 500 where nothing is to be iterated', async () => {
    const [status, , body] = await wire([Events], 'debug').get('/none');
    expect([status, JSON.parse(body).detail]).toEqual([
      500,
      'Events.none: @Sse sends an async iterable, the method returned undefined',
    ]);
  });
});
