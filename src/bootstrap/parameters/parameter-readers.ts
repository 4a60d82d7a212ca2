/** Builds what reads the arguments of a handler from a request. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Class, Resolver } from '../../decorators/injected.js';
import type { MethodParameters, ParameterRecord } from '../../decorators/metadata.js';
import { HttpError } from '../../http/http-error.js';
import type { Request } from '../../http/request.js';
import { cookiesIn } from '../../http/request-cookies.js';
import type { Response } from '../../http/response.js';
import { isThenable } from '../../http/thenable.js';
import type { RequestContainer } from '../request-scope.js';
import { pointerOf, runSchema, SchemaFailure } from '../schema.js';
import { formOptions, type ReadForm } from './form-readers.js';
import { fieldsOf, readContent } from './request-content.js';
import { NO_VALUE, type ScalarReader, scalarReader } from './scalars.js';

/** One thing that is wrong with a request, as its problem document lists it. */
export interface RequestIssue {
  readonly in: 'path' | 'query' | 'header' | 'cookie' | 'body';
  readonly name?: string;
  /** Where in the value, as a JSON pointer (RFC 6901). */
  readonly pointer?: string;
  readonly detail: string;
}

/** A value that the client got wrong. Not thrown: a request that is wrong in three places is told all three. */
export class Refusal {
  readonly status: 400 | 422;
  readonly issues: readonly RequestIssue[];

  constructor(status: 400 | 422, issues: readonly RequestIssue[]) {
    this.status = status;
    this.issues = issues;
  }
}

/** Reads one argument: its value, a {@link Refusal}, or a promise of either. */
export interface ParameterReader {
  read(req: Request, res: Response, scope: RequestContainer | undefined): unknown;
  /** Whether it only looks at the head: it may then run although another argument was refused. */
  readonly isPure: boolean;
}

/** Reads all arguments of one handler. @throws HttpError 400 or 422 that lists what was refused. */
export type ArgumentsReader = (req: Request, res: Response, scope?: RequestContainer) => unknown[] | Promise<unknown[]>;

/** Makes the instance of a resolver class; `undefined` for one that each request makes in its scope. */
export type MakeResolver = (resolver: Class<Resolver>) => Resolver | undefined;

/** What text looks like before it is read: one value, several of a repeated name, or none. */
type Text = string | string[] | undefined;
type TextReader = (req: Request) => Text;

/** Where a text parameter stands, for its issues. */
const PLACES = { param: 'path', query: 'query', header: 'header', cookie: 'cookie' } as const;
type TextSource = keyof typeof PLACES;

/** Joins the readers of a checked method: each runs in argument order, once the one before has its value. */
export function buildArgumentsReader(parameters: MethodParameters, make: MakeResolver): ArgumentsReader {
  const readers: (ParameterReader | undefined)[] = [];
  const first = new Map<Class<Resolver>, number>();
  /** Index of the argument that has the value of the same resolver already, by index. */
  const copies: (number | undefined)[] = [];
  for (const record of parameters.records) {
    const known = record.resolver && first.get(record.resolver);
    copies[record.index] = known;
    if (record.resolver && known === undefined) first.set(record.resolver, record.index);
    readers[record.index] = buildReader(record, parameters, make);
  }
  if (readers.length === 0) return () => [];
  return (req, res, scope) => new ArgumentsRead(readers, copies, req, res, scope).run(0);
}

/** Builds the reader of one of `parameters`. */
function buildReader(record: ParameterRecord, parameters: MethodParameters, make: MakeResolver): ParameterReader {
  const type = parameters.types?.[record.index];
  switch (record.source) {
    case 'param':
    case 'query':
    case 'header':
    case 'cookie':
      return record.name === undefined ? buildSetReader(record) : buildTextReader(record, record.source, type);
    case 'body':
      return isOfForm(parameters)
        ? buildFieldsReader(record.schema, formReader(parameters))
        : buildBodyReader(record.schema);
    case 'file':
    case 'files':
      return buildFilesReader(record, formReader(parameters));
    case 'parts': {
      const options = formOptions(parameters);
      return { isPure: false, read: (req) => req.parts(options) };
    }
    case 'from': {
      const made = record.resolver as Class<Resolver>;
      const resolver = make(made);
      if (resolver !== undefined) return { isPure: false, read: (req) => resolver.resolve(req) };
      return { isPure: false, read: (req, _res, scope) => scope?.resolve(made).resolve(req) };
    }
    case 'signal':
      return { isPure: true, read: (req) => req.signal };
    case 'req':
      return { isPure: true, read: (req) => req };
    case 'res':
      return { isPure: true, read: (_req, res) => res };
    case 'socket':
      // Opened once all other arguments are there.
      return { isPure: true, read: () => undefined };
    case 'last-event-id':
      return { isPure: true, read: (req) => req.headers.get('last-event-id') };
  }
}

