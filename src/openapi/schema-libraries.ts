/** Tells each schema library how to describe what JSON Schema has no word for. */

import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
import type { JsonSchema } from './open-api-document.js';

/** A `Date` is read from such text by those that coerce, and is sent as such. A bigint is read from digits. */
const SCALARS: Readonly<Record<string, JsonSchema>> = {
  date: { type: 'string', format: 'date-time' },
  bigint: { type: 'integer' },
};

interface ZodContext {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } };
  /** What was made of it, to be changed. */
  readonly jsonSchema: Record<string, unknown>;
}

interface ValibotContext {
  readonly valibotSchema: { readonly type: string };
}

interface ArkTypeContext {
  readonly code: string;
  readonly base: JsonSchema;
}

/** By vendor. One schema in a thousand that a library cannot describe would else take its whole tree with it. */
export const LIBRARY_OPTIONS: Readonly<Record<string, Pick<StandardJSONSchemaV1.Options, 'libraryOptions'>>> = {
  zod: {
    libraryOptions: {
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }: ZodContext) => {
        Object.assign(jsonSchema, SCALARS[zodSchema._zod.def.type]);
        // Every integer has these, and an example made of them is none.
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      },
    },
  },
  valibot: {
    libraryOptions: {
      errorMode: 'ignore',
      overrideSchema: ({ valibotSchema }: ValibotContext) => SCALARS[valibotSchema.type],
    },
  },
  arktype: {
    libraryOptions: { fallback: ({ code, base }: ArkTypeContext) => ({ ...base, ...SCALARS[code] }) },
  },
};
