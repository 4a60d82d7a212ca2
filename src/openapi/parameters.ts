/** Describes what an operation reads from the head of a request. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RouteDescription } from '../bootstrap/route-table.js';
import type { ParameterRecord } from '../decorators/metadata.js';
import type { JsonSchemas, Use } from './json-schemas.js';
import { type JsonSchema, type ParameterObject, REST_PARAMETER } from './open-api-document.js';
import type { TemplatedPath } from './path-templates.js';

/** Where a parameter record is read from, as OpenAPI says it. */
const PLACES: Readonly<Record<string, ParameterObject['in']>> = {
  param: 'path',
  query: 'query',
  header: 'header',
  cookie: 'cookie',
};

const DATE_OR_TIME: JsonSchema = {
  anyOf: [
    { type: 'string', format: 'date-time' },
    { type: 'string', format: 'date' },
  ],
};

/** What text of an emitted type looks like. */
const EMITTED: ReadonlyMap<unknown, JsonSchema> = new Map<unknown, JsonSchema>([
  [String, { type: 'string' }],
  [Number, { type: 'number' }],
  [Boolean, { type: 'boolean' }],
  [BigInt, { type: 'integer' }],
  [Date, DATE_OR_TIME],
  [URL, { type: 'string', format: 'uri' }],
  [Array, { type: 'array', items: { type: 'string' } }],
]);

const HTTP_DATE: JsonSchema = {
  type: 'string',
  description: 'An HTTP date (RFC 9110 §5.6.7), or one of RFC 3339.',
};

/** Describes the parameters of a route at one of its paths. */
export function describeParameters(
  route: RouteDescription,
  path: TemplatedPath | undefined,
  schemas: JsonSchemas,
  descriptions: Readonly<Record<string, string>>,
): ParameterObject[] {
  const { records, types } = route.parameters;
  const read = records.flatMap((record) => {
    if (record.source === 'last-event-id') return [lastEventId()];
    const place = PLACES[record.source];
    if (place === undefined || (place === 'path' && path === undefined)) return [];
    if (record.name === undefined) return describeSet(route, record, place, schemas);
    const schema = schemaOf(route, record, types?.[record.index], schemas);
    return [describeOne(record.name, place, !record.isOptional, schema)];
  });
  const inPath = path === undefined ? [] : describePath(path, read);
  const others = read.filter((each) => each.in !== 'path');
  return onceEach([...inPath, ...others]).map((each) => {
    const description = descriptions[each.name] ?? each.description;
    return description === undefined ? each : { ...each, description };
  });
}

/** Every parameter of the template must be described (OpenAPI 3.1.1 §4.8.12.1), also those that nobody reads. */
function describePath({ names, rest }: TemplatedPath, read: readonly ParameterObject[]): ParameterObject[] {
  return [...names].map(([own, name]) => {
    const known = read.find((each) => each.in === 'path' && each.name === own);
    const parameter = { ...(known ?? describeOne(own, 'path', true, { type: 'string' })), name, required: true };
    if (own !== rest) return parameter;
    return {
      ...parameter,
      description: 'What is left of the path: any number of segments, none too, with the slashes between them.',
      [REST_PARAMETER]: true,
    };
  });
}

function describeOne(
  name: string,
  place: ParameterObject['in'],
  isRequired: boolean,
  schema: JsonSchema,
): ParameterObject {
  return { name, in: place, ...(isRequired ? { required: true } : {}), schema };
}

function schemaOf(route: RouteDescription, record: ParameterRecord, type: unknown, schemas: JsonSchemas): JsonSchema {
  if (record.schema !== undefined) return schemas.describe(record.schema, useOf(route, record, record.name as string));
  if (record.source === 'header' && type === Date) return HTTP_DATE;
  return EMITTED.get(type) ?? {};
}

/** A set of all fields is described field by field where its schema is of an object. */
function describeSet(
  route: RouteDescription,
  record: ParameterRecord,
  place: ParameterObject['in'],
  schemas: JsonSchemas,
): ParameterObject[] {
  const schema = record.schema as StandardSchemaV1;
  const use = useOf(route, record, place);
  const fields = schemas.describeProperties(schema, use);
  // Exploded, as a query is by default, an object's properties are the fields (OpenAPI 3.1.1 §4.8.12.2).
  if (fields === undefined) return [describeOne(place, place, false, schemas.describe(schema, use))];
  return fields.properties.map(({ name, isRequired, plain, schema: described }) => {
    const { description } = plain as { description?: string };
    return {
      ...describeOne(name, place, isRequired, described),
      ...(description === undefined ? {} : { description }),
    };
  });
}

function lastEventId(): ParameterObject {
  return {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id of the last event that arrived, where the client comes back.',
    schema: { type: 'string' },
  };
}

/** Field names are the same in any case. Of two that read the same, the first that requires it counts. */
function onceEach(parameters: readonly ParameterObject[]): ParameterObject[] {
  const known = new Map<string, ParameterObject>();
  for (const each of parameters) {
    const key = `${each.in} ${each.in === 'header' ? each.name.toLowerCase() : each.name}`;
    const before = known.get(key);
    if (before === undefined || (before.required !== true && each.required === true)) known.set(key, each);
  }
  return [...known.values()];
}

function useOf({ controller, place }: RouteDescription, { decorator }: ParameterRecord, name: string): Use {
  return { holder: controller, place, decorator, direction: 'input', fallback: `${place}.${name}` };
}
