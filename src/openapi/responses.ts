/** Describes what an operation answers. */

import type { RouteDescription } from '../bootstrap/route-table.js';
import type { DocOptions, ResponseDoc } from '../decorators/doc.js';
import { limitRecord, type ReplyRecord, returnedType } from '../decorators/metadata.js';
import { statusHasContent } from '../protocol/status.js';
import { type JsonSchemas, typesOf } from './json-schemas.js';
import type { ContentObject, JsonSchema, Reference, ResponseObject } from './open-api-document.js';
import { meaningOf, type Problems } from './problems.js';

/** What the answers of an operation depend on beside its own records. */
export interface ResponseContext {
  readonly schemas: JsonSchemas;
  readonly problems: Problems;
  /** Milliseconds for a route that names none. */
  readonly timeout: number | undefined;
  /** Whether somebody without credentials is refused. */
  readonly refusesStrangers: boolean;
  /** Every `@Doc` that counts, the closest last. */
  readonly docs: readonly DocOptions[];
}

type Contents = Map<string, ContentObject | undefined>;

const ANY = '*/*';
/** Any success: for a method of which nothing says what it answers (OpenAPI 3.1.1 §4.8.16.2). */
const SOME_SUCCESS = '2XX';
const JSON_TYPE = 'application/json';
const BINARY: JsonSchema = {};
const TEXT: JsonSchema = { type: 'string' };

const CONTENT_SOURCES: ReadonlySet<string> = new Set(['body', 'file', 'files', 'parts']);
const TEXT_SOURCES: ReadonlySet<string> = new Set(['query', 'header', 'cookie']);

/** Describes the answers of a route, by status. */
export function describeResponses(
  route: RouteDescription,
  context: ResponseContext,
): Record<string, ResponseObject | Reference> {
  const { problems, docs } = context;
  const said = new Map(docs.flatMap(({ responses = {} }) => Object.entries(responses)));
  const contents = specify(successesOf(route, context), [...said.keys()]);
  const errors = new Set(errorsOf(route, context));
  const describe = (status: string): ResponseObject | Reference => {
    const doc = said.get(status);
    const isKnown = contents.has(status);
    if (errors.has(status) && doc === undefined && !isKnown) return problems.refer(Number(status));
    const { description, type, headers } = readDoc(doc);
    const own = type === undefined ? contents.get(status) : contentOf(type, contents.get(status));
    const isProblem = errors.has(status) || (Number(status) >= 400 && !isKnown && type === undefined);
    const content = { ...own, ...(isProblem ? problems.content() : {}) };
    const hasContent = route.method !== 'HEAD' && Object.keys(content).length > 0;
    return {
      description: description ?? describeStatus(status),
      ...(headers === undefined ? {} : { headers: describeHeaders(headers) }),
      ...(hasContent ? { content } : {}),
    };
  };
  const statuses = [...new Set([...contents.keys(), ...said.keys(), ...errors])].sort();
  return Object.fromEntries(statuses.map((status) => [status, describe(status)]));
}

/** Puts the successes that `@Doc` names in the place of any success. */
function specify(contents: Contents, said: readonly string[]): Contents {
  const successes = said.filter((status) => status.startsWith('2'));
  if (successes.length === 0 || !contents.has(SOME_SUCCESS)) return contents;
  const any = contents.get(SOME_SUCCESS);
  return new Map(successes.map((status) => [status, statusHasContent(Number(status)) ? any : undefined]));
}

function describeStatus(status: string): string {
  return status === SOME_SUCCESS ? 'What the method returns.' : meaningOf(Number(status));
}

function readDoc(doc: string | ResponseDoc | undefined): Partial<ResponseDoc> {
  return typeof doc === 'string' ? { description: doc } : (doc ?? {});
}

function describeHeaders(headers: Readonly<Record<string, string>>): NonNullable<ResponseObject['headers']> {
  const entries = Object.entries(headers).map(([name, description]) => [name, { description, schema: TEXT }] as const);
  return Object.fromEntries(entries);
}

