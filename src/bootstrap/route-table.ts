/** Builds the frozen route table, or reports every mistake in one error. */

import type { Class, MiddlewareClass, Resolver } from '../decorators/injected.js';
import type { AnyClass, HandlerKey, MethodParameters, ReplyRecord, RouteRecord } from '../decorators/metadata.js';
import type { Handler, Middleware } from '../http/handler.js';
import type { Logger } from '../http/logger.js';
import type { Request } from '../http/request.js';
import type { Route } from '../routing/route.js';
import { compose, composeChecked } from '../server/middleware.js';
import type { Env } from '../server/opts.js';
import { type PlanOptions, planApplication } from './application-plan.js';
import { BootError, type Finding } from './checks/finding.js';
import { isClass } from './checks/handler-checks.js';
import type { Container } from './container.js';
import { buildErrorMethods, buildHandler, type HandlerInstance, type OpenScope } from './handler.js';
import { limitContent, limitTime } from './limits.js';
import { mapErrors } from './replies/error-mapping.js';
import type { RequestContainer } from './request-scope.js';
import { type PlannedRoute, routedMethod } from './route-plan.js';

/** One route of the application, checked. */
export interface RouteDescription {
  readonly method: string;
  /** The controller's prefix joined with the method's own path. */
  readonly pattern: string;
  /** The pattern in its parts. */
  readonly path: Route;
  readonly controller: AnyClass;
  readonly className: string;
  readonly methodName: string;
  readonly handlerKey: HandlerKey;
  /** `Class.method`. */
  readonly place: string;
  /** The names of what stands around the handler, outermost first. */
  readonly middleware: readonly string[];
  readonly sends: RouteRecord['sends'];
  readonly parameters: MethodParameters;
  readonly replies: readonly ReplyRecord[];
  /** The media types of `@Produces`, the preferred first. */
  readonly produces: readonly string[];
}

/** One route of the application, ready to serve. */
export interface RouteEntry extends RouteDescription {
  /** Limits, middleware of class and method, then parameters, the method and its reply. */
  readonly handler: Handler;
}

export interface RouteTableOptions extends PlanOptions {
  readonly env: Env;
  readonly logger: Logger;
}

/** The application as its Server is told of it. */
export interface RouteTable {
  /** `use`, its classes made. */
  readonly middleware: readonly Middleware[];
  /** In the order of the controllers. */
  readonly routes: readonly RouteEntry[];
  /** What may be meant otherwise. */
  readonly warnings: readonly Finding[];
}

/**
 * Builds the routes of `controllers`, in their order. Every class that they need is made, dependencies first.
 *
 * @throws BootError with every finding of every controller. Nothing was made unless a constructor is what failed.
 */
export function buildRouteTable(options: RouteTableOptions): RouteTable {
  const { container, use = [] } = options;
  const { routes, errors, warnings } = planApplication(options);
  if (errors.length > 0) throw new BootError(errors);
  container.makeSingletons();
  return Object.freeze({
    middleware: Object.freeze(use.map((each) => middlewareOf(each, container))),
    routes: Object.freeze(routes.map((each) => buildEntry(each, options))),
    warnings,
  });
}

/** Writes one line a route: method, path, what stands around it, and its place. */
export function describeRoutes(
  routes: readonly Pick<RouteEntry, 'method' | 'pattern' | 'middleware' | 'place' | 'sends'>[],
): string {
  const methodWidth = Math.max(0, ...routes.map((route) => routedMethod(route).length));
  const patternWidth = Math.max(0, ...routes.map(({ pattern }) => pattern.length));
  return routes
    .map((route) => {
      const { pattern, middleware, place } = route;
      const chain = [...middleware, place].join(' → ');
      return `${routedMethod(route).padEnd(methodWidth)}  ${pattern.padEnd(patternWidth)}  ${chain}\n`;
    })
    .join('');
}

/** The name of a middleware, as a route table has it. */
export function middlewareName({ name }: { readonly name: string }): string {
  return name || '(anonymous)';
}

/** Describes a route that was read, be it built or not. */
export function describeRoute(planned: PlannedRoute): RouteDescription {
  const { controller, route, pattern, parsed, place, parameters, replies, representations, middleware } = planned;
  return {
    method: route.method,
    pattern,
    path: parsed,
    controller,
    className: controller.name,
    methodName: String(route.handlerKey),
    handlerKey: route.handlerKey,
    place: place.name,
    middleware: Object.freeze(middleware.map(middlewareName)),
    sends: route.sends,
    parameters,
    replies,
    produces: Object.freeze(representations.map(({ type }) => type)),
  };
}

function buildEntry(planned: PlannedRoute, options: RouteTableOptions): RouteEntry {
  return Object.freeze({ ...describeRoute(planned), handler: buildChain(planned, options) });
}

/** Joins everything that a request meets between the router and the method. Each layer is there only where it is used. */
function buildChain(planned: PlannedRoute, { container, env, logger, timeout: byDefault }: RouteTableOptions): Handler {
  const { controller, route, parameters, replies, middleware, errors } = planned;
  const place = planned.place.name;
  const isScoped = container.isRequestScoped(controller);
  const needsScope =
    isScoped || parameters.records.some(({ resolver }) => resolver && container.isRequestScoped(resolver));
  const scopes = new WeakMap<Request, RequestContainer>();
  const keepsScope = isScoped && errors.length > 0;
  const open: OpenScope = (req, res) => {
    const scope = container.child(req, res);
    if (keepsScope) scopes.set(req, scope);
    return scope;
  };
  const made = controller as unknown as Class<HandlerInstance>;
  const instance = isScoped ? made : container.resolve(made);
  const core = buildHandler({
    place,
    key: route.handlerKey,
    sends: route.sends,
    parameters,
    replies,
    representations: planned.representations,
    env,
    logger,
    makeResolver: (resolver: Class<Resolver>) =>
      container.isRequestScoped(resolver) ? undefined : container.resolve(resolver),
    instance,
    open: needsScope ? open : undefined,
    webSocket: route.webSocket,
  });
  const stack = middleware.map((each) => middlewareOf(each, container));
  let handler = (env === 'debug' ? composeChecked : compose)(stack, core);
  const timeout = planned.timeout?.value ?? byDefault ?? Number.POSITIVE_INFINITY;
  if (timeout !== Number.POSITIVE_INFINITY) handler = limitTime(handler, timeout, place);
  if (errors.length > 0) {
    const instanceFor = (req: Request) => (isScoped ? scopes.get(req)?.resolve(made) : (instance as HandlerInstance));
    handler = mapErrors(handler, buildErrorMethods({ errors, instanceFor, place, env, logger }));
  }
  return planned.maxBodySize === undefined ? handler : limitContent(handler, planned.maxBodySize.value);
}

function middlewareOf(middleware: Middleware | MiddlewareClass, container: Container): Middleware {
  if (!isClass(middleware)) return middleware as Middleware;
  const instance = container.resolve(middleware as unknown as MiddlewareClass);
  const bound: Middleware = (req, res, next) => instance.handle(req, res, next);
  return Object.defineProperty(bound, 'name', { value: middleware.name });
}
