/** Evaluates the conditions of HTTP itself (RFC 9110 §13). */

import { HttpError, type Request } from 'luminaire';
import type { Resource } from './store.js';

/**
 * Decides by the preconditions of a request: gives true where a GET or HEAD is to be answered 304.
 *
 * @throws HttpError 412 where one does not hold.
 */
export function isNotModified({ method, headers }: Request, resource: Resource | undefined): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  const ifMatch = headers.get('if-match');
  if (ifMatch !== undefined) {
    HttpError.assert(matches(ifMatch, resource), 'If-Match does not hold.', 412);
  } else {
    const since = dateOf(headers.get('if-unmodified-since'));
    const isModified = since !== undefined && resource !== undefined && secondsOf(resource.modified) > since;
    HttpError.assert(!isModified, 'It has been modified since.', 412);
  }
  const ifNoneMatch = headers.get('if-none-match');
  // Compared weakly (RFC 9110 §13.1.2): a gateway that encodes content makes weak tags of ours.
  if (ifNoneMatch !== undefined) {
    if (!matches(ifNoneMatch.replaceAll('W/"', '"'), resource)) return false;
    HttpError.assert(reads, 'If-None-Match does not hold.', 412);
    return true;
  }
  const since = dateOf(headers.get('if-modified-since'));
  return reads && since !== undefined && resource !== undefined && secondsOf(resource.modified) <= since;
}

/** Whether a Range counts: without If-Range, or while the content is what it names (RFC 9110 §13.1.5). */
export function isSameRange({ headers }: Request, resource: Resource): boolean {
  const ifRange = headers.get('if-range');
  if (ifRange === undefined) return true;
  return ifRange.includes('"') ? ifRange === resource.etag : dateOf(ifRange) === secondsOf(resource.modified);
}

/** Whether one of the listed tags is the resource's; `*` is any resource. A collection has none. */
function matches(list: string, resource: Resource | undefined): boolean {
  if (resource === undefined) return false;
  if (list.trim() === '*') return true;
  return !resource.isCollection && list.match(/(?:W\/)?"[^"]*"/g)?.some((tag) => tag === resource.etag) === true;
}

function dateOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
