import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Controller } from '../../../src/decorators/controller.js';
import type { Resolver } from '../../../src/decorators/injected.js';
import {
  Body,
  Cookie,
  From,
  Header,
  LastEventId,
  Param,
  Query,
  Req,
  Res,
  Signal,
} from '../../../src/decorators/parameters.js';
import { Get, Patch, Post, Put } from '../../../src/decorators/route.js';
import { HttpError } from '../../../src/http/http-error.js';
import { Request } from '../../../src/http/request.js';
import { Response } from '../../../src/http/response.js';
import { wire } from '../wired.js';

/** What an argument was, as text that JSON cannot blur. */
const show = (...values: unknown[]) =>
  values
    .map((value) => {
      if (value instanceof Date || value instanceof URL) return `${value.constructor.name} ${value.toJSON()}`;
      return typeof value === 'string' ? value : `${typeof value} ${JSON.stringify(value, bigints)}`;
    })
    .join(', ');
const bigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

@Controller()
class Scalars {
  @Get('/text') text(@Query('q') q: string) {
    return show(q);
  }
  @Get('/number') number(@Query('q') q: number) {
    return show(q);
  }
  @Get('/boolean') boolean(@Query('q') q: boolean) {
    return show(q);
  }
  @Get('/bigint') bigint(@Query('q') q: bigint) {
    return show(q);
  }
  @Get('/date') date(@Query('q') q: Date) {
    return show(q);
  }
  @Get('/url') url(@Query('q') q: URL) {
    return show(q);
  }
  @Get('/list') list(@Query('q') q: string[]) {
    return show(q);
  }
  @Get('/optional') optional(@Query('q?') q?: number) {
    return show(q);
  }
  @Get('/default') byDefault(@Query('q?') q: number = 7) {
    return show(q);
  }
  @Get('/param/:id/:rest?') param(@Param('id') id: number, @Param('rest?') rest?: string) {
    return show(id, rest);
  }
  @Get('/all/*path') all(@Param('path') path: string) {
    return show(path);
  }
  @Get('/header') header(@Header('X-Count') count: number, @Header('accept?') accept?: string[]) {
    return show(count, accept);
  }
  @Get('/since') since(@Header('if-modified-since') since: Date) {
    return show(since);
  }
  @Get('/cookie') cookie(@Cookie('sid') sid: string, @Cookie('n?') n?: number) {
    return show(sid, n);
  }
  @Get('/several') several(@Query('a') a: number, @Query('b') b: string, @Header('x') x: boolean) {
    return show(a, b, x);
  }
  @Get('/last') last(@LastEventId() id?: string) {
    return show(id);
  }
  @Get('/supplied') supplied(@Req() req: Request, @Res() res: Response, @Signal() gone: AbortSignal) {
    return show(req instanceof Request, res instanceof Response, gone.aborted);
  }
}

