/** Declares the types that make the compiler check a decorator against the method it stands on. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ServerSentEvent } from '../http/events/server-sent-event.js';
import type { UploadedFile } from '../http/forms/uploaded-file.js';
import type { FileBody, Reply } from '../http/reply.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';

/*
 * The compiler gives a parameter decorator the prototype, the method's name and the index as literal types. A
 * decorator asks for `target: T & Fits<...>`: `unknown` where all is well, else an object type that no class has,
 * whose only key is the sentence to read. The compiler prints it as the property that is missing.
 */

/** Tells the user what is wrong: no class has a property of this name. */
export type Sentence<S extends string> = { readonly [key in `Luminaire: ${S}`]: never };

/** The name a decorator is given for what it stands on; `undefined` for a constructor. */
export type Key = string | symbol | undefined;

type AnyMethod = (...args: never) => unknown;
type AnyConstructor = abstract new (...args: never) => unknown;

/** The declared type of parameter `I` of method `K`. `undefined` is in it where the parameter is optional. */
export type Declared<T, K, I> = K extends keyof T
  ? T[K] extends (...args: infer Args) => unknown
    ? Args[I & keyof Args]
    : never
  : never;

/** Whether `D` stands on a method that can handle requests; if so, `Fit` decides. */
export type OnHandler<T, K, D extends string, Fit = unknown> = K extends undefined
  ? Sentence<`${D} reads a request, so it stands in a handler, not in a constructor`>
  : T extends AnyConstructor
    ? Sentence<`${D} stands in an instance method: remove "static"`>
    : K extends keyof T
      ? T[K] extends AnyMethod
        ? Fit
        : Sentence<`${D} stands on a method, not on an accessor`>
      : Sentence<`${D} stands in a public method: remove "private" or "protected"`>;

type IsAny<P> = 0 extends 1 & P ? true : false;
/** Whether the two are identical: `any`, a numeric enum and `number` are assignable to each other, yet not the same. */
type IsSame<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;
/** Distributes over the candidates, never over `P`: a union of two scalars is no scalar. */
type IsOneOf<P, Candidates> = true extends Each<P, Candidates> ? true : false;
type Each<P, Candidates> = Candidates extends boolean
  ? IsSame<P, boolean>
  : Candidates extends unknown
    ? IsSame<P, Candidates>
    : never;

/** What text can be read as by the emitted type alone: each of these leaves its constructor at run time. */
export type Scalar = string | number | boolean | bigint | Date | URL;

type OptionalName = `${string}?`;

/** Whether `P` is missing-aware exactly where the name is: `page?` with `page?: number` or a default. */
type FitsOptional<P, D extends string, Name> = Name extends OptionalName
  ? undefined extends P
    ? unknown
    : Sentence<`${D} may be missing, so the parameter must accept undefined: write "name?: T", or give it a default`>
  : unknown;

/** Without `strictNullChecks` every type has `undefined` in it, so that nothing can be told from that. */
type FitsRequired<P, D extends string, Name> = Name extends OptionalName
  ? unknown
  : undefined extends (undefined extends string ? never : P)
    ? Sentence<`${D} is never missing, so the parameter need not be optional: end the name in "?", or require it`>
    : unknown;

/** A value of text, read by the declared type: exactly one of `Accepted`, nothing the run time cannot see. */
export type FitsText<P, D extends string, Name, Accepted, Listed extends string> =
  IsOneOf<Exclude<P, undefined>, Accepted> extends true
    ? FitsOptional<P, D, Name> & FitsRequired<P, D, Name>
    : Sentence<`${D} without a schema gives exactly ${Listed}: declare one of them, or add a schema`>;

/** A value that a schema has checked: the parameter accepts the schema's output. */
export type FitsSchema<P, D extends string, Name, S extends StandardSchemaV1> = [
  StandardSchemaV1.InferOutput<S>,
] extends [P]
  ? FitsOptional<P, D, Name>
  : Sentence<`${D} gives what its schema gives: declare the parameter as the schema's output`>;

/** Whether text can ever fit the schema: `z.number()` never sees a number in a URL. */
export type TakesText<D extends string, S extends StandardSchemaV1> =
  unknown extends StandardSchemaV1.InferInput<S>
    ? unknown
    : [Extract<StandardSchemaV1.InferInput<S>, string | readonly unknown[]>] extends [never]
      ? Sentence<`${D} hands text to its schema, which takes none: coerce in the schema`>
      : unknown;

/** A body without a schema is unchecked, so nothing but `unknown` may be claimed of it. */
export type FitsUnknown<P, D extends string> =
  IsAny<P> extends true
    ? Sentence<`${D} without a schema gives unknown: declare it so, or add a schema`>
    : unknown extends P
      ? unknown
      : Sentence<`${D} without a schema gives unknown: declare it so, or add a schema`>;

/** A value of one known type: the parameter accepts it. */
export type FitsValue<P, D extends string, Supplied, Named extends string> = [Supplied] extends [P]
  ? unknown
  : Sentence<`${D} gives ${Named}: declare the parameter so`>;

/** A value of one known type, which may be missing where its name ends in "?". */
export type FitsNamed<P, D extends string, Name, Supplied, Named extends string> = [Supplied] extends [P]
  ? unknown extends P
    ? unknown
    : FitsOptional<P, D, Name> & FitsRequired<P, D, Name>
  : Sentence<`${D} gives ${Named}: declare the parameter so`>;

