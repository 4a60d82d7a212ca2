/** Says where each argument of a handler comes from. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import type {
  Declared,
  FitsForm,
  FitsSchema,
  FitsText,
  FitsUnknown,
  FitsValue,
  Key,
  OnHandler,
  Scalar,
  TakesText,
} from './fits.js';
import type { Class, Resolved, Resolver } from './injected.js';
import { isStaticTarget, type ParameterRecord, type ParameterSource, recordsFor } from './metadata.js';

type Listed = 'string, number, boolean, bigint, Date or URL';

/** Stands on a parameter that is read as its declared type says. */
export type TextDecorator<D extends string, Name extends string> = <T extends object, K extends Key, I extends number>(
  target: T & OnHandler<T, K, D, FitsText<Declared<T, K, I>, D, Name, Scalar, Listed>>,
  handlerKey: K,
  index: I,
) => void;

/** Stands on a parameter that is read as its declared type says, every value of a repeated name for `string[]`. */
export type TextsDecorator<D extends string, Name extends string> = <T extends object, K extends Key, I extends number>(
  target: T & OnHandler<T, K, D, FitsText<Declared<T, K, I>, D, Name, Scalar | string[], `${Listed}, or string[]`>>,
  handlerKey: K,
  index: I,
) => void;

/** Stands on a parameter that accepts the output of `S`. */
export type SchemaDecorator<D extends string, Name extends string, S extends StandardSchemaV1> = <
  T extends object,
  K extends Key,
  I extends number,
>(
  target: T & OnHandler<T, K, D, FitsSchema<Declared<T, K, I>, D, Name, S>>,
  handlerKey: K,
  index: I,
) => void;

/** Stands on a parameter that accepts the output of `S`, which beside a file is given the fields of its form. */
export type BodyDecorator<D extends string, S extends StandardSchemaV1> = <
  T extends object,
  K extends Key,
  I extends number,
>(
  target: T & OnHandler<T, K, D, FitsForm<T, K, D, S> & FitsSchema<Declared<T, K, I>, D, '', S>>,
  handlerKey: K,
  index: I,
) => void;

/** Stands on a parameter that accepts the output of `S`, which is given text. */
export type TextSchemaDecorator<D extends string, Name extends string, S extends StandardSchemaV1> = <
  T extends object,
  K extends Key,
  I extends number,
>(
  target: T & OnHandler<T, K, D, TakesText<D, S> & FitsSchema<Declared<T, K, I>, D, Name, S>>,
  handlerKey: K,
  index: I,
) => void;

/** Stands on a parameter declared `unknown`. */
export type UnknownDecorator<D extends string> = <T extends object, K extends Key, I extends number>(
  target: T & OnHandler<T, K, D, FitsUnknown<Declared<T, K, I>, D>>,
  handlerKey: K,
  index: I,
) => void;

/** Stands on a parameter that accepts `Supplied`. */
export type ValueDecorator<D extends string, Supplied, Named extends string> = <
  T extends object,
  K extends Key,
  I extends number,
>(
  target: T & OnHandler<T, K, D, FitsValue<Declared<T, K, I>, D, Supplied, Named>>,
  handlerKey: K,
  index: I,
) => void;

/** Gives a named part of the path: `@Param('id') id: number` for `/:id`, `@Param('id?')` for `/:id?`. */
export function Param<Name extends string>(name: Name): TextDecorator<`@Param("${Name}")`, Name>;
export function Param<Name extends string, S extends StandardSchemaV1>(
  name: Name,
  schema: S,
): TextSchemaDecorator<`@Param("${Name}", schema)`, Name, S>;
export function Param(...given: [name: string, schema?: StandardSchemaV1]): ParameterDecorator {
  return parameter('param', '@Param', given);
}

/**
 * Gives a field of the query: 400 when it is missing, unless the name ends in `?`. A repeated name is 400 unless the
 * parameter is a `string[]`. A schema is given the text, or a list of texts when the name is repeated or the
 * parameter is an array. With a schema alone, gives what the schema makes of all fields.
 */
export function Query<Name extends string>(name: Name): TextsDecorator<`@Query("${Name}")`, Name>;
export function Query<Name extends string, S extends StandardSchemaV1>(
  name: Name,
  schema: S,
): TextSchemaDecorator<`@Query("${Name}", schema)`, Name, S>;
export function Query<S extends StandardSchemaV1>(schema: S): SchemaDecorator<'@Query(schema)', '', S>;
export function Query(...given: [name: string | StandardSchemaV1, schema?: StandardSchemaV1]): ParameterDecorator {
  return parameter('query', '@Query', given);
}

/**
 * Gives a field of the message head, its name in any case: 400 when it is missing, unless the name ends in `?`.
 * With a schema alone, gives what the schema makes of all fields, their names in lower case.
 */
