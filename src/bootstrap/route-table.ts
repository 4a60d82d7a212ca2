/** Builds the frozen route table, or reports every mistake in one error. */

import type { Class, MiddlewareClass, Resolver } from '../decorators/injected.js';
import {
  type AnyClass,
  controllerRecord,
  type MethodParameters,
  type ReplyRecord,
  type RouteRecord,
} from '../decorators/metadata.js';
import type { Handler, Middleware } from '../http/handler.js';
import type { Logger } from '../server/logger.js';
import { compose, composeChecked } from '../server/middleware.js';
import type { Env } from '../server/opts.js';
import type { Container } from './container.js';
import { BootError, type Finding } from './finding.js';
import { buildHandler, type HandlerInstance } from './handler.js';
import { checkMiddleware, isClass } from './handler-checks.js';
import { checkClashes, checkList, type PlannedRoute, planController } from './route-plan.js';

/** One route of the application, checked and ready to serve. */
export interface RouteEntry {
  readonly method: string;
  /** The controller's prefix joined with the method's own path. */
  readonly pattern: string;
  readonly controller: AnyClass;
  readonly className: string;
  readonly methodName: string;
  /** `Class.method`. */
  readonly place: string;
  /** The names of what stands around the handler, outermost first. */
  readonly middleware: readonly string[];
  readonly sends: RouteRecord['sends'];
  readonly parameters: MethodParameters;
  readonly replies: readonly ReplyRecord[];
  /** Middleware of class and method, then parameters, the method and its reply. */
  readonly handler: Handler;
}

export interface RouteTableOptions {
  readonly controllers: readonly unknown[];
  /** Middleware of the whole application. */
  readonly use?: readonly (Middleware | MiddlewareClass)[];
  readonly container: Container;
  readonly env: Env;
  readonly logger: Logger;
}

/** The application as its Server is told of it. */
export interface RouteTable {
  /** `use`, its classes made. */
  readonly middleware: readonly Middleware[];
  /** In the order of the controllers. */
  readonly routes: readonly RouteEntry[];
}

/**
 * Builds the routes of `controllers`, in their order. Every class that they need is made, dependencies first.
 *
 * @throws BootError with every finding of every controller. Nothing was made unless a constructor is what failed.
 */
export function buildRouteTable(options: RouteTableOptions): RouteTable {
  const { container, use = [] } = options;
  const findings: Finding[] = checkMiddleware('use', use);
  const controllers = checkList(options.controllers, findings);
  const planned = controllers.flatMap((controller) => planController(controller, findings));
  checkClashes(planned, findings);
  findings.push(...proveClasses(controllers, planned, options));
  if (findings.length > 0) throw new BootError(findings);
  container.makeSingletons();
  return Object.freeze({
    middleware: Object.freeze(use.map((each) => middlewareOf(each, container))),
    routes: Object.freeze(planned.map((each) => buildEntry(each, options))),
  });
}

/** Writes one line a route: method, path, what stands around it, and its place. */
export function describeRoutes(routes: readonly RouteEntry[]): string {
  const methodWidth = Math.max(0, ...routes.map(({ method }) => method.length));
  const patternWidth = Math.max(0, ...routes.map(({ pattern }) => pattern.length));
  return routes
    .map(({ method, pattern, middleware, place }) => {
      const chain = [...middleware, place].join(' → ');
      return `${method.padEnd(methodWidth)}  ${pattern.padEnd(patternWidth)}  ${chain}\n`;
    })
    .join('');
}

/** Proves controllers, middleware and resolvers: everything that the container is going to make. */
function proveClasses(
  controllers: readonly AnyClass[],
  planned: readonly PlannedRoute[],
  { container, use = [] }: RouteTableOptions,
): Finding[] {
  const findings = controllers.flatMap((controller) => {
    const record = controllerRecord(controller);
    return record === undefined ? [] : container.prove(controller, record.scope);
  });
  const classes = new Set<AnyClass>();
  for (const each of use) if (isClass(each)) classes.add(each as unknown as AnyClass);
  for (const { middleware, parameters } of planned) {
    for (const each of middleware) if (isClass(each)) classes.add(each as unknown as AnyClass);
    for (const { resolver } of parameters.records) if (isClass(resolver)) classes.add(resolver);
  }
  for (const each of classes) findings.push(...container.prove(each));
  return findings;
}

function buildEntry(planned: PlannedRoute, { container, env, logger }: RouteTableOptions): RouteEntry {
  const { controller, record, route, pattern, place, parameters, replies, middleware } = planned;
  const made = controller as unknown as Class<HandlerInstance>;
  const core = buildHandler({
    place,
    key: route.handlerKey,
    sends: route.sends,
    parameters,
    replies,
    env,
    logger,
    makeResolver: (resolver: Class<Resolver>) => container.resolve(resolver),
    ...(record.scope === 'request'
      ? { open: () => container.child(), controller: made }
      : { instance: container.resolve(made) }),
  });
  const stack = middleware.map((each) => middlewareOf(each, container));
  return Object.freeze({
    method: route.method,
    pattern,
    controller,
    className: controller.name,
    methodName: String(route.handlerKey),
    place,
    middleware: Object.freeze(middleware.map(({ name }) => name || '(anonymous)')),
    sends: route.sends,
    parameters,
    replies,
    handler: (env === 'debug' ? composeChecked : compose)(stack, core),
  });
}

function middlewareOf(middleware: Middleware | MiddlewareClass, container: Container): Middleware {
  if (!isClass(middleware)) return middleware as Middleware;
  const instance = container.resolve(middleware as unknown as MiddlewareClass);
  const bound: Middleware = (req, res, next) => instance.handle(req, res, next);
  return Object.defineProperty(bound, 'name', { value: middleware.name });
}
