/** Finds what is wrong with one handler: its parameters, its replies, its middleware. */

import type { AnyClass, MethodParameters, ParameterRecord, ReplyRecord, Sends } from '../../decorators/metadata.js';
import type { Route } from '../../routing/route.js';
import { scalarReader } from '../parameters/scalars.js';
import { isSchema } from '../schema.js';
import { type Finding, finding, type Place } from './finding.js';

/** A method that handles requests, as boot has read it. */
export interface HandlerFacts {
  readonly place: Place;
  /** Every route that leads to it. */
  readonly routes: readonly { readonly method: string; readonly route: Route; readonly sends: Sends }[];
  readonly parameters: MethodParameters;
  readonly replies: readonly ReplyRecord[];
  /** How many parameters it declares before the first with a default. */
  readonly length: number;
}

/** `tchar` (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
/** Methods whose content means nothing, so that what stands between may drop or refuse it (RFC 9110 §9.3). */
export const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'TRACE', 'CONNECT']);
/** Statuses whose answers have no content (RFC 9110 §6.4.1, §15.3.6). */
const WITHOUT_ANSWER: ReadonlySet<number> = new Set([204, 205, 304]);
const COMPILER_SETTING =
  'Set "emitDecoratorMetadata": true for tsc, or "decoratorMetadata": true for swc; esbuild and tsx cannot emit types.';

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Lists what is wrong with the parameters of `handler`. */
export function checkParameters(handler: HandlerFacts): Finding[] {
  const { records } = handler.parameters;
  return [
    ...checkEveryParameter(handler),
    ...checkBodies(handler),
    ...checkEmittedTypes(handler),
    ...records.flatMap((record) => [
      ...checkName(handler, record),
      ...checkPathName(handler, record),
      ...(record.hasSchema ? checkSchema(handler.place, record.decorator, record.schema) : []),
      ...checkResolver(handler.place, record),
    ]),
  ];
}

/** Lists what is wrong with `@Status` and `@Returns` of `handler`. */
export function checkReplies({ place, replies, routes }: HandlerFacts): Finding[] {
  const findings = replies.flatMap((reply) => [
    ...checkStatus(place, reply),
    ...(reply.decorator === '@Returns' ? checkSchema(place, reply.decorator, reply.schema) : []),
  ]);
  const stated = new Set<string>();
  for (const { decorator, status } of replies) {
    const what = decorator === '@Status' ? decorator : `${decorator}(${status})`;
    if (stated.has(what)) {
      findings.push(
        finding(place, `one ${what}`, 'two', 'A handler has one default status, and one schema a status: remove one.'),
      );
    }
    stated.add(what);
  }
  if (replies.length > 0 && routes.some(({ sends }) => sends === 'events')) {
    findings.push(
      finding(
        place,
        'no @Status or @Returns beside @Sse',
        replies[0]?.decorator ?? '',
        'An event stream is always 200; check each event where it is made.',
      ),
    );
  }
  return findings;
}

/** Lists what in `middleware` can stand around a handler neither as function nor as class. */
export function checkMiddleware(place: Place | AnyClass | string, middleware: readonly unknown[]): Finding[] {
  return middleware.flatMap((each) => {
    if (isClass(each) ? typeof each.prototype.handle === 'function' : typeof each === 'function') return [];
    return finding(
      place,
      'a function (req, res, next), or a class with a method handle(req, res, next), in @Use',
      isClass(each) ? `the class ${each.name} without handle` : describe(each),
      'Where it is imported from a module that imports this one, it is not there yet: break the cycle.',
    );
  });
}