describe('an argument read by its type', () => {
  it.each<[url: string, text: string, headers?: Record<string, string>]>([
    ['/text?q=a%20b', 'a b'],
    ['/text?q=', ''],
    ['/number?q=1e3', 'number 1000'],
    ['/boolean?q=0', 'boolean false'],
    ['/bigint?q=9007199254740993', 'bigint "9007199254740993"'],
    ['/date?q=2024-02-29', 'Date 2024-02-29T00:00:00.000Z'],
    ['/url?q=https://h/p', 'URL https://h/p'],
    ['/list?q=a', 'object ["a"]'],
    ['/list?q=a&x=1&q=b', 'object ["a","b"]'],
    ['/optional', 'undefined undefined'],
    ['/default', 'number 7'],
    ['/default?q=8', 'number 8'],
    ['/param/5', 'number 5, undefined undefined'],
    ['/param/5/a%2Fb', 'number 5, a/b'],
    ['/all/a/b', 'a/b'],
    [
      '/header',
      'number 3, object ["text/html","a=\\"x,y\\"","b"]',
      { 'x-count': '3', accept: 'text/html, , a="x,y",b' },
    ],
    ['/since', 'Date 1994-11-06T08:49:37.000Z', { 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }],
    ['/cookie', 'a b, number 2', { cookie: 'sid=a%20b; n=2' }],
    ['/last', 'undefined undefined'],
    ['/last', '41', { 'last-event-id': '41' }],
    ['/supplied', 'boolean true, boolean true, boolean false'],
  ])('%s is %s', async (url, text, headers) => {
    expect(await wire([Scalars]).get(url, headers)).toEqual([200, 'text/plain; charset=utf-8', text]);
  });

  it.each<[url: string, ...errors: object[]]>([
    ['/text', { in: 'query', name: 'q', detail: 'is missing' }],
    ['/text?q=a&q=b', { in: 'query', name: 'q', detail: 'is given more than once' }],
    ['/number?q=', { in: 'query', name: 'q', detail: 'must be a finite decimal number' }],
    ['/number?q=0x1', { in: 'query', name: 'q', detail: 'must be a finite decimal number' }],
    ['/boolean?q=yes', { in: 'query', name: 'q', detail: 'must be true, false, 1 or 0' }],
    ['/bigint?q=1.5', { in: 'query', name: 'q', detail: 'must be a whole decimal number' }],
    [
      '/date?q=2024-02-30',
      { in: 'query', name: 'q', detail: 'must be an RFC 3339 date, or date and time with its offset' },
    ],
    ['/url?q=/p', { in: 'query', name: 'q', detail: 'must be an absolute URL' }],
    ['/list', { in: 'query', name: 'q', detail: 'is missing' }],
    ['/optional?q=x', { in: 'query', name: 'q', detail: 'must be a finite decimal number' }],
    ['/param/x', { in: 'path', name: 'id', detail: 'must be a finite decimal number' }],
    ['/header', { in: 'header', name: 'X-Count', detail: 'is missing' }],
    ['/cookie', { in: 'cookie', name: 'sid', detail: 'is missing' }],
    [
      '/several?a=x',
      { in: 'query', name: 'a', detail: 'must be a finite decimal number' },
      { in: 'query', name: 'b', detail: 'is missing' },
      { in: 'header', name: 'x', detail: 'is missing' },
    ],
  ])('%s is 400 and lists what is wrong', async (url, ...errors) => {
    const res = await wire([Scalars]).send({ url });
    expect(res.status).toBe(400);
    expect(res.headers.get('content-type')).toBe('application/problem+json');
    expect(await res.json()).toMatchObject({ title: 'Bad Request', status: 400, errors });
  });

  it('sums up in the detail of the problem', async () => {
    const res = await wire([Scalars]).send({ url: '/several?a=x' });
    expect(await res.json()).toMatchObject({ detail: 'query "a": must be a finite decimal number (and 2 more)' });
  });
});

const Filter = z.object({ tag: z.union([z.string(), z.array(z.string())]), page: z.coerce.number().default(1) });
const Later: StandardSchemaV1<unknown, string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) =>
      value === 'bad' ? { issues: [{ message: 'is bad', path: [{ key: 'x' }] }] } : { value: `${value}!` },
  },
};

@Controller()
class Schemas {
  @Get('/color') color(@Query('c', z.enum(['red', 'green'])) c: 'red' | 'green') {
    return c;
  }
  @Get('/tags') tags(@Query('t', z.array(z.string())) t: string[]) {
    return t;
  }
  @Get('/maybe') maybe(@Query('c?', z.enum(['red'])) c?: 'red') {
    return show(c);
  }
  @Get('/filter') filter(@Query(Filter) filter: z.infer<typeof Filter>) {
    return filter;
  }
  @Get('/fields') fields(@Header(z.object({ 'x-a': z.string() })) fields: { 'x-a': string }) {
    return fields;
  }
  @Get('/later') later(@Query('a', Later) a: string, @Query('b') b: number) {
    return show(a, b);
  }
  @Get('/pair') pair(
    @Query(
      'p',
      v.pipe(
        v.string(),
        v.transform((text) => text.split(':')),
      ),
    )
    p: string[],
  ) {
    return p;
  }
}

