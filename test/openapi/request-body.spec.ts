import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Body,
  Controller,
  Doc,
  File,
  Files,
  type FormPart,
  Get,
  Parts,
  Post,
  type UploadedFile,
} from '../../src/index.js';
import { describeOne } from './described.js';

const FILE = { type: 'string', format: 'binary', contentMediaType: 'application/octet-stream' };
const Album = z.object({ title: z.string(), year: z.coerce.number().optional() });

/** Describes what a handler with one `@Body(schema)` reads. */
async function bodyOf(schema: z.ZodType): Promise<unknown> {
  @Controller()
  class A {
    @Post() create(@Body(schema) body: unknown): object {
      return { body };
    }
  }
  return (await describeOne(A)).requestBody;
}

describe('the request body', () => {
  it('is not there where nobody reads it', async () => {
    @Controller()
    class A {
      @Get() a(): string {
        return '';
      }
    }
    expect((await describeOne(A)).requestBody).toBeUndefined();
  });

  it('is anything that can be decoded without a schema', async () => {
    @Controller()
    class A {
      @Post() create(@Body() body: unknown): object {
        return { body };
      }
    }
    expect((await describeOne(A)).requestBody).toEqual({
      content: {
        'application/json': {},
        'application/x-www-form-urlencoded': {},
        'text/plain': { schema: { type: 'string' } },
      },
    });
  });

  it.each<[title: string, schema: z.ZodType, types: string[]]>([
    ['JSON for numbers', z.object({ n: z.number() }), ['application/json']],
    ['JSON for nested objects', z.object({ n: z.object({ a: z.string() }) }), ['application/json']],
    ['a form too for texts', z.object({ n: z.string(), o: z.enum(['a']).nullable() }), ['application/json', 'application/x-www-form-urlencoded']], // biome-ignore format: one row
    ['a form too by a union', z.object({ n: z.union([z.string(), z.number()]) }), ['application/json', 'application/x-www-form-urlencoded']], // biome-ignore format: one row
    ['text too for text', z.string(), ['application/json', 'text/plain']],
    ['text too for a literal', z.literal(['a', 'b']), ['application/json', 'text/plain']],
    ['JSON for lists', z.array(z.string()), ['application/json']],
    ['JSON for anything', z.unknown(), ['application/json']],
  ])('is %s', async (_title, schema, types) => {
    const body = (await bodyOf(schema)) as { required: boolean; content: object };
    expect(body.required).toBe(true);
    expect(Object.keys(body.content)).toEqual(types);
  });

  it('is a form with the text fields beside the files', async () => {
    @Controller()
    class A {
      @Post()
      @Doc({ parameters: { cover: 'A square one.' } })
      create(
        @Body(Album) album: z.infer<typeof Album>,
        @Files('photo') photos: UploadedFile[],
        @File('cover?') cover?: UploadedFile,
      ) {
        return [album, cover, photos];
      }
    }
    expect((await describeOne(A)).requestBody).toEqual({
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: {
              title: { type: 'string' },
              year: { type: 'number' },
              photo: { type: 'array', items: FILE },
              cover: { ...FILE, description: 'A square one.' },
            },
            required: ['title', 'photo'],
          },
        },
      },
    });
  });

  it('is a form of any files', async () => {
    @Controller()
    class A {
      @Post() create(@Files() files: UploadedFile[]): number {
        return files.length;
      }
    }
    expect((await describeOne(A)).requestBody?.content['multipart/form-data']?.schema).toEqual({
      type: 'object',
      properties: {},
      additionalProperties: { anyOf: [FILE, { type: 'array', items: FILE }] },
    });
  });

  it('is a form of anything where its parts are read', async () => {
    @Controller()
    class A {
      @Post() create(@Parts() parts: AsyncIterable<FormPart>): object {
        return parts;
      }
    }
    expect((await describeOne(A)).requestBody?.content).toEqual({
      'multipart/form-data': { schema: { type: 'object' } },
    });
  });
});