/** Whether `value` was written as a class: calling it would throw. */
export function isClass(
  value: unknown,
): value is { readonly name: string; readonly prototype: { readonly handle?: unknown } } {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** Says what a value is, where a message needs it. */
export function describe(value: unknown): string {
  if (typeof value === 'function')
    return `the ${isClass(value) ? 'class' : 'function'} ${String(value.name) || '(anonymous)'}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === undefined) return 'nothing yet';
  if (typeof value !== 'object' || value === null) return String(value);
  return `an object of ${value.constructor?.name ?? 'no class'}`;
}

function checkEveryParameter({ place, parameters, length }: HandlerFacts): Finding[] {
  const findings: Finding[] = [];
  for (let i = 0; i < length; i++) {
    if (parameters.records.some(({ index }) => index === i)) continue;
    findings.push(
      finding(
        place,
        `a decorator on parameter ${i + 1}`,
        'none',
        'Say where it comes from: @Param, @Query, @Header, @Cookie, @Body, @From, @Signal, @Req or @Res.',
      ),
    );
  }
  parameters.records.forEach((record, i) => {
    const before = parameters.records[i - 1];
    if (before?.index !== record.index) return;
    findings.push(
      finding(
        place,
        `one decorator on parameter ${record.index + 1}`,
        `${before.decorator} and ${record.decorator}`,
        'A parameter comes from one place: remove one.',
      ),
    );
  });
  return findings;
}

function checkBodies({ place, parameters, routes }: HandlerFacts): Finding[] {
  const bodies = parameters.records.filter(({ source }) => source === 'body');
  if (bodies.length === 0) return [];
  const findings: Finding[] = [];
  if (bodies.length > 1) {
    findings.push(
      finding(place, 'one @Body', String(bodies.length), 'A request has one body: read it with one schema.'),
    );
  }
  const { method } = routes.find((route) => WITHOUT_CONTENT.has(route.method)) ?? {};
  if (method !== undefined) {
    findings.push(
      finding(
        place,
        `no @Body with ${method}`,
        bodies[0]?.decorator ?? '',
        'The content of such a request has no meaning (RFC 9110 §9.3): use @Query, or another method.',
      ),
    );
  }
  return findings;
}

function checkEmittedTypes({ place, parameters }: HandlerFacts): Finding[] {
  const byType = parameters.records.filter(isReadByType);
  if (byType.length === 0) return [];
  if (parameters.types === undefined) {
    return [finding(place, 'the emitted types of its parameters', 'none', COMPILER_SETTING)];
  }
  return byType.flatMap((record) => checkType(place, record, parameters.types?.[record.index]));
}

function isReadByType({ source, name, hasSchema }: ParameterRecord): boolean {
  return name !== undefined && !hasSchema && source !== 'file' && source !== 'files';
}

function checkType(place: Place, record: ParameterRecord, type: unknown): Finding[] {
  const hasLists = record.source === 'query' || record.source === 'header';
  if (scalarReader(type) !== undefined || (type === Array && hasLists)) return [];
  const lists = hasLists ? ', string[]' : '';
  const shown = type === Object || type === Function || type === undefined;
  const withSchema = record.decorator.replace(')', ', schema)');
  return [
    finding(
      place,
      `a parameter of type string, number, boolean, bigint, Date, URL${lists} for ${record.decorator}`,
      shown
        ? 'a type that does not exist at run time: a union, an interface, a literal, or an "import type"'
        : typeName(type),
      record.isOptional && shown
        ? `Write "name?: T", or "name: T = ..." with its type, in place of a union; for any other type, ${withSchema}.`
        : `Declare one of these types, or add a schema: ${withSchema}.`,
    ),
  ];
}

function typeName(type: unknown): string {
  return typeof type === 'function' ? type.name : describe(type);
}

function checkName({ place }: HandlerFacts, { source, name, decorator }: ParameterRecord): Finding[] {
  if (name === undefined) return [];
  const needsToken = source === 'header' || source === 'cookie';
  if (name !== '' && (!needsToken || isToken(name))) return [];
  const expected = needsToken ? 'a name that is a token (RFC 9110 §5.6.2)' : 'a name';
  return [finding(place, expected, decorator, 'Name what is to be read.')];
}

function checkPathName(
  { place, routes }: HandlerFacts,
  { source, name, isOptional, decorator }: ParameterRecord,
): Finding[] {
  if (source !== 'param' || name === undefined || name === '') return [];
  return routes.flatMap(({ method, route }) => {
    const { pattern, params, optional } = route;
    if (!params.includes(name)) {
      const has = params.length === 0 ? 'no parameters' : params.map((each) => `:${each}`).join(', ');
      return [
        finding(
          place,
          `:${name} in ${method} ${pattern} for ${decorator}`,
          has,
          `Add /:${name} to the path, or take the value from elsewhere: @Query("${name}").`,
        ),
      ];
    }
    if (isOptional || !optional || params.at(-1) !== name) return [];
    return [
      finding(
        place,
        `@Param("${name}?") for the optional :${name}? of ${method} ${pattern}`,
        decorator,
        'Without it, a path that matches would be answered 400: let the parameter be undefined, or require it in the path.',
      ),
    ];
  });
}

function checkSchema(place: Place, decorator: string, schema: unknown): Finding[] {
  if (isSchema(schema)) return [];
  const remedy =
    schema === undefined
      ? 'Where it is imported from a module that imports this one, it is not there yet: break the cycle.'
      : 'zod 3.24, valibot 1 and arktype 2 make such schemas; a type, a class or an interface is none.';
  return [finding(place, `a Standard Schema (a value with "~standard") in ${decorator}`, describe(schema), remedy)];
}

function checkResolver(place: Place, { source, resolver }: ParameterRecord): Finding[] {
  if (source !== 'from') return [];
  if (isClass(resolver) && typeof (resolver.prototype as { resolve?: unknown }).resolve === 'function') return [];
  return [
    finding(
      place,
      'a class with a method resolve(req) in @From',
      describe(resolver),
      'Where it is imported from a module that imports this one, it is not there yet: break the cycle.',
    ),
  ];
}

function checkStatus(place: Place, { status, schema, decorator }: ReplyRecord): Finding[] {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    return [
      finding(
        place,
        `a final status, 200 to 599, in ${decorator}`,
        String(status),
        'A status below 200 is never the last of a request (RFC 9110 §15.2).',
      ),
    ];
  }
  if (schema === undefined || !WITHOUT_ANSWER.has(status)) return [];
  return [
    finding(
      place,
      `a status with content in ${decorator}`,
      String(status),
      'Such an answer has no content (RFC 9110 §6.4.1): write @Status.',
    ),
  ];
}

/**
 * Lists the parts of the path that nobody reads. Only where it is certain: what is handed the whole request may read
 * them.
 */
export function checkUnreadParts({ place, parameters, routes }: HandlerFacts): Finding[] {
  const { records } = parameters;
  if (records.some(({ source }) => source === 'req' || source === 'from')) return [];
  const read = new Set(records.map(({ source, name }) => (source === 'param' ? name : undefined)));
  const unread = new Map<string, string>();
  for (const { method, route } of routes) {
    for (const name of route.params) if (!read.has(name)) unread.set(name, `${method} ${route.pattern}`);
  }
  return [...unread].map(([name, where]) =>
    finding(
      place,
      `@Param("${name}") for :${name} of ${where}`,
      'a part of the path that nobody reads',
      `Read it, or write a literal in its place.`,
    ),
  );
}
