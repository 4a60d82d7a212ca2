/** Says which credentials an operation asks for. */

import type { SecurityRecord } from '../decorators/metadata.js';
import type { SecurityRequirement } from './open-api-document.js';

/** Joins what is asked for: all of it at once, what is optional in an alternative of its own. */
export function requirementsOf(records: readonly SecurityRecord[]): SecurityRequirement[] | undefined {
  if (records.length === 0) return undefined;
  const needed = join(records.filter(({ options }) => options.isOptional !== true));
  const all = join(records);
  return Object.keys(all).length === Object.keys(needed).length ? [all] : [all, needed];
}

/** Whether somebody without credentials is refused. */
export function refusesStrangers(records: readonly SecurityRecord[]): boolean {
  return records.some(({ options }) => options.isOptional !== true);
}

function join(records: readonly SecurityRecord[]): SecurityRequirement {
  const scopes = new Map<string, Set<string>>();
  for (const { name, options } of records) {
    scopes.set(name, new Set([...(scopes.get(name) ?? []), ...(options.scopes ?? [])]));
  }
  return Object.fromEntries([...scopes].map(([name, list]) => [name, [...list]]));
}
