/** Reads what a PROPPATCH changes, and works out the outcome (RFC 4918 §9.2). */

import { HttpError } from 'luminaire';
import { type DeadProperty, deadPropertyOf, type PropertyName, sameName } from './dead-property.js';
import type { PropStat } from './multistatus.js';
import { emptyElement, isLive } from './propfind.js';
import { elementsOf, isDav, parseXml } from './xml.js';

/** One instruction: a property to set, or the name of one to remove. */
export type PropertyChange = { readonly set: DeadProperty } | { readonly remove: PropertyName };

/** Most dead properties of one resource, in characters of their XML. */
const MAX_LENGTH = 1_048_576;

/** The instructions in their order. @throws HttpError 400 for what is no `propertyupdate`. */
export function parsePropertyUpdate(text: string): PropertyChange[] {
  const root = parseXml(text);
  HttpError.assert(isDav(root, 'propertyupdate'), 'A PROPPATCH has a propertyupdate element.', 400);
  const changes = elementsOf(root).flatMap((instruction): PropertyChange[] => {
    const properties = elementsOf(instruction)
      .filter((each) => isDav(each, 'prop'))
      .flatMap(elementsOf);
    if (isDav(instruction, 'set')) return properties.map((each) => ({ set: deadPropertyOf(each) }));
    if (isDav(instruction, 'remove')) return properties.map(({ namespace, name }) => ({ remove: { namespace, name } }));
    return [];
  });
  HttpError.assert(changes.length > 0, 'A propertyupdate sets or removes properties.', 400);
  return changes;
}

/** What becomes of a resource's dead properties, where `properties` is defined: otherwise nothing is changed. */
export interface Outcome {
  readonly properties: readonly DeadProperty[] | undefined;
  readonly propstats: readonly PropStat[];
}

/** All of the changes are made, or none (RFC 4918 §9.2): those that could have been are answered 424 then. */
export function applyChanges(changes: readonly PropertyChange[], before: readonly DeadProperty[]): Outcome {
  const names = distinct(changes.map((change) => ('set' in change ? change.set : change.remove)));
  const refused = names.filter(isProtected);
  if (refused.length > 0) {
    const others = names.filter((name) => !refused.includes(name));
    const condition = 'cannot-modify-protected-property';
    const propstats = [{ status: 403, properties: refused.map(emptyElement), condition }];
    const spoilt = { status: 424, properties: others.map(emptyElement) };
    return { properties: undefined, propstats: others.length > 0 ? [...propstats, spoilt] : propstats };
  }
  let properties = before;
  for (const change of changes) {
    const name = 'set' in change ? change.set : change.remove;
    const others = properties.filter((each) => !sameName(each, name));
    properties = 'set' in change ? [...others, change.set] : others;
  }
  const isTooMuch = properties.reduce((sum, { xml }) => sum + xml.length, 0) > MAX_LENGTH;
  const status = isTooMuch ? 507 : 200;
  return {
    properties: isTooMuch ? undefined : properties,
    propstats: [{ status, properties: names.map(emptyElement) }],
  };
}

/** What the server computes cannot be set, but for the name that is shown (RFC 4918 §15.2). */
function isProtected(name: PropertyName): boolean {
  return isLive(name) && name.name !== 'displayname';
}

function distinct(names: readonly PropertyName[]): PropertyName[] {
  return names.filter((name, i) => names.findIndex((each) => sameName(each, name)) === i);
}
