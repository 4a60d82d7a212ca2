/** Reads what a PROPFIND asks for, and picks that from a resource (RFC 4918 §9.1). */

import { HttpError } from 'luminaire';
import { type DeadProperty, type PropertyName, sameName } from './dead-property.js';
import { type Facts, LIVE_PROPERTIES } from './live-properties.js';
import type { PropStat } from './multistatus.js';
import { elementsOf, isDav, parseXml } from './xml.js';
import { escapeAttribute } from './xml-text.js';

export type PropFind =
  | { readonly kind: 'propname' }
  /** All that are usual, and `names` (the `include` of RFC 4918 §14.8). */
  | { readonly kind: 'allprop'; readonly names: readonly PropertyName[] }
  | { readonly kind: 'prop'; readonly names: readonly PropertyName[] };

/** Without content it is `allprop`. @throws HttpError 400 for what is no `propfind`. */
export function parsePropFind(text: string): PropFind {
  if (text.trim() === '') return { kind: 'allprop', names: [] };
  const root = parseXml(text);
  HttpError.assert(isDav(root, 'propfind'), 'A PROPFIND has a propfind element.', 400);
  const elements = elementsOf(root);
  const asked = elements.filter((each) => ['allprop', 'propname', 'prop'].some((name) => isDav(each, name)));
  const [first] = asked;
  HttpError.assert(first && asked.length === 1, 'A propfind has one of allprop, propname and prop.', 400);
  if (first.name === 'propname') return { kind: 'propname' };
  if (first.name === 'prop') return { kind: 'prop', names: elementsOf(first) };
  const includes = elements.filter((each) => isDav(each, 'include'));
  return { kind: 'allprop', names: includes.flatMap(elementsOf) };
}

/** What a resource has of what is asked for, and what it has not. */
export function pick(asked: PropFind, facts: Facts, dead: readonly DeadProperty[]): PropStat[] {
  const found: string[] = [];
  const missing: string[] = [];
  if (asked.kind === 'propname') {
    for (const name of LIVE_PROPERTIES.keys()) if (liveXml(name, facts) !== undefined) found.push(`<D:${name}/>`);
    found.push(...dead.filter((each) => !isLive(each)).map(emptyElement));
  } else {
    for (const name of namesOf(asked, facts, dead)) {
      const xml =
        dead.find((each) => sameName(each, name))?.xml ?? (isLive(name) ? liveXml(name.name, facts) : undefined);
      if (xml === undefined) missing.push(emptyElement(name));
      else found.push(xml);
    }
  }
  const stats: PropStat[] = [];
  // A resource without any of them still has its propstat (RFC 4918 §14.24).
  if (found.length > 0 || missing.length === 0) stats.push({ status: 200, properties: found });
  if (missing.length > 0) stats.push({ status: 404, properties: missing });
  return stats;
}

/** The element of a property that has no value, or whose value does not matter. */
export function emptyElement({ namespace, name }: PropertyName): string {
  if (namespace === 'DAV:') return `<D:${name}/>`;
  return namespace === '' ? `<${name}/>` : `<n:${name} xmlns:n="${escapeAttribute(namespace)}"/>`;
}

/** Whether the server computes a property of that name. */
export function isLive({ namespace, name }: PropertyName): boolean {
  return namespace === 'DAV:' && LIVE_PROPERTIES.has(name);
}

function namesOf(
  { kind, names }: Exclude<PropFind, { kind: 'propname' }>,
  facts: Facts,
  dead: readonly DeadProperty[],
): readonly PropertyName[] {
  if (kind === 'prop') return names;
  const usual = [...LIVE_PROPERTIES]
    .filter(([name, { isUsual }]) => isUsual && liveXml(name, facts) !== undefined)
    .map(([name]) => ({ namespace: 'DAV:', name }));
  const all: PropertyName[] = [...usual];
  for (const name of [...dead, ...names]) if (!all.some((each) => sameName(each, name))) all.push(name);
  return all;
}

function liveXml(name: string, facts: Facts): string | undefined {
  const value = LIVE_PROPERTIES.get(name)?.value(facts);
  if (value === undefined) return undefined;
  return value === '' ? `<D:${name}/>` : `<D:${name}>${value}</D:${name}>`;
}
