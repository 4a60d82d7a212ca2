import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Body,
  Controller,
  Doc,
  type DocOptions,
  type Encoder,
  Get,
  Head,
  HttpError,
  type MiddlewareInstance,
  Post,
  Produces,
  Query,
  Reply,
  Res,
  type Response,
  Returns,
  Sse,
  Status,
  Timeout,
  Use,
} from '../../src/index.js';
import type { Reference, ResponseObject } from '../../src/openapi/open-api-document.js';
import { describeAll, describeOne } from './described.js';

const Todo = z.object({ id: z.number() });
const toCsv: Encoder<object> = (value) => Object.values(value).join();

/** The answers of a handler, by status; the types of each, or that it is a problem document that all share. */
async function answersOf(controller: new () => object, options = {}): Promise<Record<string, string>> {
  const { responses } = await describeOne(controller, options);
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      if ('$ref' in response)
        return [status, (response as Reference).$ref.replace('#/components/responses/', 'problem ')];
      return [status, Object.keys((response as ResponseObject).content ?? {}).join(', ')];
    }),
  );
}

describe('the answers', () => {
  it.each<[title: string, make: () => new () => object, answers: Record<string, string>]>([
    ['of text', () => { @Controller() class A { @Get() a(): string { return ''; } } return A; }, { 200: 'text/plain' }],
    ['of numbers', () => { @Controller() class A { @Get() a(): number { return 1; } } return A; }, { 200: 'application/json' }],
    ['of lists', () => { @Controller() class A { @Get() a(): string[] { return []; } } return A; }, { 200: 'application/json' }],
    ['of bytes', () => { @Controller() class A { @Get() a(): Buffer { return Buffer.alloc(1); } } return A; }, { 200: 'application/octet-stream' }],
    ['of what is not known', () => { @Controller() class A { @Get() a() { return Promise.resolve({}); } } return A; }, { '2XX': '*/*' }],
    ['of what sends by itself', () => { @Controller() class A { @Get() a(@Res() res: Response): string { return String(res); } } return A; }, { '2XX': '*/*' }],
    ['of a status', () => { @Controller() class A { @Get() @Status(204) a() {} } return A; }, { 204: '' }],
    ['of a status with text', () => { @Controller() class A { @Get() @Status(202) a(): string { return ''; } } return A; }, { 202: 'text/plain' }],
    ['of a schema', () => { @Controller() class A { @Get() @Returns(200, Todo) a() { return { id: 1 }; } } return A; }, { 200: 'application/json' }],
    ['of a schema of text', () => { @Controller() class A { @Get() @Returns(200, z.string()) a() { return ''; } } return A; }, { 200: 'text/plain' }],
    ['of a schema of both', () => { @Controller() class A { @Get() @Returns(200, z.union([z.string(), z.null()])) a() { return ''; } } return A; }, { 200: 'application/json, text/plain' }],
    ['of schemas', () => { @Controller() class A { @Get() @Returns(200, Todo) @Returns(404, Todo) a(): Reply<404, { id: number }> | { id: number } { return { id: 1 }; } } return A; }, { 200: 'application/json', 404: 'application/json' }],
    ['of representations', () => { @Controller() class A { @Get() @Returns(200, Todo) @Produces('application/json', { 'text/csv': toCsv }) a() { return { id: 1 }; } } return A; }, { 200: 'application/json, text/csv', 406: 'problem 406' }],
    ['of representations of anything', () => { @Controller() class A { @Get() @Produces({ 'image/png': toCsv }) a(): object { return {}; } } return A; }, { '2XX': 'image/png', 406: 'problem 406' }],
    ['of events', () => { @Controller() class A { @Sse() async *a() { yield ''; } } return A; }, { 200: 'text/event-stream' }],
    ['of HEAD', () => { @Controller() class A { @Head() a(): string { return ''; } } return A; }, { 200: '' }],
    ['of a query', () => { @Controller() class A { @Get() a(@Query('q') q: string): string { return q; } } return A; }, { 200: 'text/plain', 400: 'problem 400' }],
    ['of any content', () => { @Controller() class A { @Post() a(@Body() b: unknown): string { return String(b); } } return A; }, { 200: 'text/plain', 400: 'problem 400', 413: 'problem 413', 415: 'problem 415' }],
    ['of content with a schema', () => { @Controller() class A { @Post() a(@Body(Todo) b: object): string { return String(b); } } return A; }, { 200: 'text/plain', 400: 'problem 400', 413: 'problem 413', 415: 'problem 415', 422: 'problem 422' }],
    ['within a time', () => { @Controller() class A { @Get() @Timeout(5) a(): string { return ''; } } return A; }, { 200: 'text/plain', 503: 'problem 503' }],
    ['without a time', () => { @Controller() class A { @Get() @Timeout(Number.POSITIVE_INFINITY) a(): string { return ''; } } return A; }, { 200: 'text/plain' }],
  ])('%s', async (_title, make, answers) => {
    expect(await answersOf(make())).toEqual({ ...answers, 500: 'problem 500' });
  }); // biome-ignore format: one row a case

  it('are 503 too within the time of the application', async () => {
    @Controller()
    class A {
      @Get() a(): string {
        return '';
      }
    }
    expect(Object.keys(await answersOf(A, { timeout: 500 }))).toEqual(['200', '500', '503']);
  });
});

