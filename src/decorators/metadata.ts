/** Keeps what decorators record about a class: the one file that calls Reflect. */

import 'reflect-metadata';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { MultipartOptions } from '../http/forms/multipart-options.js';
import type { Middleware } from '../http/handler.js';
import type { WebSocketOptions } from '../http/web-socket/web-socket-options.js';
import type { DocOptions } from './doc.js';
import type { Class, MiddlewareClass, Resolver } from './injected.js';
import type { Encoder } from './produces.js';
import type { SecurityOptions, SecurityScheme } from './security.js';

/** The name of a method, as a decorator is given it. */
export type HandlerKey = string | symbol;

/** Anything `new` makes: a record is kept even for a class that boot will refuse. */
// biome-ignore lint/complexity/noBannedTypes: what `prototype.constructor` is, before anyone has checked it
export type AnyClass = Function;

/** How often a class is made: once at boot, or once for every request to its routes. */
export type Scope = 'singleton' | 'request';

export interface ControllerRecord {
  readonly prefix: string;
  readonly scope: Scope;
}

/** What a handler sends: one reply, the events of an event stream, or the messages of a WebSocket. */
export type Sends = 'value' | 'events' | 'messages';

export interface RouteRecord {
  /** As written: boot checks that it is a token (RFC 9110 §5.6.2). */
  readonly method: string;
  readonly path: string;
  readonly handlerKey: HandlerKey;
  readonly isStatic: boolean;
  readonly sends: Sends;
  /** Set where it sends messages. */
  readonly webSocket?: WebSocketOptions;
  /** As a message names it: `@Get`. */
  readonly decorator: string;
}

/** Where an argument comes from. */
export type ParameterSource =
  | 'param'
  | 'query'
  | 'header'
  | 'cookie'
  | 'body'
  | 'file'
  | 'files'
  | 'parts'
  | 'from'
  | 'signal'
  | 'req'
  | 'res'
  | 'last-event-id'
  | 'socket';

export interface ParameterRecord {
  readonly handlerKey: HandlerKey | undefined;
  readonly index: number;
  readonly isStatic: boolean;
  readonly source: ParameterSource;
  /** Without the `?` of an optional name. None for a whole set, a body or a built-in. */
  readonly name: string | undefined;
  /** Whether a missing value is `undefined` instead of a 400. */
  readonly isOptional: boolean;
  /** Whether a schema was named, be it `undefined` because of an import cycle: validation is never lost silently. */
  readonly hasSchema: boolean;
  readonly schema: StandardSchemaV1 | undefined;
  readonly resolver: Class<Resolver> | undefined;
  /** As a message names it: `@Query("page?")`. */
  readonly decorator: string;
}

export interface UseRecord {
  /** `undefined` for the whole class. */
  readonly handlerKey: HandlerKey | undefined;
  readonly isStatic: boolean;
  readonly middleware: readonly (Middleware | MiddlewareClass)[];
}

export interface ReplyRecord {
  readonly handlerKey: HandlerKey;
  readonly isStatic: boolean;
  readonly status: number;
  /** None from `@Status`. */
  readonly schema: StandardSchemaV1 | undefined;
  /** As a message names it: `@Returns`. */
  readonly decorator: string;
}

/** One media type that an answer is to be had in. */
export interface Representation {
  /** As written, parameters included. */
  readonly type: string;
  /** Whether an encoder was named, be it `undefined` because of an import cycle. */
  readonly hasEncoder: boolean;
  readonly encoder: Encoder<never> | undefined;
}

export interface ProducesRecord {
  readonly handlerKey: HandlerKey;
  readonly isStatic: boolean;
  /** In the order of preference. */
  readonly representations: readonly Representation[];
}

/** A class of errors: whatever `instanceof` can tell. */
export type ErrorClass<E extends Error = Error> = abstract new (...args: never[]) => E;

export interface ErrorRecord {
  readonly handlerKey: HandlerKey;
  readonly isStatic: boolean;
  readonly errorClass: ErrorClass;
  /** As a message names it: `@OnError(TodoMissing)`. */
  readonly decorator: string;
}

