/** Turns controllers into routes, or lists everything that is wrong with them. */

import type { Class, MiddlewareClass, Resolver } from '../decorators/injected.js';
import {
  type AnyClass,
  type ControllerRecord,
  classMiddleware,
  controllerRecord,
  type HandlerKey,
  lineage,
  type MethodParameters,
  methodMiddleware,
  methodParameters,
  ownRecords,
  type ReplyRecord,
  type RouteRecord,
  replyRecords,
  routeRecords,
} from '../decorators/metadata.js';
import { methodMeant } from '../decorators/route.js';
import type { Handler, Middleware } from '../http/handler.js';
import { joinPaths, parsePattern, type Route, RouteError } from '../routing/route.js';
import { Router } from '../routing/router.js';
import type { Logger } from '../server/logger.js';
import { compose, composeChecked } from '../server/middleware.js';
import type { Env } from '../server/opts.js';
import type { Container } from './container.js';
import { BootError, type Finding, finding } from './finding.js';
import { buildHandler, type HandlerInstance } from './handler.js';
import { checkMiddleware, checkParameters, checkReplies, describe, isClass, isToken } from './handler-checks.js';

/** One route of the application, checked and ready to serve. */
export interface RouteEntry {
  readonly method: string;
  /** The controller's prefix joined with the method's own path. */
  readonly pattern: string;
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

/** A route that has been read and not yet been built. */
interface PlannedRoute {
  readonly controller: AnyClass;
  readonly record: ControllerRecord;
  readonly route: RouteRecord;
  readonly pattern: string;
  readonly parsed: Route;
  readonly place: string;
  readonly parameters: MethodParameters;
  readonly replies: readonly ReplyRecord[];
  readonly middleware: readonly (Middleware | MiddlewareClass)[];
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

/** Lists the entries that are controllers, each once. */
function checkList(entries: readonly unknown[], findings: Finding[]): AnyClass[] {
  const controllers = new Set<AnyClass>();
  entries.forEach((entry, i) => {
    if (!isClass(entry)) {
      const remedy =
        entry === undefined
          ? 'Its module was not evaluated yet: it and the module that lists it import each other.'
          : 'List the class itself, not an instance or a function.';
      findings.push(finding(`controllers[${i}]`, 'a class with @Controller', describe(entry), remedy));
      return;
    }
    const controller = entry as unknown as AnyClass;
    if (controllers.has(controller)) {
      findings.push(finding(controller.name, 'to be listed once in controllers', 'it again', 'Remove one of the two.'));
      return;
    }
    controllers.add(controller);
  });
  return [...controllers];
}

/** Reads one controller, and checks all that can be checked without the others. */
function planController(controller: AnyClass, findings: Finding[]): PlannedRoute[] {
  const { name } = controller;
  const record = controllerRecord(controller);
  const count = ownRecords(controller)?.controllers.length ?? 0;
  if (record === undefined) {
    const inherits = lineage(controller).some(controllerRecord);
    findings.push(
      finding(
        name,
        'a class with @Controller',
        inherits ? 'a subclass without one of its own' : 'no @Controller',
        inherits
          ? 'Routes are inherited, the prefix is not: write @Controller(prefix) above it.'
          : 'Write @Controller() above it.',
      ),
    );
    return [];
  }
  if (count > 1) findings.push(finding(name, 'one @Controller', String(count), 'A class has one prefix: remove one.'));
  checkMembers(controller, findings);
  const middleware = classMiddleware(controller);
  findings.push(...checkMiddleware(name, middleware));
  const routes = routeRecords(controller);
  if (routes.length === 0) {
    findings.push(
      finding(
        name,
        'at least one route',
        'none',
        'Write @Get, @Post or another above a method, or do not list the class.',
      ),
    );
  }
  const byHandler = new Map<HandlerKey, RouteRecord[]>();
  for (const route of routes) byHandler.set(route.handlerKey, [...(byHandler.get(route.handlerKey) ?? []), route]);
  return [...byHandler].flatMap(([key, records]) =>
    planHandler(controller, record, key, records, middleware, findings),
  );
}

/** Reads one method with all routes that lead to it. */
function planHandler(
  controller: AnyClass,
  record: ControllerRecord,
  key: HandlerKey,
  routes: readonly RouteRecord[],
  around: readonly (Middleware | MiddlewareClass)[],
  findings: Finding[],
): PlannedRoute[] {
  const place = placeOf(controller, key);
  const decorator = routes[0]?.decorator ?? '';
  if (routes.some(({ isStatic }) => isStatic)) {
    findings.push(finding(place, `an instance method under ${decorator}`, 'a static one', 'Remove "static".'));
    return [];
  }
  const method = memberOf(controller, key);
  if (typeof method !== 'function') {
    findings.push(
      finding(place, `a method under ${decorator}`, 'something that is not a function', 'Decorate a method.'),
    );
    return [];
  }
  const parameters = methodParameters(controller, key);
  const replies = replyRecords(controller, key);
  const own = methodMiddleware(controller, key);
  const planned = routes.flatMap((route): PlannedRoute[] => {
    checkMethod(place, route, findings);
    const pattern = checkPath(place, record, route, findings);
    if (pattern === undefined) return [];
    const parsed = parsePattern(pattern);
    return [
      { controller, record, route, pattern, parsed, place, parameters, replies, middleware: [...around, ...own] },
    ];
  });
  const facts = {
    place,
    parameters,
    replies,
    length: method.length,
    routes: planned.map(({ route, parsed }) => ({ method: route.method, route: parsed, sends: route.sends })),
  };
  findings.push(...checkParameters(facts), ...checkReplies(facts), ...checkMiddleware(place, own));
  return planned;
}

/** Finds decorators that stand where nothing reads them. */
function checkMembers(controller: AnyClass, findings: Finding[]): void {
  const records = lineage(controller).flatMap((each) => ownRecords(each) ?? []);
  const routed = new Set(routeRecords(controller).map(({ handlerKey }) => handlerKey));
  const stray = new Map<HandlerKey, string>();
  for (const { parameters, uses, replies } of records) {
    for (const { handlerKey, decorator } of [...parameters, ...replies]) {
      if (handlerKey === undefined) {
        findings.push(
          finding(
            controller.name,
            'nothing but dependencies in the constructor',
            decorator,
            'No request is there yet: read it in a handler, or with @From.',
          ),
        );
      } else if (!routed.has(handlerKey)) stray.set(handlerKey, decorator);
    }
    for (const { handlerKey } of uses)
      if (handlerKey !== undefined && !routed.has(handlerKey)) stray.set(handlerKey, '@Use');
  }
  for (const [key, decorator] of stray) {
    findings.push(
      finding(
        placeOf(controller, key),
        `a route beside ${decorator}`,
        'none',
        'The method is never called: write @Get, @Post or another above it, or remove the decorator.',
      ),
    );
  }
}

function checkMethod(place: string, { method, decorator }: RouteRecord, findings: Finding[]): void {
  if (typeof method !== 'string' || !isToken(method)) {
    findings.push(
      finding(place, 'a method that is a token (RFC 9110 §5.6.2)', describe(method), 'Write QUERY, say, in @Route.'),
    );
    return;
  }
  const meant = methodMeant(method);
  if (meant === undefined || meant === method) return;
  findings.push(
    finding(place, `"${meant}"`, decorator, 'Methods are case-sensitive (RFC 9110 §9.1), so no client would reach it.'),
  );
}

/** Joins and parses the path of a route, which may turn out to be none. */
function checkPath(
  place: string,
  { prefix }: ControllerRecord,
  route: RouteRecord,
  findings: Finding[],
): string | undefined {
  try {
    const pattern = joinPaths(prefix, route.path);
    parsePattern(pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    const remedy = 'A path is made of literals, :name, a last :name? or *name; or it is "*" alone.';
    const found = JSON.stringify(prefix === '' ? route.path : `${prefix} with ${route.path}`);
    findings.push(finding(place, 'a path that can be routed', found, remedy, `${route.decorator} ${error.message}`));
    return undefined;
  }
}

/** Registers every route once, only to hear of those that are taken. */
function checkClashes(planned: readonly PlannedRoute[], findings: Finding[]): void {
  const router = new Router<PlannedRoute>();
  for (const each of planned) {
    try {
      router.on(each.route.method, each.pattern, each, each.place);
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      const remedy = 'Change one of the paths, or one of the methods.';
      findings.push(
        finding(
          each.place,
          'a route of its own',
          `${each.route.method} ${each.pattern}`,
          remedy,
          `${each.route.decorator}: ${error.message}`,
        ),
      );
    }
  }
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

function memberOf(controller: AnyClass, key: HandlerKey): unknown {
  for (const each of lineage(controller)) {
    const member = Object.getOwnPropertyDescriptor(each.prototype, key);
    if (member !== undefined) return member.value;
  }
  return undefined;
}

function placeOf(controller: AnyClass, key: HandlerKey): string {
  return typeof key === 'symbol' ? `${controller.name}[${String(key)}]` : `${controller.name}.${key}`;
}