describe('@Doc', () => {
  /** The answers of a handler with this `@Doc`, that returns something unknown unless it has a schema. */
  async function documented(responses: NonNullable<DocOptions['responses']>, hasSchema = false) {
    @Controller()
    class Loose {
      @Get() @Doc({ responses }) a(): Promise<object> {
        return Promise.resolve({});
      }
    }
    @Controller()
    class Strict {
      @Get() @Returns(200, Todo) @Doc({ responses }) a() {
        return { id: 1 };
      }
    }
    const { 500: _, ...others } = (await describeOne(hasSchema ? Strict : Loose)).responses;
    return others;
  }
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

  it('describes an error as a problem document', async () => {
    expect(await documented({ 404: 'No such todo.' }, true)).toMatchObject({
      404: { description: 'No such todo.', content: problem },
    });
  });

  it('says which success it is where that is not known', async () => {
    expect(await documented({ 200: 'The todo.' })).toEqual({
      200: { description: 'The todo.', content: { '*/*': {} } },
    });
    expect(await documented({ 204: 'Nothing.' })).toEqual({ 204: { description: 'Nothing.' } });
  });

  it('adds to a success that is known', async () => {
    const told = await documented({ 200: { description: 'The todo.', headers: { ETag: 'Its state.' } } }, true);
    expect(told).toEqual({
      200: {
        description: 'The todo.',
        headers: { ETag: { description: 'Its state.', schema: { type: 'string' } } },
        content: { 'application/json': { schema: expect.objectContaining({ type: 'object' }) } },
      },
    });
  });

  it.each([
    ['text/html', { 'text/html': { schema: { type: 'string' } } }],
    ['image/png', { 'image/png': {} }],
    ['application/merge-patch+json', { 'application/merge-patch+json': {} }],
  ])('names the type %s', async (type, content) => {
    expect(await documented({ 200: { description: 'It.', type } })).toEqual({ 200: { description: 'It.', content } });
  });

  it('names answers that have no content', async () => {
    expect(await documented({ 303: { description: 'Elsewhere.', headers: { Location: 'Where.' } } })).toEqual({
      '2XX': { description: 'What the method returns.', content: { '*/*': {} } },
      303: { description: 'Elsewhere.', headers: { Location: expect.anything() } },
    });
  });

  it('has both where an error has a schema and is answered by the framework too', async () => {
    @Controller()
    class A {
      @Post() @Returns(422, Todo) a(@Body(Todo) todo: object): Reply<422, { id: number }> {
        return new Reply(422, { id: Object.keys(todo).length });
      }
    }
    expect((await describeOne(A)).responses[422]).toMatchObject({
      description: 'The content does not fit its schema.',
      content: { 'application/json': {}, ...problem },
    });
  });

  it('adds a type to what the framework answers', async () => {
    @Controller()
    class A {
      @Get() @Doc({ responses: { 400: { description: 'Wrong.', type: 'text/html' } } }) a(
        @Query('q') q: string,
      ): string {
        return q;
      }
    }
    expect((await describeOne(A)).responses[400]).toEqual({
      description: 'Wrong.',
      content: { 'text/html': { schema: { type: 'string' } }, ...problem },
    });
    expect(await documented({ 404: { description: 'Gone.', type: 'text/html' } })).toMatchObject({
      404: { content: { 'text/html': { schema: { type: 'string' } } } },
    });
  });

  it('counts on a middleware class, on a controller, and in the options', async () => {
    @Doc({ responses: { 403: 'Not yours.', 429: 'Slow down.' } })
    class Guard implements MiddlewareInstance {
      handle(): void {
        throw new HttpError('No.', 403);
      }
    }
    @Controller()
    @Use(Guard)
    @Doc({ responses: { 403: 'Of somebody else.', 404: 'No such todo.' } })
    class A {
      @Get() a(): string {
        return '';
      }
    }
    const docs = { responses: { 429: 'Too many.', 451: 'Not here.' } };
    const { responses } = (await describeAll([A], { docs })).operation('get /');
    expect(
      Object.entries(responses).map(([status, said]) => [status, 'description' in said && said.description]),
    ).toEqual([
      ['200', 'OK'],
      ['403', 'Of somebody else.'],
      ['404', 'No such todo.'],
      ['429', 'Slow down.'],
      ['451', 'Not here.'],
      ['500', false],
    ]);
  });
});
