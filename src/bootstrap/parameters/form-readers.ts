/** Builds what reads the arguments of a handler from a form with files. */

import type { MethodParameters } from '../../decorators/metadata.js';
import type { MultipartForm } from '../../http/forms/multipart.js';
import type { MultipartOptions } from '../../http/forms/multipart-options.js';
import type { Request } from '../../http/request.js';

/** Reads the form of a request: asked again, the same. */
export type ReadForm = (req: Request) => Promise<MultipartForm>;

/** How a method reads its form: what `@Multipart` says of it, the closest last. Only the files it asks for are kept. */
export function formOptions({ records, multiparts }: MethodParameters): MultipartOptions {
  const stated: MultipartOptions = Object.assign({}, ...multiparts.map(({ options }) => options).reverse());
  const names = records.filter(({ source }) => source === 'file' || source === 'files').map(({ name }) => name);
  if (names.length === 0 || names.includes(undefined)) return stated;
  return { ...stated, only: names as string[] };
}