describe('an argument read by its schema', () => {
  it.each([
    ['/color?c=red', 200, 'red'],
    ['/tags?t=a', 200, ['a']],
    ['/tags?t=a&t=b', 200, ['a', 'b']],
    ['/maybe', 200, 'undefined undefined'],
    ['/filter?tag=a&tag=b&page=3&more=1', 200, { tag: ['a', 'b'], page: 3 }],
    ['/filter?tag=a', 200, { tag: 'a', page: 1 }],
    ['/fields', 200, { 'x-a': 'here' }],
    ['/later?a=x&b=1', 200, 'x!, number 1'],
  ])('%s is %i', async (url, status, body) => {
    const res = await wire([Schemas]).send({ url, headers: { 'X-A': 'here' } });
    const text = await res.text();
    expect([res.status, typeof body === 'string' ? text : JSON.parse(text)]).toEqual([status, body]);
  });

  it.each<[url: string, ...errors: object[]]>([
    ['/color?c=blue', { in: 'query', name: 'c', detail: 'Invalid option: expected one of "red"|"green"' }],
    ['/color', { in: 'query', name: 'c', detail: 'is missing' }],
    ['/filter?page=x', { in: 'query', name: 'tag', detail: 'Invalid input' }, { in: 'query', name: 'page' }],
    ['/later?a=bad&b=x', { in: 'query', name: 'a', pointer: '/x', detail: 'is bad' }, { in: 'query', name: 'b' }],
  ])('%s is 400 and lists every issue', async (url, ...errors) => {
    const res = await wire([Schemas]).send({ url });
    expect(res.status).toBe(400);
    expect(await res.json()).toMatchObject({ errors });
  });
});

const Todo = z.object({ title: z.string(), tags: z.array(z.string()).default([]) });

@Controller()
class Bodies {
  @Post('/todo') todo(@Body(Todo) todo: z.infer<typeof Todo>) {
    return todo;
  }
  @Patch('/todo') patch(@Body(Todo) todo: z.infer<typeof Todo>) {
    return todo;
  }
  @Put('/raw') raw(@Body() body: unknown) {
    return show(body);
  }
  @Post('/mixed') mixed(@Body(Todo) todo: z.infer<typeof Todo>, @Query('n') n: number) {
    return show(todo.title, n);
  }
}