/** What of a request is limited. */
export type LimitKind = 'timeout' | 'maxBodySize';

export interface LimitRecord {
  /** `undefined` for the whole class. */
  readonly handlerKey: HandlerKey | undefined;
  readonly isStatic: boolean;
  readonly kind: LimitKind;
  /** Milliseconds or bytes. */
  readonly value: number;
  /** As a message names it: `@Timeout(500)`. */
  readonly decorator: string;
}

/** How the forms of a class or of one method are read. */
export interface MultipartRecord {
  /** `undefined` for the whole class. */
  readonly handlerKey: HandlerKey | undefined;
  readonly isStatic: boolean;
  /** As written: boot checks them. */
  readonly options: MultipartOptions;
  readonly decorator: '@Multipart';
}

/** What a reader of the API is told of a class or of one method. */
export interface DocRecord {
  /** `undefined` for the whole class. */
  readonly handlerKey: HandlerKey | undefined;
  readonly isStatic: boolean;
  readonly options: DocOptions;
  readonly decorator: '@Doc';
}

/** Which credentials a class or one method asks for. */
export interface SecurityRecord {
  /** `undefined` for the whole class. */
  readonly handlerKey: HandlerKey | undefined;
  readonly isStatic: boolean;
  readonly name: string;
  readonly scheme: SecurityScheme;
  readonly options: SecurityOptions;
  /** As a message names it: `@Security("basic")`. */
  readonly decorator: string;
}

/** What one class says about itself; what it inherits is in the records of the classes above it. */
export interface ClassRecords {
  /** The file of its first decorator, where the stack tells. */
  readonly file: string | undefined;
  readonly controllers: ControllerRecord[];
  readonly routes: RouteRecord[];
  readonly parameters: ParameterRecord[];
  readonly uses: UseRecord[];
  readonly replies: ReplyRecord[];
  readonly produces: ProducesRecord[];
  readonly errors: ErrorRecord[];
  readonly limits: LimitRecord[];
  readonly multiparts: MultipartRecord[];
  readonly docs: DocRecord[];
  readonly securities: SecurityRecord[];
}

const RECORDS = Symbol('luminaire:records');

/** Returns the records of the class that a decorator stands in, made at the first. */
export function recordsFor(target: object): ClassRecords {
  const holder = classOf(target);
  const known = ownRecords(holder);
  if (known) return known;
  const records: ClassRecords = {
    file: decoratedFile(),
    controllers: [],
    routes: [],
    parameters: [],
    uses: [],
    replies: [],
    produces: [],
    errors: [],
    limits: [],
    multiparts: [],
    docs: [],
    securities: [],
  };
  Reflect.defineMetadata(RECORDS, records, holder);
  return records;
}

/** Whether a decorator was given the class itself: it stands on a static member, or on a constructor parameter. */
export function isStaticTarget(target: object): boolean {
  return typeof target === 'function';
}

/** Adds `record` above the others of its method: decorators run bottom-up, records keep the written order. */
export function recordAbove<R extends { readonly handlerKey: HandlerKey | undefined }>(list: R[], record: R): void {
  const below = list.findIndex((other) => other.handlerKey === record.handlerKey);
  list.splice(below < 0 ? list.length : below, 0, record);
}

/** Reads what `holder` itself recorded. */
export function ownRecords(holder: AnyClass): ClassRecords | undefined {
  return Reflect.getOwnMetadata(RECORDS, holder) as ClassRecords | undefined;
}

/** Lists `holder` with the classes it extends, nearest first. */
export function lineage(holder: AnyClass): AnyClass[] {
  const classes: AnyClass[] = [];
  for (let each: unknown = holder; typeof each === 'function' && each !== Function.prototype; ) {
    classes.push(each);
    each = Object.getPrototypeOf(each);
  }
  return classes;
}

/** Reads the `@Controller` of `holder` itself: a subclass carries its own. */
export function controllerRecord(holder: AnyClass): ControllerRecord | undefined {
  return ownRecords(holder)?.controllers[0];
}