/** The arguments of one request while they are read. */
class ArgumentsRead {
  readonly #readers: readonly (ParameterReader | undefined)[];
  readonly #copies: readonly (number | undefined)[];
  readonly #req: Request;
  readonly #res: Response;
  readonly #scope: RequestContainer | undefined;
  readonly #values: unknown[] = [];
  #refusals: Refusal[] | undefined = undefined;

  constructor(
    readers: readonly (ParameterReader | undefined)[],
    copies: readonly (number | undefined)[],
    req: Request,
    res: Response,
    scope: RequestContainer | undefined,
  ) {
    this.#readers = readers;
    this.#copies = copies;
    this.#req = req;
    this.#res = res;
    this.#scope = scope;
  }

  run(from: number): unknown[] | Promise<unknown[]> {
    for (let i = from; i < this.#readers.length; i++) {
      const reader = this.#readers[i];
      const copied = this.#copies[i];
      if (reader === undefined || (this.#refusals !== undefined && !reader.isPure)) this.#values.push(undefined);
      else if (copied !== undefined) this.#values.push(this.#values[copied]);
      else {
        const value = reader.read(this.#req, this.#res, this.#scope);
        if (isThenable(value)) return this.#continue(value, i + 1);
        this.#take(value);
      }
    }
    if (this.#refusals !== undefined) throw errorOf(this.#refusals);
    return this.#values;
  }

  async #continue(pending: PromiseLike<unknown>, next: number): Promise<unknown[]> {
    this.#take(await pending);
    return this.run(next);
  }

  #take(value: unknown): void {
    if (value instanceof Refusal) {
      this.#refusals ??= [];
      this.#refusals.push(value);
    }
    this.#values.push(value);
  }
}

/** The head is judged before the content: 422 only where nothing else is wrong. */
function errorOf(refusals: readonly Refusal[]): HttpError {
  const errors = refusals.flatMap(({ issues }) => issues);
  const [first] = errors as [RequestIssue];
  const where = [first.in, first.name && JSON.stringify(first.name), first.pointer].filter(Boolean).join(' ');
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const status = refusals.some((refusal) => refusal.status === 400) ? 400 : 422;
  return new HttpError(`${where}: ${first.detail}${more}`, status, { extensions: { errors } });
}

function buildTextReader(record: ParameterRecord, source: TextSource, type: unknown): ParameterReader {
  const name = record.name as string;
  const text = textReader(source, name, type === Array);
  const decode = record.schema
    ? (value: string | string[]) => checkText(record.schema as StandardSchemaV1, value, PLACES[source], name)
    : decoder(type, source, name);
  const missing = record.isOptional ? undefined : refuse(PLACES[source], name, 'is missing');
  return {
    isPure: true,
    read: (req) => {
      const value = text(req);
      return value === undefined ? missing : decode(value);
    },
  };
}

/** Turns text into the emitted type. */
function decoder(type: unknown, source: TextSource, name: string): (text: string | string[]) => unknown {
  if (type === Array) return (text) => text;
  const scalar = scalarReader(type, source === 'header') as ScalarReader;
  const repeated = refuse(PLACES[source], name, 'is given more than once');
  const bad = refuse(PLACES[source], name, `must be ${scalar.description}`);
  return (text) => {
    if (typeof text !== 'string') return repeated;
    const value = scalar.read(text);
    return value === NO_VALUE ? bad : value;
  };
}

function textReader(source: TextSource, name: string, isList: boolean): TextReader {
  switch (source) {
    case 'param':
      return (req) => req.params[name];
    case 'query':
      return isList ? (req) => someOf(req.url.query.getAll(name)) : (req) => queryText(req, name);
    case 'header':
      return isList ? (req) => listOf(req.headers.get(name)) : (req) => req.headers.get(name);
    case 'cookie':
      return (req) => cookiesIn(req)[name];
  }
}

function queryText(req: Request, name: string): Text {
  const { query } = req.url;
  if (query.size < 2) return query.get(name);
  const values = query.getAll(name);
  return values.length > 1 ? values : values[0];
}

function someOf(values: string[]): string[] | undefined {
  return values.length === 0 ? undefined : values;
}

/** A quoted string may hold commas; anything else up to the next one is an element (RFC 9110 §5.6.1). */
const LIST_ELEMENT = /(?:"(?:[^"\\]|\\.)*"|[^",])+/g;

