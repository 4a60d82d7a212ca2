/** Parses the If field (RFC 4918 §10.4). */

import { HttpError } from 'luminaire';

/** One thing that is asked of a resource: a state token, a lock's mostly, or an entity tag. */
export type Condition = { readonly isNegated: boolean } & ({ readonly token: string } | { readonly etag: string });

/** Conditions that hold together, about one resource. */
export interface ConditionList {
  /** The URL that tags the list; `undefined` means the resource of the request. */
  readonly tag: string | undefined;
  readonly conditions: readonly Condition[];
}

const TAG = /\s*<([^<>]+)>/y;
const OPEN = /\s*\(/y;
const CONDITION = /\s*(not\b)?\s*(?:<([^<>\s]+)>|\[((?:W\/)?"[^"]*")\])/iy;
const CLOSE = /\s*\)/y;
const END = /\s*$/y;

/** Parses lists that are all untagged, or each behind a tag. @throws HttpError 400 for anything else. */
export function parseIf(field: string): ConditionList[] {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(field);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const lists: ConditionList[] = [];
  const isTagged = /^\s*</.test(field);
  while (!take(END)) {
    const tag = isTagged ? take(TAG)?.[1] : undefined;
    refuseUnless(!isTagged || tag !== undefined, field);
    const before = lists.length;
    while (take(OPEN)) lists.push({ tag, conditions: takeConditions(take, field) });
    refuseUnless(lists.length > before, field);
  }
  refuseUnless(lists.length > 0, field);
  return lists;
}

/** The tokens that a field mentions: whoever mentions one submits it, whatever the list says (RFC 4918 §10.4.1). */
export function submittedTokens(lists: readonly ConditionList[]): Set<string> {
  const conditions = lists.flatMap((list) => list.conditions);
  return new Set(conditions.flatMap((condition) => ('token' in condition ? [condition.token] : [])));
}

function takeConditions(take: (pattern: RegExp) => RegExpExecArray | null, field: string): Condition[] {
  const conditions: Condition[] = [];
  for (let match = take(CONDITION); match !== null; match = take(CONDITION)) {
    const [, not, token, etag] = match;
    const isNegated = not !== undefined;
    conditions.push(token === undefined ? { isNegated, etag: etag as string } : { isNegated, token });
  }
  refuseUnless(conditions.length > 0 && take(CLOSE) !== null, field);
  return conditions;
}

function refuseUnless(holds: boolean, field: string): asserts holds {
  if (!holds) throw new HttpError(`The If field is malformed: ${field}`, 400);
}
