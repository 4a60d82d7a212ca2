/** Says which files of a form an argument is, and how the form is read. */

import type { FormPart } from '../http/forms/form-part.js';
import type { MultipartOptions } from '../http/forms/multipart-options.js';
import type { UploadedFile } from '../http/forms/uploaded-file.js';
import type { Declared, FitsNamed, Key, OnHandler } from './fits.js';
import type { LimitDecorator } from './limits.js';
import { isStaticTarget, recordAbove, recordsFor } from './metadata.js';
import { type ParameterDecorator, recordParameter, type ValueDecorator } from './parameters.js';

/** Stands on a parameter that accepts `Supplied`, which may be missing where its name says so. */
export type NamedDecorator<D extends string, Name extends string, Supplied, Named extends string> = <
  T extends object,
  K extends Key,
  I extends number,
>(
  target: T & OnHandler<T, K, D, FitsNamed<Declared<T, K, I>, D, Name, Supplied, Named>>,
  handlerKey: K,
  index: I,
) => void;

/**
 * Gives a file of a form, `multipart/form-data`: 400 when it is missing, unless the name ends in `?`, or sent more than
 * once. Any other content type is 415. Beside it `@Body(schema)` is the text fields of the same form.
 */
export function File<Name extends string>(
  name: Name,
): NamedDecorator<`@File("${Name}")`, Name, UploadedFile, 'an UploadedFile'> {
  return named('file', '@File', name);
}

/**
 * Gives the files of a form, those of one name or all, in the order in which they were sent. With a name: 400 where
 * there is none, unless the name ends in `?`. Files that no parameter asks for are dropped as they arrive.
 */
export function Files(): ValueDecorator<'@Files()', UploadedFile[], 'an array of UploadedFile'>;
export function Files<Name extends string>(
  name: Name,
): NamedDecorator<`@Files("${Name}")`, Name, UploadedFile[], 'an array of UploadedFile'>;
export function Files(...given: [name?: string]): ParameterDecorator {
  if (given.length > 0) return named('files', '@Files', given[0] as string);
  return recordParameter({ source: 'files', decorator: '@Files()' });
}

/**
 * Gives the parts of a form as they arrive, fields and files in the order in which they were sent: nothing is kept, and
 * the client is stopped while a part is not read. What is wrong with the form is thrown where the parts are read.
 */
export function Parts(): ValueDecorator<'@Parts()', AsyncIterable<FormPart>, 'an AsyncIterable<FormPart>'> {
  return recordParameter({ source: 'parts', decorator: '@Parts()' });
}

/**
 * Says how the form of a method is read, or those of all methods of a class: to memory or to disk, and under which
 * limits. Closer wins, option by option. The limit of the whole content is `@MaxBodySize`.
 */
export function Multipart(options: MultipartOptions): LimitDecorator {
  return (target, handlerKey) => {
    const isStatic = handlerKey !== undefined && isStaticTarget(target);
    recordAbove(recordsFor(target).multiparts, { handlerKey, isStatic, options, decorator: '@Multipart' });
  };
}

function named(source: 'file' | 'files', decorator: string, name: string): ParameterDecorator {
  const isOptional = String(name).endsWith('?');
  return recordParameter({
    source,
    name: isOptional ? name.slice(0, -1) : name,
    isOptional,
    decorator: `${decorator}("${name}")`,
  });
}