/** Lists the elements of a field; empty ones do not count. Lines of one name are one list (RFC 9110 §5.3). */
function listOf(value: string | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  return (value.match(LIST_ELEMENT) ?? []).map((element) => element.trim()).filter((element) => element !== '');
}

function buildSetReader(record: ParameterRecord): ParameterReader {
  const schema = record.schema as StandardSchemaV1;
  const isQuery = record.source === 'query';
  const where = isQuery ? 'query' : 'header';
  const fields = isQuery ? (req: Request) => fieldsOf(req.url.query) : (req: Request) => req.headers.toJSON();
  return { isPure: true, read: (req) => checkText(schema, fields(req), where, undefined) };
}

/** Runs the schema of a text. In a whole set the first key of the path is the name. */
function checkText(
  schema: StandardSchemaV1,
  value: unknown,
  where: RequestIssue['in'],
  name: string | undefined,
): unknown {
  return whenDone(runSchema(schema, value), (checked) => {
    if (!(checked instanceof SchemaFailure)) return checked;
    const issues = checked.issues.map(({ path, detail }) => {
      const [key, ...rest] = name === undefined ? path : [name, ...path];
      return issue(where, key === undefined ? undefined : String(key), pointerOf(rest), detail);
    });
    return new Refusal(400, issues);
  });
}

function buildBodyReader(schema: StandardSchemaV1 | undefined): ParameterReader {
  if (schema === undefined) return { isPure: false, read: readContent };
  return { isPure: false, read: (req) => whenDone(readContent(req), (content) => checkBody(schema, content)) };
}

/** Whether the method reads a form with files whole. */
function isOfForm({ records }: MethodParameters): boolean {
  return records.some(({ source }) => source === 'file' || source === 'files');
}

function formReader(parameters: MethodParameters): ReadForm {
  const options = formOptions(parameters);
  return (req) => req.multipart(options);
}

/** Gives the text fields of a form with files, as an urlencoded form is given. */
function buildFieldsReader(schema: StandardSchemaV1 | undefined, readForm: ReadForm): ParameterReader {
  const readFields = (req: Request) => readForm(req).then(({ fields }) => fieldsOf(fields));
  if (schema === undefined) return { isPure: false, read: readFields };
  return { isPure: false, read: (req) => readFields(req).then((fields) => checkBody(schema, fields)) };
}

function buildFilesReader({ source, name, isOptional }: ParameterRecord, readForm: ReadForm): ParameterReader {
  if (name === undefined) return { isPure: false, read: (req) => readForm(req).then(({ files }) => [...files]) };
  const missing = isOptional ? undefined : refuse('body', name, 'is missing');
  const repeated = refuse('body', name, 'is given more than once');
  const read = async (req: Request) => {
    const { files } = await readForm(req);
    const named = files.filter((file) => file.name === name);
    if (named.length === 0) return missing;
    if (source === 'files') return named;
    return named.length > 1 ? repeated : named[0];
  };
  return { isPure: false, read };
}

function checkBody(schema: StandardSchemaV1, content: unknown): unknown {
  return whenDone(runSchema(schema, content), (checked) => {
    if (!(checked instanceof SchemaFailure)) return checked;
    const issues = checked.issues.map(({ pointer, detail }) => ({ in: 'body' as const, pointer, detail }));
    return new Refusal(422, issues);
  });
}

/** Goes on at once where there is nothing to wait for. */
function whenDone(value: unknown, next: (value: unknown) => unknown): unknown {
  return isThenable(value) ? value.then(next) : next(value);
}

function refuse(where: RequestIssue['in'], name: string, detail: string): Refusal {
  return new Refusal(400, [issue(where, name, '', detail)]);
}

function issue(where: RequestIssue['in'], name: string | undefined, pointer: string, detail: string): RequestIssue {
  return {
    in: where,
    ...(name === undefined ? {} : { name }),
    ...(pointer === '' ? {} : { pointer }),
    detail,
  };
}
