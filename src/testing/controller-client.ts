/** Calls a controller over HTTP: its decorators, read backwards, make the request. */

import type { RouteEntry } from '../bootstrap/route-table.js';
import type { Class } from '../decorators/injected.js';
import type { ParameterRecord } from '../decorators/metadata.js';
import type { UploadedFile } from '../http/forms/uploaded-file.js';
import type { Reply } from '../http/reply.js';
import type { TestRequest } from './test-request.js';

/** What `T` is once it was sent as JSON and read again: a `Date` is text, a `Map` an object. */
export type Sent<T> =
  T extends Reply<number, infer Body>
    ? Sent<Body>
    : T extends { toJSON(...args: never): infer Json }
      ? Json
      : T extends ReadonlyMap<unknown, infer Value>
        ? Record<string, Sent<Value>>
        : T extends ReadonlySet<infer Value> | readonly (infer Value)[]
          ? Sent<Value>[]
          : T extends object
            ? { [Key in keyof T as T[Key] extends (...args: never) => unknown ? never : Key]: Sent<T[Key]> }
            : T;

/** The `Response` of the fetch standard, its JSON typed by what the method returns. */
export interface SentResponse<T> extends Response {
  /** What the method has returned, as JSON leaves it. */
  json(): Promise<Sent<T>>;
}

/** Any argument may be left out: what the server makes itself always is, the others to see them missed. */
type Given<Args extends readonly unknown[]> = { [I in keyof Args]?: Args[I] | undefined };

/** The methods of a controller, each sending its request. */
export type ControllerClient<C> = {
  readonly [K in keyof C as C[K] extends (...args: never) => unknown ? K : never]: C[K] extends (
    ...args: infer Args
  ) => infer Returned
    ? (...args: Given<Args>) => Promise<SentResponse<Awaited<Returned>>>
    : never;
};

/** Sends one request. */
type Send = (method: string, url: string, request: TestRequest) => Promise<Response>;

/** Makes the client of `controller`. @throws TypeError for a class without routes here. */
export function clientOf<C extends object>(
  routes: readonly RouteEntry[],
  controller: Class<C>,
  send: Send,
): ControllerClient<C> {
  const own = routes.filter((route) => route.controller === controller);
  if (own.length === 0) throw new TypeError(`of: ${controller.name} is none of the application's controllers`);
  const client: Record<string, (...args: unknown[]) => Promise<Response>> = {};
  for (const route of own) {
    // The first of several routes to one method.
    client[route.methodName] ??= async (...args) => {
      if (route.sends === 'messages') {
        throw new TypeError(
          `${route.place} talks to a WebSocket: open one, with t.webSocket(${JSON.stringify(route.pattern)})`,
        );
      }
      const { url, request } = await requestOf(route, args);
      return send(route.method, url, request);
    };
  }
  return client as ControllerClient<C>;
}

/** A request while its arguments are put where their decorators say. */
interface Parts {
  readonly params: Map<string, string>;
  readonly query: URLSearchParams;
  readonly headers: Record<string, string | string[]>;
  readonly cookies: string[];
  content: unknown;
  /** Files of a form, each with the name of its field. */
  readonly files: [name: string, file: UploadedFile][];
}

async function requestOf(route: RouteEntry, args: readonly unknown[]): Promise<{ url: string; request: TestRequest }> {
  const parts: Parts = {
    params: new Map(),
    query: new URLSearchParams(),
    headers: {},
    cookies: [],
    content: undefined,
    files: [],
  };
  const undecorated = args.findIndex((_arg, i) => !route.parameters.records.some(({ index }) => index === i));
  if (undecorated >= 0) throw new TypeError(`${route.place} takes no argument ${undecorated + 1}`);
  for (const record of route.parameters.records) {
    const value = args[record.index];
    if (value !== undefined) put(route, record, value, parts);
  }
  if (parts.cookies.length > 0) parts.headers.cookie = parts.cookies.join('; ');
  const query = parts.query.size > 0 ? `?${parts.query}` : '';
  const isForm = route.parameters.records.some(({ source }) => source === 'file' || source === 'files');
  const json = parts.content === undefined ? {} : { json: parts.content };
  const content = isForm ? { form: await formOf(parts) } : json;
  return { url: pathOf(route, parts.params) + query, request: { headers: parts.headers, ...content } };
}

/** A form of the body, by its fields, with the files. */
async function formOf({ content, files }: Parts): Promise<FormData> {
  const form = new FormData();
  for (const [name, text] of fieldsOf(undefined, content ?? {})) form.append(name, text);
  for (const [name, file] of files) {
    form.append(name, new File([await file.bytes()], file.filename, { type: file.type }));
  }
  return form;
}

function put(route: RouteEntry, record: ParameterRecord, value: unknown, parts: Parts): void {
  const { source, name } = record;
  switch (source) {
    case 'param':
      parts.params.set(name as string, textOf(value));
      break;
    case 'query':
      for (const [key, text] of fieldsOf(name, value)) parts.query.append(key, text);
      break;
    case 'header':
      for (const [key, text] of fieldsOf(name, value, headerText)) {
        const known = parts.headers[key.toLowerCase()];
        parts.headers[key.toLowerCase()] = known === undefined ? text : [known, text].flat();
      }
      break;
    case 'cookie':
      parts.cookies.push(`${name}=${encodeURIComponent(textOf(value))}`);
      break;
    case 'last-event-id':
      parts.headers['last-event-id'] = textOf(value);
      break;
    case 'body':
      parts.content = value;
      break;
    case 'file':
    case 'files':
      for (const file of [value as UploadedFile | UploadedFile[]].flat()) parts.files.push([name ?? file.name, file]);
      break;
    default:
      throw new TypeError(
        `${route.place}: argument ${record.index + 1} is made by the server, from ${record.decorator}: leave it out, ` +
          'and put a double in the place of what makes it, with app.with(...)',
      );
  }
}

/** One field by its name, or a whole set of them. */
function* fieldsOf(
  name: string | undefined,
  value: unknown,
  write: (value: unknown) => string = textOf,
): Generator<[string, string]> {
  const fields = name === undefined ? Object.entries(value as object) : [[name, value] as const];
  for (const [key, field] of fields) {
    if (field === undefined) continue;
    for (const each of Array.isArray(field) ? field : [field]) yield [key, write(each)];
  }
}

/** Writes a value as the text that is read as it. */
function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function headerText(value: unknown): string {
  return value instanceof Date ? value.toUTCString() : String(value);
}

/** Fills the pattern. @throws TypeError where a required part has no argument. */
function pathOf({ pattern, place }: RouteEntry, params: ReadonlyMap<string, string>): string {
  if (pattern === '*') return pattern;
  const segments = pattern.split('/').flatMap((segment): string | string[] => {
    const { kind, name = '', optional } = /^(?<kind>[:*])(?<name>[^?]+)(?<optional>\??)$/.exec(segment)?.groups ?? {};
    if (kind === undefined) return encodeURIComponent(segment);
    const value = params.get(name);
    if (value === undefined && optional === '?') return [];
    if (value === undefined) throw new TypeError(`${place}: the path ${pattern} needs an argument for ${kind}${name}`);
    return kind === '*' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  });
  return segments.join('/') || '/';
}