/** Lists the routes of `holder`, inherited first. Routes on an overriding method replace the inherited ones. */
export function routeRecords(holder: AnyClass): RouteRecord[] {
  const overridden = new Set<HandlerKey>();
  const layers: RouteRecord[][] = [];
  for (const each of lineage(holder)) {
    const own = (ownRecords(each)?.routes ?? []).filter((route) => !overridden.has(route.handlerKey));
    for (const route of own) overridden.add(route.handlerKey);
    layers.unshift(own);
  }
  return layers.flat();
}

/** The decorated parameters of one method, and the types that the compiler emitted for all of them. */
export interface MethodParameters {
  /** In argument order. */
  readonly records: readonly ParameterRecord[];
  /** `design:paramtypes`: any value, not only functions. `undefined` when the compiler emitted none. */
  readonly types: readonly unknown[] | undefined;
  /** How a form is read, closest first: of the method, then of its class and of those that it extends. */
  readonly multiparts: readonly MultipartRecord[];
}

/** Reads the parameters of `handlerKey` in the nearest class that decorates it in any way. */
export function methodParameters(holder: AnyClass, handlerKey: HandlerKey): MethodParameters {
  const multiparts = multipartRecords(holder, handlerKey);
  for (const each of lineage(holder)) {
    const own = ownRecords(each)?.parameters.filter((record) => record.handlerKey === handlerKey) ?? [];
    const types = ownTypes(each.prototype as object, handlerKey);
    if (own.length > 0 || types) return { records: own.sort((a, b) => a.index - b.index), types, multiparts };
  }
  return { records: [], types: undefined, multiparts };
}

function multipartRecords(holder: AnyClass, handlerKey: HandlerKey): MultipartRecord[] {
  const classes = lineage(holder);
  return [handlerKey, undefined].flatMap((key) =>
    classes.flatMap((each) => ownRecords(each)?.multiparts.filter((record) => record.handlerKey === key) ?? []),
  );
}

/** Lists the middleware on the classes, base class outermost. */
export function classMiddleware(holder: AnyClass): (Middleware | MiddlewareClass)[] {
  return lineage(holder)
    .reverse()
    .flatMap((each) => usesOf(each, undefined))
    .flatMap((use) => use.middleware);
}

/** Lists the middleware on one method, from the nearest class that names any. */
export function methodMiddleware(holder: AnyClass, handlerKey: HandlerKey): (Middleware | MiddlewareClass)[] {
  return nearest(holder, (each) => usesOf(each, handlerKey)).flatMap((use) => use.middleware);
}

/** Lists `@Status` and `@Returns` of one method, from the nearest class that has any. */
export function replyRecords(holder: AnyClass, handlerKey: HandlerKey): ReplyRecord[] {
  return nearest(holder, (each) => ownRecords(each)?.replies.filter((reply) => reply.handlerKey === handlerKey) ?? []);
}

/** Lists `@Produces` of one method, from the nearest class that has any. */
export function producesRecords(holder: AnyClass, handlerKey: HandlerKey): ProducesRecord[] {
  return nearest(holder, (each) => ownRecords(each)?.produces.filter((own) => own.handlerKey === handlerKey) ?? []);
}

/** Lists the `@OnError` of `holder` and of what it extends, nearest first. */
export function errorRecords(holder: AnyClass): ErrorRecord[] {
  return lineage(holder).flatMap((each) => ownRecords(each)?.errors ?? []);
}

/** Reads the limit that is closest to a method: its own, else its class's; of a subclass before those it extends. */
export function limitRecord(holder: AnyClass, handlerKey: HandlerKey, kind: LimitKind): LimitRecord | undefined {
  const limits = (key: HandlerKey | undefined) =>
    nearest(holder, (each) => {
      const own = ownRecords(each)?.limits ?? [];
      return own.filter((limit) => limit.handlerKey === key && limit.kind === kind);
    });
  return limits(handlerKey)[0] ?? limits(undefined)[0];
}