export function Header<Name extends string>(name: Name): TextsDecorator<`@Header("${Name}")`, Name>;
export function Header<Name extends string, S extends StandardSchemaV1>(
  name: Name,
  schema: S,
): TextSchemaDecorator<`@Header("${Name}", schema)`, Name, S>;
export function Header<S extends StandardSchemaV1>(schema: S): SchemaDecorator<'@Header(schema)', '', S>;
export function Header(...given: [name: string | StandardSchemaV1, schema?: StandardSchemaV1]): ParameterDecorator {
  return parameter('header', '@Header', given);
}

/** Gives a cookie: 400 when it is missing, unless the name ends in `?`. */
export function Cookie<Name extends string>(name: Name): TextDecorator<`@Cookie("${Name}")`, Name>;
export function Cookie<Name extends string, S extends StandardSchemaV1>(
  name: Name,
  schema: S,
): TextSchemaDecorator<`@Cookie("${Name}", schema)`, Name, S>;
export function Cookie(...given: [name: string, schema?: StandardSchemaV1]): ParameterDecorator {
  return parameter('cookie', '@Cookie', given);
}

/**
 * Gives the body, decoded by its Content-Type: JSON, form or text; any other is 415. Beside `@File` or `@Files`, the
 * text fields of their form.
 * With a schema, what the schema gives, or 422 with every issue and its JSON pointer. Without one, `unknown`.
 */
export function Body(): UnknownDecorator<'@Body()'>;
export function Body<S extends StandardSchemaV1>(schema: S): BodyDecorator<'@Body(schema)', S>;
export function Body(...given: [schema?: StandardSchemaV1]): ParameterDecorator {
  const hasSchema = given.length > 0;
  return recordParameter({
    source: 'body',
    hasSchema,
    schema: given[0],
    decorator: hasSchema ? '@Body(schema)' : '@Body()',
  });
}

/** Gives what the injected `resolver` makes of the request: the user, the tenant, a row; or refuses by throwing. */
export function From<R extends Class<Resolver>>(
  resolver: R,
): ValueDecorator<'@From', Resolved<R>, 'what its resolver resolves to'> {
  return recordParameter({ source: 'from', resolver, decorator: `@From(${resolver?.name ?? ''})` });
}

/** Gives a signal that aborts when the client goes away before it was answered. */
export function Signal(): ValueDecorator<'@Signal()', AbortSignal, 'an AbortSignal'> {
  return recordParameter({ source: 'signal', decorator: '@Signal()' });
}

/** Gives the request itself. */
export function Req(): ValueDecorator<'@Req()', Request, 'the Request'> {
  return recordParameter({ source: 'req', decorator: '@Req()' });
}

/** Gives the response itself. A returned value is still sent, unless the handler sent something. */
export function Res(): ValueDecorator<'@Res()', Response, 'the Response'> {
  return recordParameter({ source: 'res', decorator: '@Res()' });
}

/** Gives the `Last-Event-ID` that a reconnecting event source sends, `undefined` at first. */
export function LastEventId(): ValueDecorator<'@LastEventId()', string | undefined, 'a string or undefined'> {
  return recordParameter({ source: 'last-event-id', isOptional: true, decorator: '@LastEventId()' });
}

/** Records the parameter it stands on. */
export type ParameterDecorator = (target: object, handlerKey: Key, index: number) => void;

function parameter(
  source: ParameterSource,
  decorator: string,
  given: readonly [name: string | StandardSchemaV1, schema?: StandardSchemaV1],
): ParameterDecorator {
  const [name, schema] = given;
  if (typeof name !== 'string') {
    return recordParameter({ source, hasSchema: true, schema: name, decorator: `${decorator}(schema)` });
  }
  const isOptional = name.endsWith('?');
  const hasSchema = given.length > 1;
  return recordParameter({
    source,
    name: isOptional ? name.slice(0, -1) : name,
    isOptional,
    hasSchema,
    schema,
    decorator: `${decorator}("${name}"${hasSchema ? ', schema' : ''})`,
  });
}

/** Makes the decorator that records `given` for the parameter it stands on. */
export function recordParameter(
  given: Partial<ParameterRecord> & Pick<ParameterRecord, 'source' | 'decorator'>,
): ParameterDecorator {
  return (target, handlerKey, index) => {
    recordsFor(target).parameters.push({
      handlerKey,
      index,
      isStatic: isStaticTarget(target),
      source: given.source,
      name: given.name,
      isOptional: given.isOptional ?? false,
      hasSchema: given.hasSchema ?? false,
      schema: given.schema,
      resolver: given.resolver,
      decorator: given.decorator,
    });
  };
}
