import type { StandardSchemaV1 } from '@standard-schema/spec';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Body, Controller, Post, Returns } from '../../src/index.js';
import { Components } from '../../src/openapi/components.js';
import { JsonSchemas, typesOf, type Use } from '../../src/openapi/json-schemas.js';
import { describeAll } from './described.js';

const USE: Use = {
  holder: class {},
  place: 'A.b',
  decorator: '@Body(schema)',
  direction: 'input',
  fallback: 'A.b.body',
};

/** Describes a schema that takes one thing and gives another. */
async function described(schema: StandardSchemaV1<unknown, object>) {
  @Controller()
  class A {
    @Post() @Returns(200, schema) create(@Body(schema) body: object): unknown {
      return body;
    }
  }
  const { operation, schemas, warnings } = await describeAll([A]);
  const { requestBody, responses } = operation('post /');
  const { content } = responses[200] as { content?: Record<string, { schema?: unknown }> };
  return {
    input: requestBody?.content['application/json']?.schema,
    output: content?.['application/json']?.schema,
    schemas: Object.keys(schemas),
    warnings,
  };
}

/** A validating schema of a library that describes nothing, or as `jsonSchema` says. */
function foreign(jsonSchema?: object): StandardSchemaV1<unknown, object> {
  const standard = {
    version: 1 as const,
    vendor: 'foreign',
    validate: (value: unknown) => ({ value: value as object }),
  };
  return { '~standard': Object.assign(standard, jsonSchema && { jsonSchema }) };
}

describe('a schema', () => {
  it('of zod is what it takes, and what it gives', async () => {
    const schema = z.object({
      n: z.string().transform(Number).pipe(z.number()),
      at: z.coerce.date(),
      big: z.coerce.bigint().optional(),
    });
    expect(await described(schema)).toEqual({
      input: {
        type: 'object',
        properties: { n: { type: 'string' }, at: { type: 'string', format: 'date-time' }, big: { type: 'integer' } },
        required: ['n', 'at'],
      },
      output: expect.objectContaining({
        properties: { n: { type: 'number' }, at: { type: 'string', format: 'date-time' }, big: { type: 'integer' } },
      }),
      schemas: ['Problem'],
      warnings: [],
    });
  });

  it.each([
    ['by the converter that is installed', (schema: v.GenericSchema<unknown, object>) => schema],
    [
      'by the converter that it is given to',
      (schema: v.GenericSchema<unknown, object>) => toStandardJsonSchema(schema),
    ],
  ])('of valibot is described %s', async (_title, wrap) => {
    const schema = v.pipe(v.object({ at: v.date(), n: v.optional(v.string(), 'x') }), v.title('Noted'));
    const { warnings, schemas, input } = await described(wrap(schema as never));
    expect([warnings, schemas, input]).toEqual([[], ['Noted', 'Problem'], { $ref: '#/components/schemas/Noted' }]);
  });

  it('of arktype describes itself', async () => {
    const schema = type({ id: 'number', 'at?': 'Date', kind: "'a' | 'b'" });
    const schemas = new JsonSchemas(new Components(), new Map());
    expect(schemas.peek(schema, USE)).toMatchObject({
      properties: { id: { type: 'number' }, at: { type: 'string', format: 'date-time' }, kind: { enum: ['a', 'b'] } },
    });
    expect((await described(schema as never)).warnings).toEqual([]);
  });

  it('without a Standard JSON Schema is anything, and is named', async () => {
    const { input, output, warnings } = await described(foreign());
    expect([input, output]).toEqual([{}, {}]);
    expect(warnings).toEqual([
      expect.stringContaining(
        'A.create: expected a schema with a Standard JSON Schema in @Body(schema), found a schema of foreign',
      ),
      expect.stringContaining('in @Returns(200, schema), found a schema of foreign without one'),
    ]);
  });

  it('that cannot be described is anything, with what its library says', async () => {
    const refuse = () => {
      throw new Error('no symbols');
    };
    const { input, warnings } = await described(foreign({ input: refuse, output: () => ({ type: 'object' }) }));
    expect(input).toEqual({});
    expect(warnings).toEqual([expect.stringContaining('found one of foreign that says: no symbols')]);
  });

  it('of valibot names the package where it is not installed', () => {
    const schemas = new JsonSchemas(new Components(), new Map());
    expect(schemas.describe(v.string(), USE)).toEqual({});
    expect(schemas.warnings).toMatchObject([
      { remedy: expect.stringContaining('npm install @valibot/to-json-schema') },
    ]);
  });

  it('that is a class has its name', () => {
    const Todo = Object.assign(class Todo {}, foreign({ input: () => ({ type: 'object' }), output: () => ({}) }));
    const components = new Components();
    const schema = new JsonSchemas(components, new Map()).describe(Todo, USE);
    expect(components.resolve(schema)).toEqual({ $ref: '#/components/schemas/Todo' });
  });
});

it.each<[schema: object, types: string[] | undefined]>([
  [{ type: 'string' }, ['string']],
  [{ type: ['string', 'null'] }, ['string', 'null']],
  [{ anyOf: [{ type: 'string' }, { const: 1 }] }, ['string', 'number']],
  [{ oneOf: [{ type: 'string' }, {}] }, undefined],
  [{ enum: ['a', null, [1], {}] }, ['string', 'null', 'array', 'object']],
  [{ $ref: '#/$defs/A', $defs: { A: { anyOf: [{ $ref: '#/$defs/B' }] }, B: { type: 'object' } } }, ['object']],
  [{}, undefined],
])('tells of %j the types %j', (schema, types) => {
  expect(typesOf(schema as never)).toEqual(types && new Set(types));
});