/** Lists what is sent where nothing is wrong, by status. */
function successesOf(route: RouteDescription, context: ResponseContext): Contents {
  if (route.sends === 'messages') return new Map([['101', undefined]]);
  if (route.sends === 'events') return new Map([['200', { 'text/event-stream': { schema: TEXT } }]]);
  const { replies } = route;
  if (replies.length > 0) {
    return new Map(replies.map((reply) => [String(reply.status), replyContent(route, reply, context.schemas)]));
  }
  // What is handed the response may send anything.
  const sendsItself = route.parameters.records.some(({ source }) => source === 'res');
  const schema = sendsItself ? undefined : returnedSchema(route);
  return new Map([[schema === undefined ? SOME_SUCCESS : '200', undeclaredContent(route, schema)]]);
}

function replyContent(route: RouteDescription, reply: ReplyRecord, schemas: JsonSchemas): ContentObject | undefined {
  const { status, schema: standard, decorator } = reply;
  if (!statusHasContent(status)) return undefined;
  if (standard === undefined) return undeclaredContent(route, returnedSchema(route));
  const { place, controller } = route;
  const named = `${decorator}(${status}, schema)`;
  const use = {
    holder: controller,
    place,
    decorator: named,
    direction: 'output',
    fallback: `${place}.${status}`,
  } as const;
  const types = typesOf(schemas.peek(standard, use));
  const schema = schemas.describe(standard, use);
  if (status < 300 && route.produces.length > 0) return contentsOf(route.produces, schema);
  const mayBeText = types?.has('string') ?? true;
  const mayBeJson = types === undefined || [...types].some((type) => type !== 'string');
  return {
    ...(mayBeJson ? { [JSON_TYPE]: { schema } } : {}),
    ...(mayBeText ? { 'text/plain': { schema: types?.size === 1 ? schema : TEXT } } : {}),
  };
}

/** What the reply table makes of the type that the compiler emitted. */
function undeclaredContent({ produces }: RouteDescription, schema: JsonSchema | undefined): ContentObject {
  if (produces.length > 0) return contentsOf(produces, schema ?? {});
  if (schema === undefined) return { [ANY]: {} };
  return { [schema === TEXT ? 'text/plain' : schema === BINARY ? 'application/octet-stream' : JSON_TYPE]: { schema } };
}

function returnedSchema({ controller, handlerKey }: RouteDescription): JsonSchema | undefined {
  switch (returnedType(controller, handlerKey)) {
    case String:
      return TEXT;
    case Number:
      return { type: 'number' };
    case Boolean:
      return { type: 'boolean' };
    case Array:
      return { type: 'array', items: {} };
    case Buffer:
    case Uint8Array:
    case ArrayBuffer:
      return BINARY;
    default:
      return undefined;
  }
}

function contentsOf(types: readonly string[], schema: JsonSchema): ContentObject {
  return Object.assign({}, ...types.map((type) => contentOf(type, { [JSON_TYPE]: { schema } })));
}

/** Describes content of one type: as JSON by its schema, else as text or as bytes. */
function contentOf(type: string, known: ContentObject | undefined): ContentObject {
  const isJson = /^application\/(?:[^;]+\+)?json\s*(?:;|$)/i.test(type);
  if (isJson) return { [type]: known?.[JSON_TYPE] ?? {} };
  return { [type]: /^text\//i.test(type) ? { schema: TEXT } : {} };
}

/** Lists the errors that the framework itself answers for a route. What handlers throw, only `@Doc` tells. */
function errorsOf(route: RouteDescription, { refusesStrangers, timeout }: ResponseContext): string[] {
  const { controller, handlerKey, parameters, path, produces, sends } = route;
  const sources = parameters.records.map(({ source }) => source);
  const readsContent = sources.some((source) => CONTENT_SOURCES.has(source));
  const readsText = path.params.length > 0 || sources.some((source) => TEXT_SOURCES.has(source));
  const ms = limitRecord(controller, handlerKey, 'timeout')?.value ?? timeout ?? Number.POSITIVE_INFINITY;
  const isSocket = sends === 'messages';
  const facts: [status: number, isAnswered: boolean][] = [
    [400, readsContent || readsText || isSocket],
    [401, refusesStrangers],
    [403, isSocket],
    [406, produces.length > 0],
    [413, readsContent],
    [415, readsContent],
    [422, parameters.records.some(({ source, hasSchema }) => source === 'body' && hasSchema)],
    [426, isSocket],
    [500, true],
    [503, isSocket || ms !== Number.POSITIVE_INFINITY],
  ];
  return facts.flatMap(([status, isAnswered]) => (isAnswered ? [String(status)] : []));
}
