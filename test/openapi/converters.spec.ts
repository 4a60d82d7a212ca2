import * as v from 'valibot';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { inspectApp } from '../../src/bootstrap/inspect-app.js';
import { describeRoute, type RouteDescription } from '../../src/bootstrap/route-table.js';
import { Body, type Class, Controller, Post } from '../../src/index.js';
import { loadConverters } from '../../src/openapi/converters.js';

@Controller()
class ZodController {
  @Post() a(@Body(z.string()) body: string): string {
    return body;
  }
}
@Controller()
class ValibotController {
  @Post() a(@Body(v.string()) body: string): string {
    return body;
  }
}

const routesOf = (controller: Class): RouteDescription[] =>
  inspectApp({ controllers: [controller] }).routes.map(describeRoute);

it('loads nothing for schemas that describe themselves', async () => {
  expect([...(await loadConverters(routesOf(ZodController)))]).toEqual([]);
});

it('loads the converter of valibot for its schemas', async () => {
  const converters = await loadConverters(routesOf(ValibotController));
  const described = converters.get('valibot')?.(v.string())['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  expect(described).toMatchObject({ type: 'string' });
});

it('goes without one that is not installed, not without one that is broken', async () => {
  const missing = Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' });
  vi.doMock('@valibot/to-json-schema', () => ({
    get toStandardJsonSchema() {
      throw missing;
    },
  }));
  expect([...(await loadConverters(routesOf(ValibotController)))]).toEqual([]);
  vi.doMock('@valibot/to-json-schema', () => ({
    get toStandardJsonSchema() {
      throw new Error('broken');
    },
  }));
  await expect(loadConverters(routesOf(ValibotController))).rejects.toThrow('broken');
  vi.doUnmock('@valibot/to-json-schema');
});