describe('a body', () => {
  it.each<[title: string, type: string | undefined, body: string, shown: string]>([
    ['JSON', 'application/json', '{"a":[1]}', 'object {"a":[1]}'],
    ['JSON of another name', 'application/merge-patch+json; charset=UTF-8', 'null', 'object null'],
    ['a form', 'application/x-www-form-urlencoded', 'a=1&b=2&b=3', 'object {"a":"1","b":["2","3"]}'],
    ['text', 'text/plain', 'hi', 'hi'],
    ['nothing', undefined, '', 'undefined undefined'],
  ])('is read as %s', async (_title, type, body, shown) => {
    const res = await wire([Bodies]).send({
      method: 'PUT',
      url: '/raw',
      headers: type === undefined ? {} : { 'content-type': type },
      body,
    });
    expect([res.status, await res.text()]).toEqual([200, shown]);
  });

  it.each([
    ['PUT', '/raw', 'application/xml', 'Accept'],
    ['POST', '/todo', 'application/octet-stream', 'Accept-Post'],
    ['PATCH', '/todo', 'text/plain; charset=latin1', 'Accept-Patch'],
    ['POST', '/todo', 'nonsense', 'Accept-Post'],
  ])('%s %s of %s is 415, and says what is accepted', async (method, url, type, field) => {
    const res = await wire([Bodies]).send({ method, url, headers: { 'content-type': type }, body: 'x' });
    expect(res.status).toBe(415);
    expect(res.headers.get(field)).toBe('application/json, application/x-www-form-urlencoded, text/plain');
  });

  it('without a Content-Type is 415', async () => {
    const res = await wire([Bodies]).send({ method: 'POST', url: '/todo', body: '{}' });
    expect(await res.json()).toMatchObject({
      status: 415,
      detail: expect.stringContaining('not content without a valid Content-Type'),
    });
  });

  it('gives the output of its schema', async () => {
    const res = await wire([Bodies]).send({
      method: 'POST',
      url: '/todo',
      headers: { 'content-type': 'application/json' },
      body: '{"title":"a","more":1}',
    });
    expect(await res.json()).toEqual({ title: 'a', tags: [] });
  });

  it('that does not fit is 422, with a pointer for each issue', async () => {
    const res = await wire([Bodies]).send({
      method: 'POST',
      url: '/todo',
      headers: { 'content-type': 'application/json' },
      body: '{"tags":["a",1]}',
    });
    expect(await res.json()).toMatchObject({
      title: 'Unprocessable Content',
      status: 422,
      detail: expect.stringMatching(/^body \/title: .* \(and 1 more\)$/),
      errors: [
        { in: 'body', pointer: '/title' },
        { in: 'body', pointer: '/tags/1' },
      ],
    });
  });

  it('that does not fit, beside a bad query, is 400 with both', async () => {
    const res = await wire([Bodies]).send({
      method: 'POST',
      url: '/mixed?n=x',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(await res.json()).toMatchObject({
      status: 400,
      errors: [
        { in: 'body', pointer: '/title' },
        { in: 'query', name: 'n' },
      ],
    });
  });

  it('that is not JSON is 400 with the offset', async () => {
    const res = await wire([Bodies]).send({
      method: 'PUT',
      url: '/raw',
      headers: { 'content-type': 'application/json' },
      body: '{"a":}',
    });
    expect(await res.json()).toMatchObject({ status: 400, offset: 5 });
  });
});

describe('a resolver', () => {
  const order: string[] = [];
  class Later2 implements Resolver<string> {
    async resolve(req: Request) {
      await null;
      order.push('later');
      return `user ${req.headers.get('x-user')}`;
    }
  }
  class Now implements Resolver<number> {
    resolve() {
      order.push('now');
      return order.length;
    }
  }
  class Guard implements Resolver<string> {
    resolve(req: Request): string {
      const user = req.headers.get('x-user');
      HttpError.assert(user, 'Who are you?', 401);
      return user;
    }
  }
  @Controller()
  class A {
    @Get('/order') order(@From(Later2) user: string, @From(Now) n: number, @Query('q') q: string) {
      return show(user, n, q);
    }
    @Get('/once') once(@From(Now) a: number, @From(Later2) _user: string, @From(Now) b: number) {
      return show(a === b);
    }
    @Get('/guarded') guarded(@From(Guard) user: string, @Query('n') n: number) {
      return show(user, n);
    }
    @Get('/after') after(@Query('n') n: number, @From(Now) now: number) {
      return show(n, now);
    }
  }

  it('gives its value, in argument order, awaited', async () => {
    order.length = 0;
    const { get } = wire([A]);
    expect((await get('/order?q=x', { 'x-user': 'me' }))[2]).toBe('user me, number 2, x');
    expect(order).toEqual(['later', 'now']);
  });

  it('runs once a request, however often it is asked', async () => {
    order.length = 0;
    expect((await wire([A]).get('/once'))[2]).toBe('boolean true');
    expect(order).toEqual(['now', 'later']);
  });

  it('refuses by throwing, before what comes later is read', async () => {
    const res = await wire([A]).send({ url: '/guarded' });
    expect(await res.json()).toMatchObject({ status: 401, detail: 'Who are you?' });
  });

  it('does not run after an argument was refused', async () => {
    order.length = 0;
    expect((await wire([A]).get('/after?n=x'))[0]).toBe(400);
    expect(order).toEqual([]);
  });
});
