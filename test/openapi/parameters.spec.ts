import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Controller, Cookie, Get, Header, LastEventId, Param, Query, Req, type Request, Sse } from '../../src/index.js';
import { describeAll, describeOne } from './described.js';

describe('the parameters', () => {
  it('are of the types that the compiler emitted', async () => {
    @Controller()
    class A {
      @Get('/:id') show(
        @Param('id') id: bigint,
        @Query('done') done: boolean,
        @Header('X-Trace') trace: string,
        @Query('page?') page: number = 1,
        @Query('since?') since?: Date,
        @Query('home?') home?: URL,
        @Query('tag?') tag: string[] = [],
        @Header('If-Modified-Since?') modified?: Date,
        @Cookie('theme?') theme?: string,
      ): string {
        return [id, page, done, since, home, tag, trace, modified, theme].join();
      }
    }
    expect((await describeOne(A)).parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
      { name: 'done', in: 'query', required: true, schema: { type: 'boolean' } },
      { name: 'X-Trace', in: 'header', required: true, schema: { type: 'string' } },
      { name: 'page', in: 'query', schema: { type: 'number' } },
      {
        name: 'since',
        in: 'query',
        schema: {
          anyOf: [
            { type: 'string', format: 'date-time' },
            { type: 'string', format: 'date' },
          ],
        },
      },
      { name: 'home', in: 'query', schema: { type: 'string', format: 'uri' } },
      { name: 'tag', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
      {
        name: 'If-Modified-Since',
        in: 'header',
        schema: { type: 'string', description: 'An HTTP date (RFC 9110 §5.6.7), or one of RFC 3339.' },
      },
      { name: 'theme', in: 'cookie', schema: { type: 'string' } },
    ]);
  });

  it('are what their schemas take', async () => {
    const Sort = z.enum(['title', 'age']).meta({ id: 'Sort' });
    @Controller()
    class A {
      @Get() list(@Query('sort', Sort) sort: string, @Query('size?', z.coerce.number().int().max(50)) size?: number) {
        return [sort, size];
      }
    }
    const { operation, schemas } = await describeAll([A]);
    expect(operation('get /').parameters).toEqual([
      { name: 'sort', in: 'query', required: true, schema: { $ref: '#/components/schemas/Sort' } },
      { name: 'size', in: 'query', schema: { type: 'integer', maximum: 50 } },
    ]);
    expect(schemas.Sort).toEqual({ type: 'string', enum: ['title', 'age'] });
  });

  it('are the fields of a whole set', async () => {
    const Paging = z.object({ page: z.coerce.number().default(1).describe('From 1.'), q: z.string() });
    @Controller()
    class A {
      @Get() list(@Query(Paging) paging: z.infer<typeof Paging>, @Header(z.object({ 'x-a': z.string() })) a: object) {
        return { paging, a };
      }
    }
    expect((await describeOne(A)).parameters).toEqual([
      {
        name: 'page',
        in: 'query',
        description: 'From 1.',
        schema: { default: 1, description: 'From 1.', type: 'number' },
      },
      { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
      { name: 'x-a', in: 'header', required: true, schema: { type: 'string' } },
    ]);
  });

  it('are one where the whole set is no object', async () => {
    @Controller()
    class A {
      @Get() list(@Query(z.record(z.string(), z.string())) all: Record<string, string>) {
        return all;
      }
    }
    expect((await describeOne(A)).parameters).toMatchObject([
      { name: 'query', in: 'query', schema: { type: 'object', additionalProperties: { type: 'string' } } },
    ]);
  });

  it('are those of the path, be they read or not', async () => {
    @Controller('/:tenant')
    class A {
      @Get('/:id') list(@Req() req: Request): string {
        return req.url.path;
      }
    }
    expect((await describeOne(A)).parameters).toEqual([
      { name: 'tenant', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
    ]);
  });

  it('are each there once', async () => {
    @Controller()
    class A {
      @Get() list(
        @Header('x-a?', z.string().optional()) a: string | undefined,
        @Header('X-A') b: string,
        @Query('x-a?') c?: string,
      ) {
        return [a, b, c];
      }
    }
    expect((await describeOne(A)).parameters?.map(({ in: place, name, required }) => [place, name, required])).toEqual([
      ['header', 'X-A', true],
      ['query', 'x-a', undefined],
    ]);
  });

  it('tell of the last event', async () => {
    @Controller()
    class A {
      @Sse() async *live(@LastEventId() id?: string) {
        yield `${id}`;
      }
    }
    expect((await describeOne(A)).parameters).toMatchObject([{ name: 'Last-Event-ID', in: 'header' }]);
  });
});