/** Lists `@Doc` of one method, or of a class where no method is named, from the nearest class that has any. */
export function docRecords(holder: AnyClass, handlerKey?: HandlerKey): DocRecord[] {
  return nearest(holder, (each) => ownRecords(each)?.docs.filter((own) => own.handlerKey === handlerKey) ?? []);
}

/** Lists `@Security` of one method, or of a class where no method is named, from the nearest class that has any. */
export function securityRecords(holder: AnyClass, handlerKey?: HandlerKey): SecurityRecord[] {
  return nearest(holder, (each) => ownRecords(each)?.securities.filter((own) => own.handlerKey === handlerKey) ?? []);
}

/**
 * Reads the type that the compiler emitted for what a method returns, from the nearest class that decorates it.
 * `undefined` is anything: swc emits it for `void`, for `never`, and where no type is declared.
 */
export function returnedType(holder: AnyClass, handlerKey: HandlerKey): unknown {
  for (const each of lineage(holder)) {
    if (ownTypes(each.prototype as object, handlerKey) === undefined) continue;
    return Reflect.getOwnMetadata('design:returntype', each.prototype as object, handlerKey);
  }
  return undefined;
}

/** Reads the file that a decorated class was written in, relative to the working directory where it is below it. */
export function fileOf(holder: AnyClass): string | undefined {
  return ownRecords(holder)?.file;
}

/**
 * Reads the types of the constructor's parameters, inherited ones where the class has no constructor of its own.
 * `undefined` when the compiler emitted none: no decorator on the class, or a compiler that drops metadata.
 */
export function constructorTypes(holder: AnyClass): readonly unknown[] | undefined {
  for (const each of lineage(holder)) {
    const types = ownTypes(each, undefined);
    if (types) return types;
    // Without a constructor of its own a class has length 0; with one, its parent's types are not its own.
    if (each.length > 0) return undefined;
  }
  return undefined;
}

/** Reads what tsyringe's `@inject` and its like put in the place of a constructor parameter's type. */
export function injectedTokens(holder: AnyClass): Readonly<Record<string, unknown>> {
  return (Reflect.getOwnMetadata('injectionTokens', holder) as Record<string, unknown> | undefined) ?? {};
}

function usesOf(holder: AnyClass, handlerKey: HandlerKey | undefined): UseRecord[] {
  return ownRecords(holder)?.uses.filter((use) => use.handlerKey === handlerKey) ?? [];
}

function nearest<R>(holder: AnyClass, read: (each: AnyClass) => R[]): R[] {
  for (const each of lineage(holder)) {
    const own = read(each);
    if (own.length > 0) return own;
  }
  return [];
}

function ownTypes(target: object, handlerKey: HandlerKey | undefined): readonly unknown[] | undefined {
  const types: unknown =
    handlerKey === undefined
      ? Reflect.getOwnMetadata('design:paramtypes', target)
      : Reflect.getOwnMetadata('design:paramtypes', target, handlerKey);
  return Array.isArray(types) ? types : undefined;
}

/** Frames of these are not the application's: decorators, and what compilers call to apply them. */
const OWN_FOLDER = new URL('.', import.meta.url ?? 'file:///worker/').pathname; // a Worker's modules have no place
const HELPERS = /node:|\/node_modules\/(?:reflect-metadata|tslib|@swc\/helpers)\//;
const FRAMES = 10;

/** Finds the file whose class is being decorated. Some 10 µs, once a class. */
function decoratedFile(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  for (const line of stack.split('\n')) {
    const path = /(?:file:\/\/|\()?(\/[^():]+):\d+:\d+\)?$/.exec(line)?.[1];
    if (path === undefined || path.startsWith(OWN_FOLDER) || HELPERS.test(line)) continue;
    const folder = `${process.cwd()}/`;
    return path.startsWith(folder) ? path.slice(folder.length) : path;
  }
  return undefined;
}

function classOf(target: object): AnyClass {
  return typeof target === 'function' ? target : target.constructor;
}
