/** Describes schemas of any library as JSON Schema. */

import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import type { AnyClass } from '../decorators/metadata.js';
import type { Components, Direction } from './components.js';
import type { JsonSchema } from './open-api-document.js';
import { LIBRARY_OPTIONS } from './schema-libraries.js';

/** Something that is not as it could be in a document, with its remedy. */
export interface Warning {
  readonly holder: AnyClass;
  /** `Class.method`. */
  readonly place: string;
  readonly expected: string;
  readonly found: string;
  readonly remedy: string;
}

/** Where a schema is used. */
export interface Use {
  readonly holder: AnyClass;
  readonly place: string;
  /** As a message names it: `@Body(schema)`. */
  readonly decorator: string;
  readonly direction: Direction;
  /** What it is called where nothing names it. */
  readonly fallback: string;
}

/** Gives the Standard JSON Schema of a schema whose library keeps its converter apart. */
export type Converter = (schema: StandardSchemaV1) => StandardJSONSchemaV1;

/** JSON Schema 2020-12, which is that of OpenAPI 3.1. */
const TARGET = 'draft-2020-12';

/** One direction of a schema. */
interface Converted {
  readonly json: JsonSchema;
  /** What stands for it in the document, once somebody has asked. */
  described: JsonSchema | undefined;
}

/** The schemas of one document. */
export class JsonSchemas {
  readonly warnings: Warning[] = [];
  readonly #components: Components;
  readonly #converters: ReadonlyMap<string, Converter>;
  readonly #converted = new Map<StandardSchemaV1, Partial<Record<Direction, Converted>>>();

  constructor(components: Components, converters: ReadonlyMap<string, Converter>) {
    this.#components = components;
    this.#converters = converters;
  }

  /** Describes `schema`, as a component where it has a name or is used elsewhere; `{}` with a warning where it cannot be. */
  describe(schema: StandardSchemaV1, use: Use): JsonSchema {
    const converted = this.#convert(schema, use);
    converted.described ??= this.#components.add(converted.json, nameOf(schema), use);
    return converted.described;
  }

  /** Describes the properties of an object, by name; `undefined` for a schema of anything else. */
  describeProperties(schema: StandardSchemaV1, use: Use): ObjectDescription | undefined {
    const whole = this.#convert(schema, use).json;
    const { $defs } = whole;
    const { properties, required } = targetOf(whole);
    if (properties === undefined) return undefined;
    return {
      properties: Object.entries(properties as Record<string, JsonSchema>).map(([name, property]) => ({
        name,
        isRequired: ((required ?? []) as string[]).includes(name),
        plain: targetOf({ ...property, $defs }),
        schema: this.#components.add({ ...property, $defs }, undefined, {
          ...use,
          fallback: `${use.fallback}.${name}`,
        }),
      })),
    };
  }

  /** Gives the properties of an object where only their kinds matter. */
  peekProperties(schema: StandardSchemaV1, use: Use): JsonSchema[] | undefined {
    const whole = this.#convert(schema, use).json;
    const { properties } = targetOf(whole);
    if (properties === undefined) return undefined;
    return Object.values(properties as Record<string, JsonSchema>).map((each) => ({ ...each, $defs: whole.$defs }));
  }

  /** Describes `schema` where only its kind matters: nothing of it gets into the document. */
  peek(schema: StandardSchemaV1, use: Use): JsonSchema {
    return targetOf(this.#convert(schema, use).json);
  }

  #convert(schema: StandardSchemaV1, use: Use): Converted {
    const known = this.#converted.get(schema) ?? {};
    this.#converted.set(schema, known);
    known[use.direction] ??= { json: this.#tryConvert(schema, use) ?? {}, described: undefined };
    return known[use.direction] as Converted;
  }

  #tryConvert(schema: StandardSchemaV1, use: Use): JsonSchema | undefined {
    const { vendor } = schema['~standard'];
    const convert = this.#converters.get(vendor);
    const { jsonSchema } = (isDescribed(schema) ? schema : convert?.(schema))?.['~standard'] ?? {};
    if (jsonSchema === undefined) {
      const remedy =
        vendor === 'valibot'
          ? 'npm install @valibot/to-json-schema, which is found by itself.'
          : 'It stands as {}: any value. zod 4.2 and arktype 2.2 have one, and so may a newer version of its library.';
      this.#warn(use, `a schema of ${vendor} without one`, remedy);
      return undefined;
    }
    try {
      return jsonSchema[use.direction]({ target: TARGET, ...LIBRARY_OPTIONS[vendor] });
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      this.#warn(use, `one of ${vendor} that says: ${said}`, 'It stands as {}: any value.');
      return undefined;
    }
  }

  #warn({ holder, place, decorator }: Use, found: string, remedy: string): void {
    const expected = `a schema with a Standard JSON Schema in ${decorator}`;
    this.warnings.push({ holder, place, expected, found, remedy });
  }
}

/** An object's properties, described. */
export interface ObjectDescription {
  readonly properties: readonly {
    readonly name: string;
    readonly isRequired: boolean;
    /** Without what stands for its components. */
    readonly plain: JsonSchema;
    readonly schema: JsonSchema;
  }[];
}

/** The types of JSON that a schema lets pass, as far as it tells; `undefined` where it could be any. */
export function typesOf(schema: JsonSchema): ReadonlySet<string> | undefined {
  const { type, anyOf, oneOf, const: only, enum: some } = targetOf(schema) as Record<string, unknown>;
  if (typeof type === 'string') return new Set([type]);
  if (Array.isArray(type)) return new Set(type as string[]);
  const branches = (anyOf ?? oneOf) as JsonSchema[] | undefined;
  if (branches !== undefined) {
    const types = branches.map((branch) => typesOf({ $defs: schema.$defs, ...branch }));
    return types.includes(undefined) ? undefined : new Set(types.flatMap((each) => [...(each ?? [])]));
  }
  const values = some ?? (only === undefined ? undefined : [only]);
  return values === undefined ? undefined : new Set((values as unknown[]).map(typeOf));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Follows a reference to a definition that the schema has with it. */
function targetOf(schema: JsonSchema): JsonSchema {
  const { $ref, $defs } = schema;
  const name = typeof $ref === 'string' ? /^#\/\$defs\/(.+)$/.exec($ref)?.[1] : undefined;
  const target = name === undefined ? undefined : ($defs as Record<string, JsonSchema> | undefined)?.[name];
  return target === undefined ? schema : targetOf({ ...target, $defs });
}

/** A class that is a schema has a name of its own. */
function nameOf(schema: StandardSchemaV1): string | undefined {
  const { name } = schema as { readonly name?: unknown };
  return typeof schema === 'function' && /^class\b/.test(Function.prototype.toString.call(schema))
    ? (name as string)
    : undefined;
}

/** Whether a schema brings its Standard JSON Schema. */
export function isDescribed(schema: StandardSchemaV1): schema is StandardSchemaV1 & StandardJSONSchemaV1 {
  const { jsonSchema } = schema['~standard'] as Partial<StandardJSONSchemaV1.Props>;
  return typeof jsonSchema?.input === 'function';
}
