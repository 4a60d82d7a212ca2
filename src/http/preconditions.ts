/** Decides what the preconditions of a request make of it (RFC 9110 §13). */

import { parseHttpDate } from './http-date.js';
import { HttpError } from './http-error.js';

/** What tells one state of a resource from another (RFC 9110 §8.8). */
export interface Validators {
  /** An entity tag as the field has it, quotes included: `"v7"`, or `W/"v7"`. */
  readonly etag?: string | undefined;
  /** When it was modified last. Counts in whole seconds, as the field does. */
  readonly lastModified?: Date | string | undefined;
}

/** `proceed` as if there were none, answer 304, or answer 412. */
export type PreconditionOutcome = 'proceed' | 'not-modified' | 'failed';

/** A request, as far as preconditions go. */
export interface ConditionalRequest {
  readonly method: string;
  readonly headers: {
    /** The value of a field, lines of the same name joined. */
    get(name: string): string | undefined;
  };
}

/** What is demanded of requests that change something. */
export interface PreconditionOptions {
  /** Whether a request without If-Match and If-Unmodified-Since is answered 428 (RFC 6585 §3). Default false. */
  readonly required?: boolean;
}

/**
 * Checks that the client has seen the current state of what it is about to change, so that nobody's change is lost:
 * for handlers of PUT, PATCH and DELETE, to be called before anything is changed. Give `undefined` where nothing is
 * there yet: then `If-None-Match: *` holds, and no `If-Match` does.
 *
 * @throws HttpError 412 where a precondition fails; 428 where one is `required` and there is none.
 */
export function checkPreconditions(
  req: ConditionalRequest,
  current: Validators | undefined,
  options: PreconditionOptions = {},
): void {
  if (options.required === true && !hasPrecondition(req, current)) {
    throw new HttpError(
      current === undefined
        ? 'Say by If-None-Match: * that you mean to create this.'
        : 'Say by If-Match which state of this you have seen.',
      428,
    );
  }
  if (evaluatePreconditions(req, current) === 'failed') throw preconditionFailed();
}

/** The answer to a precondition that does not hold. */
export function preconditionFailed(): HttpError {
  return new HttpError('This is not in the state that the request asks for.', 412);
}

/** Whether the request says which state it means. A date says nothing where there is none to compare. */
function hasPrecondition({ headers }: ConditionalRequest, current: Validators | undefined): boolean {
  return (
    headers.get('if-match') !== undefined ||
    headers.get('if-none-match') !== undefined ||
    isAfter(current, headers.get('if-unmodified-since')) !== undefined
  );
}

/**
 * Evaluates the preconditions of a request in the order of RFC 9110 §13.2.2. To be asked only where the answer would
 * be a success without them (§13.2.1). `current` is undefined where there is no representation.
 */
export function evaluatePreconditions(req: ConditionalRequest, current: Validators | undefined): PreconditionOutcome {
  const { headers } = req;
  const reads = req.method === 'GET' || req.method === 'HEAD';
  const ifMatch = headers.get('if-match');
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, current, isStrongMatch)) return 'failed';
  } else if (isAfter(current, headers.get('if-unmodified-since'))) {
    return 'failed';
  }
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, current, isWeakMatch)) return reads ? 'not-modified' : 'failed';
    // A change must not go ahead on a condition that nobody can read.
    if (!reads && parseEntityTags(ifNoneMatch) === undefined) return 'failed';
  } else if (reads && isAfter(current, headers.get('if-modified-since')) === false) {
    return 'not-modified';
  }
  return 'proceed';
}

/**
 * Tells whether the Range of a GET request applies to the current state (RFC 9110 §13.1.5, §14.2); where it does not,
 * the whole is sent. A weak tag never matches: two states that mean the same may differ in their bytes.
 */
export function rangeApplies({ method, headers }: ConditionalRequest, current: Validators): boolean {
  if (method !== 'GET' || headers.get('range') === undefined) return false;
  const ifRange = headers.get('if-range');
  if (ifRange === undefined) return true;
  if (ifRange.endsWith('"')) return current.etag !== undefined && isStrongMatch(ifRange, current.etag);
  const date = parseHttpDate(ifRange);
  return date !== undefined && date === secondsOf(current.lastModified);
}

type Comparison = (a: string, b: string) => boolean;

/** RFC 9110 §8.8.3.2. */
const isStrongMatch: Comparison = (a, b) => a === b && !a.startsWith('W/');
const isWeakMatch: Comparison = (a, b) => opaqueOf(a) === opaqueOf(b);

function opaqueOf(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag;
}

function matches(list: string, current: Validators | undefined, isMatch: Comparison): boolean {
  if (current === undefined) return false;
  if (list.trim() === '*') return true;
  const { etag } = current;
  return etag !== undefined && (parseEntityTags(list)?.some((one) => isMatch(one, etag)) ?? false);
}

/** Gives the entity tags of a list (RFC 9110 §8.8.3), or undefined where it is none. A comma may stand in a tag. */
export function parseEntityTags(list: string): string[] | undefined {
  if (list.trim() === '*') return [];
  const tags: string[] = [];
  const element = /[ \t,]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/y;
  while (element.lastIndex < list.length) {
    const start = element.lastIndex;
    const found = element.exec(list);
    if (found === null) return /^[ \t,]*$/.test(list.slice(start)) ? tags : undefined;
    tags.push(found[1]);
  }
  return tags;
}

/** Whether `current` was modified after `date`; undefined where either is unknown, and the field is to be ignored. */
function isAfter(current: Validators | undefined, date: string | undefined): boolean | undefined {
  const modified = secondsOf(current?.lastModified);
  const since = date === undefined ? undefined : parseHttpDate(date);
  return modified === undefined || since === undefined ? undefined : modified > since;
}

/** In ms, cut to the whole second that the field can tell. */
function secondsOf(time: Date | string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const ms = typeof time === 'string' ? parseHttpDate(time) : time.getTime();
  return ms === undefined || Number.isNaN(ms) ? undefined : Math.floor(ms / 1000) * 1000;
}
