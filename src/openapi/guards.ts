/** Finds the classes whose word counts for a route: its controller, what stands around it, and what it asks. */

import type { RouteDescription } from '../bootstrap/route-table.js';
import type { DocOptions } from '../decorators/doc.js';
import {
  type AnyClass,
  classMiddleware,
  constructorTypes,
  docRecords,
  methodMiddleware,
  type SecurityRecord,
  securityRecords,
} from '../decorators/metadata.js';

/** Lists the middleware and the resolvers of a route, with what is injected into them, each once. */
export function guardsOf(
  { controller, handlerKey, parameters }: RouteDescription,
  use: readonly unknown[],
): AnyClass[] {
  const found = new Set<AnyClass>();
  const visit = (entry: unknown): void => {
    if (typeof entry !== 'function' || found.has(entry)) return;
    found.add(entry);
    for (const dependency of constructorTypes(entry) ?? []) visit(dependency);
  };
  const resolvers = parameters.records.map(({ resolver }) => resolver);
  for (const each of [
    ...use,
    ...classMiddleware(controller),
    ...methodMiddleware(controller, handlerKey),
    ...resolvers,
  ]) {
    visit(each);
  }
  return [...found];
}

/** Lists every `@Doc` that counts for a route, the closest last: of its guards, its controller, its method. */
export function docsOf({ controller, handlerKey }: RouteDescription, guards: readonly AnyClass[]): DocOptions[] {
  const records = [
    ...guards.flatMap((guard) => docRecords(guard)),
    ...docRecords(controller),
    ...docRecords(controller, handlerKey),
  ];
  return records.map(({ options }) => options);
}

/** Lists every `@Security` that counts for a route. */
export function securitiesOf(
  { controller, handlerKey }: RouteDescription,
  guards: readonly AnyClass[],
): SecurityRecord[] {
  return [
    ...guards.flatMap((guard) => securityRecords(guard)),
    ...securityRecords(controller),
    ...securityRecords(controller, handlerKey),
  ];
}
