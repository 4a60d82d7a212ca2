/** Loads what describes the schemas of libraries that keep their converters apart. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RouteDescription } from '../bootstrap/route-table.js';
import { type Converter, isDescribed } from './json-schemas.js';

/** By vendor. */
const LOADERS: Readonly<Record<string, () => Promise<Converter>>> = {
  valibot: async () => {
    const { toStandardJsonSchema } = await import('@valibot/to-json-schema');
    return (schema) => toStandardJsonSchema(schema as Parameters<typeof toStandardJsonSchema>[0]);
  },
};

/** Loads the converters that the schemas of `routes` need, as far as they are installed. */
export async function loadConverters(routes: readonly RouteDescription[]): Promise<ReadonlyMap<string, Converter>> {
  const schemas = routes.flatMap(({ parameters, replies }) =>
    [...parameters.records, ...replies].flatMap(({ schema }) => schema ?? []),
  );
  const vendors = new Set(schemas.filter((schema) => !isDescribed(schema)).map(vendorOf));
  const converters = new Map<string, Converter>();
  for (const vendor of vendors) {
    const load = Object.hasOwn(LOADERS, vendor) ? LOADERS[vendor] : undefined;
    const converter = await load?.().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
      throw error;
    });
    if (converter !== undefined) converters.set(vendor, converter);
  }
  return converters;
}

function vendorOf(schema: StandardSchemaV1): string {
  return schema['~standard'].vendor;
}
