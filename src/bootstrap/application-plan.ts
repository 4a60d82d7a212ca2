/** Proves an application: everything is read and checked, nothing is made. */

import type { MiddlewareClass } from '../decorators/injected.js';
import { type AnyClass, controllerRecord } from '../decorators/metadata.js';
import type { Middleware } from '../http/handler.js';
import { byFile, type Finding, finding } from './checks/finding.js';
import { checkMiddleware, isClass } from './checks/handler-checks.js';
import { checkLimit } from './checks/layer-checks.js';
import type { Container } from './container.js';
import { checkDocs } from './docs-options.js';
import { checkClashes, checkList, type Found, type PlannedRoute, planController } from './route-plan.js';

/** What is proved. */
export interface PlanOptions {
  readonly controllers: readonly unknown[];
  /** Middleware of the whole application. */
  readonly use?: readonly (Middleware | MiddlewareClass)[];
  /** Milliseconds for a route that names none. */
  readonly timeout?: number | undefined;
  /** Where the application describes itself. */
  readonly docs?: unknown;
  readonly container: Container;
}

/** An application that was read. Only one without errors can be built. */
export interface ApplicationPlan {
  /** In the order of the controllers. */
  readonly routes: readonly PlannedRoute[];
  /** Sorted by file, as the warnings are. */
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** Reads controllers, and what they need, into a plan with everything that is wrong with it. */
export function planApplication(options: PlanOptions): ApplicationPlan {
  const { use = [], container, timeout } = options;
  const found: Found = { errors: checkMiddleware('use', use), warnings: [] };
  if (timeout !== undefined) {
    found.errors.push(...checkLimit('options', { kind: 'timeout', value: timeout, decorator: `timeout: ${timeout}` }));
  }
  const controllers = checkList(options.controllers, found.errors);
  const routes = controllers.flatMap((controller) => planController(controller, found));
  checkClashes(routes, found.errors);
  if (options.docs !== undefined) found.errors.push(...checkDocs(options.docs, routes));
  for (const controller of controllers) {
    const record = controllerRecord(controller);
    if (record !== undefined) found.errors.push(...container.prove(controller, record.scope));
  }
  const middleware = [...use, ...routes.flatMap((route) => route.middleware)];
  for (const each of classesAmong(middleware)) {
    found.errors.push(...container.prove(each));
    if (container.isRequestScoped(each)) found.errors.push(scopedMiddleware(each));
  }
  const resolvers = routes.flatMap(({ parameters }) => parameters.records.map(({ resolver }) => resolver));
  for (const each of classesAmong(resolvers)) found.errors.push(...container.prove(each));
  return { routes, errors: byFile(found.errors), warnings: byFile(found.warnings) };
}

/** Middleware is joined into one chain at boot. */
function scopedMiddleware(middleware: AnyClass): Finding {
  return finding(
    middleware,
    'middleware that is a singleton',
    'a request-scoped class',
    'One instance stands in the chain of every request: give it what it needs through req.state, or make it a resolver.',
  );
}

function classesAmong(entries: readonly unknown[]): Set<AnyClass> {
  return new Set(entries.filter(isClass) as unknown as AnyClass[]);
}