/** Whether a parameter of the method is a file of a form, or a list of them. */
type TakesFiles<T, K> = K extends keyof T
  ? T[K] extends (...args: infer Args) => unknown
    ? true extends AreFiles<Args>[number]
      ? true
      : false
    : false
  : false;
type AreFiles<Args extends readonly unknown[]> = {
  [I in keyof Args]: IsOneOf<Exclude<Args[I], undefined>, UploadedFile | UploadedFile[]>;
};

/** Beside a file the body is the text fields of the same form: its schema takes an object. */
export type FitsForm<T, K, D extends string, S extends StandardSchemaV1> =
  TakesFiles<T, K> extends true
    ? unknown extends StandardSchemaV1.InferInput<S>
      ? unknown
      : [Exclude<Extract<StandardSchemaV1.InferInput<S>, object>, readonly unknown[]>] extends [never]
        ? Sentence<`${D} beside a file is the text fields of its form: its schema takes an object of them`>
        : unknown
    : unknown;

/** What a method's promise or value is, once awaited. */
export type Returned<T, K> = K extends keyof T
  ? T[K] extends (...args: never) => infer R
    ? Awaited<R>
    : never
  : never;

/** The part of `R` that may be sent with status `N`: a {@link Reply}, or a bare value where `N` is a success. */
type SentWith<R, N extends number> =
  R extends Reply<infer M, infer Body> ? (N extends M ? Body : never) : `${N}` extends `2${string}` ? R : never;

/**
 * A returned value that `@Returns` will check: it must fit the schema's input, since the schema has yet to run.
 * What the method returns beyond that (more fields, say) is the schema's to strip.
 */
export type FitsReturned<T, K, N extends number, S extends StandardSchemaV1> = [SentWith<Returned<T, K>, N>] extends [
  StandardSchemaV1.InferInput<S>,
]
  ? unknown
  : Sentence<`@Returns checks what the method returns: it must return the schema's input`>;

/** The part of `R` that `@Produces` encodes: what has content, of a success. */
type Encodable<R> =
  R extends Reply<infer M, infer Body>
    ? `${M}` extends `${3 | 4 | 5}${string}`
      ? never
      : Exclude<Body, FileBody | undefined>
    : Exclude<R, void>;

/** The types among the offers `O` that have no encoder and are not JSON. One made at run time is checked at boot. */
type Unencoded<O> = O extends string
  ? string extends O
    ? never
    : O extends 'application/json' | `${string}/${string}+json`
      ? never
      : O
  : never;

/** The encoders among the offers `O` that do not accept `V`. */
type Unfit<O, V> = O extends string ? never : { [Type in keyof O]: Rejecting<O[Type], V> }[keyof O];
type Rejecting<E, V> = E extends (value: infer P, ...rest: infer _) => unknown ? ([V] extends [P] ? never : E) : never;

/** A returned value that every encoder of `@Produces` accepts. */
export type FitsProduced<T, K, O> = [Unencoded<O>] extends [never]
  ? [Unfit<O, Encodable<Returned<T, K>>>] extends [never]
    ? unknown
    : Sentence<`@Produces hands its encoders what the method returns: each must accept it`>
  : Sentence<`@Produces writes JSON alone by itself: give "${Unencoded<O>}" an encoder, { "${Unencoded<O>}": encode }`>;

/** `@Sse` sends what is iterated, one event a step; a string is the data of one. */
export type FitsEvents<T, K> = [Returned<T, K>] extends [AsyncIterable<ServerSentEvent | string>]
  ? unknown
  : Sentence<`@Sse sends an async iterable of events or strings: write "async *${K & string}()", or return one`>;

/** `@WebSocket` closes the socket when the method is over: one that returns at once could never say anything. */
export type FitsConversation<T, K> = K extends keyof T
  ? T[K] extends (...args: never) => infer R
    ? IsAny<R> extends true
      ? Sentence<'@WebSocket closes the socket when the method is over: declare what it returns'>
      : [R] extends [Promise<void> | AsyncIterable<unknown>]
        ? unknown
        : Sentence<`@WebSocket closes the socket when the method is over: write "async ${K & string}()" that returns nothing, or "async *"`>
    : never
  : never;

/** `@Socket` gives a socket: the parameter accepts its messages, and claims no more of them. */
export type FitsSocket<P, D extends string, Supplied> =
  IsAny<P> extends true
    ? Sentence<`${D} gives a WebSocketConnection: declare the parameter so`>
    : [Supplied] extends [P]
      ? unknown
      : Sentence<`${D} gives a WebSocketConnection, of string | Buffer, or of what its schema gives: declare the parameter so`>;

/** `@OnError` calls the method with an `E`: as a function type, so that a parameter of a narrower class is refused. */
export type FitsErrorHandler<T, K, E extends Error> = K extends keyof T
  ? T[K] extends (...args: infer Args) => unknown
    ? ((...args: Args) => void) extends (error: E, req: Request, res: Response) => void
      ? unknown
      : Sentence<`@OnError calls the method with (error, req, res): declare error as the class it names, or a wider one`>
    : never
  : never;

/** A literal path starts with a slash; one made at run time is checked at boot. */
export type FitsPath<P extends string> = string extends P
  ? unknown
  : P extends '' | '*' | `/${string}`
    ? unknown
    : Sentence<`a path starts with "/": write "/${P}"`>;

/** A literal prefix starts with a slash and stands before every path of the class. */
export type FitsPrefix<P extends string> = string extends P
  ? unknown
  : P extends '' | `/${string}`
    ? unknown
    : Sentence<`a prefix starts with "/": write "/${P}"`>;
