/** Reads the Depth field (RFC 4918 §10.2). */

import { HttpError, type Request } from 'luminaire';

export type Depth = '0' | '1' | 'infinity';

/**
 * The Depth of a request, which is `infinity` where it says none.
 *
 * @throws HttpError 400 for one that the method does not take.
 */
export function readDepth<D extends Depth>(req: Request, ...allowed: readonly D[]): D {
  const text = req.headers.get('depth')?.trim().toLowerCase() ?? 'infinity';
  const depth = allowed.find((each) => each === text);
  HttpError.assert(depth, `The Depth of ${req.method} is ${allowed.join(' or ')} here, got ${text}.`, 400);
  return depth;
}
