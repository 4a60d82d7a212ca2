/** Describes the content that an operation reads. */

import type { RouteDescription } from '../bootstrap/route-table.js';
import type { ParameterRecord } from '../decorators/metadata.js';
import { type JsonSchemas, typesOf, type Use } from './json-schemas.js';
import type { ContentObject, JsonSchema, RequestBodyObject } from './open-api-document.js';

/** How a file stands in a form: by the keyword of JSON Schema, and by that which tools have known for longer. */
const FILE: JsonSchema = { type: 'string', format: 'binary', contentMediaType: 'application/octet-stream' };
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Describes what is read of the content; `undefined` where nobody reads it. */
export function describeRequestBody(
  route: RouteDescription,
  schemas: JsonSchemas,
  descriptions: Readonly<Record<string, string>>,
): RequestBodyObject | undefined {
  const { records } = route.parameters;
  const body = records.find(({ source }) => source === 'body');
  if (records.some(({ source }) => source === 'parts')) {
    return { required: true, content: { 'multipart/form-data': { schema: { type: 'object' } } } };
  }
  const files = records.filter(({ source }) => source === 'file' || source === 'files');
  if (files.length > 0) {
    const schema = describeForm(route, files, body, schemas, descriptions);
    return { required: true, content: { 'multipart/form-data': { schema } } };
  }
  if (body === undefined) return undefined;
  if (body.schema === undefined) {
    return { content: { 'application/json': {}, [FORM_TYPE]: {}, 'text/plain': { schema: { type: 'string' } } } };
  }
  return { required: true, content: describeContent(route, body, body.schema, schemas) };
}

/** Content is decoded by its type, whatever the schema: named are the types of which something can fit. */
function describeContent(
  route: RouteDescription,
  record: ParameterRecord,
  standard: NonNullable<ParameterRecord['schema']>,
  schemas: JsonSchemas,
): ContentObject {
  const use = useOf(route, record, 'body');
  const types = typesOf(schemas.peek(standard, use));
  const schema = schemas.describe(standard, use);
  const isText = types?.has('string') ?? false;
  const isForm = (types?.has('object') ?? false) && takesTexts(schemas.peekProperties(standard, use));
  return {
    'application/json': { schema },
    ...(isForm ? { [FORM_TYPE]: { schema } } : {}),
    ...(isText ? { 'text/plain': { schema } } : {}),
  };
}

/** Whether every field may be text, which is all that a form has. */
function takesTexts(fields: readonly JsonSchema[] | undefined): boolean {
  return fields?.every((field) => typesOf(field)?.has('string') ?? true) ?? false;
}

/** Joins the text fields of a form with its files. */
function describeForm(
  route: RouteDescription,
  files: readonly ParameterRecord[],
  body: ParameterRecord | undefined,
  schemas: JsonSchemas,
  descriptions: Readonly<Record<string, string>>,
): JsonSchema {
  const fields = body?.schema && schemas.describeProperties(body.schema, useOf(route, body, 'form'));
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const { name, isRequired, schema } of fields?.properties ?? []) {
    properties[name] = schema;
    if (isRequired) required.push(name);
  }
  for (const { name, source, isOptional } of files) {
    if (name === undefined) continue;
    const description = descriptions[name];
    const file = description === undefined ? FILE : { ...FILE, description };
    properties[name] = source === 'files' ? { type: 'array', items: file } : file;
    if (!isOptional) required.push(name);
  }
  const takesAny = files.some(({ name }) => name === undefined);
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...(takesAny ? { additionalProperties: { anyOf: [FILE, { type: 'array', items: FILE }] } } : {}),
  };
}

function useOf({ controller, place }: RouteDescription, { decorator }: ParameterRecord, name: string): Use {
  return { holder: controller, place, decorator, direction: 'input', fallback: `${place}.${name}` };
}
