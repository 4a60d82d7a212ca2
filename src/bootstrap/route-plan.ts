/** Reads controllers into planned routes, and finds what is wrong with them. */

import type { MiddlewareClass } from '../decorators/injected.js';
import {
  type AnyClass,
  type ControllerRecord,
  classMiddleware,
  controllerRecord,
  docRecords,
  type ErrorRecord,
  errorRecords,
  type HandlerKey,
  type LimitRecord,
  limitRecord,
  lineage,
  type MethodParameters,
  methodMiddleware,
  methodParameters,
  ownRecords,
  producesRecords,
  type ReplyRecord,
  type Representation,
  type RouteRecord,
  replyRecords,
  routeRecords,
} from '../decorators/metadata.js';
import { methodMeant } from '../decorators/route.js';
import type { Middleware } from '../http/handler.js';
import { joinPaths, parsePattern, type Route, RouteError } from '../routing/route.js';
import { Router } from '../routing/router.js';
import { checkClassDoc, checkMethodDoc } from './checks/doc-checks.js';
import { type Finding, finding, type Place } from './checks/finding.js';
import { checkForm } from './checks/form-checks.js';
import {
  checkMiddleware,
  checkParameters,
  checkReplies,
  checkUnreadParts,
  describe,
  isClass,
  isToken,
} from './checks/handler-checks.js';
import { checkMembers, checkOverrides, placeOf } from './checks/member-checks.js';
import { checkProduces } from './checks/produces-checks.js';
import { checkWebSockets } from './checks/web-socket-checks.js';

/** A route that has been read and not yet been built. */
export interface PlannedRoute {
  readonly controller: AnyClass;
  readonly record: ControllerRecord;
  readonly route: RouteRecord;
  readonly pattern: string;
  readonly parsed: Route;
  readonly place: Place;
  readonly parameters: MethodParameters;
  readonly replies: readonly ReplyRecord[];
  readonly representations: readonly Representation[];
  readonly middleware: readonly (Middleware | MiddlewareClass)[];
  /** Nearest class first. */
  readonly errors: readonly ErrorRecord[];
  readonly timeout: LimitRecord | undefined;
  readonly maxBodySize: LimitRecord | undefined;
}

/** What a WebSocket is opened by, where it stands among methods: in lists of routes, and beside a `@Get` of one path. */
export const WEB_SOCKET_METHOD = 'WebSocket';

/** The method that a route is listed by, which no other route of its path has. */
export function routedMethod({ method, sends }: Pick<RouteRecord, 'method' | 'sends'>): string {
  return sends === 'messages' ? WEB_SOCKET_METHOD : method;
}

/** What was found so far: errors stop the application, warnings are printed. */
export interface Found {
  readonly errors: Finding[];
  readonly warnings: Finding[];
}

/** Lists the entries that are controllers, each once. */
export function checkList(entries: readonly unknown[], findings: Finding[]): AnyClass[] {
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
      findings.push(finding(controller, 'to be listed once in controllers', 'it again', 'Remove one of the two.'));
      return;
    }
    controllers.add(controller);
  });
  return [...controllers];
}

/** Reads one controller, and checks all that can be checked without the others. */
export function planController(controller: AnyClass, found: Found): PlannedRoute[] {
  const findings = found.errors;
  const record = controllerRecord(controller);
  const count = ownRecords(controller)?.controllers.length ?? 0;
  if (record === undefined) {
    const inherits = lineage(controller).some(controllerRecord);
    findings.push(
      finding(
        controller,
        'a class with @Controller',
        inherits ? 'a subclass without one of its own' : 'no @Controller',
        inherits
          ? 'Routes are inherited, the prefix is not: write @Controller(prefix) above it.'
          : 'Write @Controller() above it.',
      ),
    );
    return [];
  }
  if (count > 1)
    findings.push(finding(controller, 'one @Controller', String(count), 'A class has one prefix: remove one.'));
  checkMembers(controller, findings);
  checkOverrides(controller, found.warnings);
  const middleware = classMiddleware(controller);
  findings.push(...checkMiddleware(controller, middleware), ...checkClassDoc(controller, docRecords(controller)));
  const routes = routeRecords(controller);
  if (routes.length === 0) {
    findings.push(
      finding(
        controller,
        'at least one route',
        'none',
        'Write @Get, @Post or another above a method, or do not list the class.',
      ),
    );
  }
  const byHandler = new Map<HandlerKey, RouteRecord[]>();
  for (const route of routes) byHandler.set(route.handlerKey, [...(byHandler.get(route.handlerKey) ?? []), route]);
  return [...byHandler].flatMap(([key, records]) => planHandler(controller, record, key, records, middleware, found));
}

/** Reads one method with all routes that lead to it. */
function planHandler(
  controller: AnyClass,
  record: ControllerRecord,
  key: HandlerKey,
  routes: readonly RouteRecord[],
  around: readonly (Middleware | MiddlewareClass)[],
  found: Found,
): PlannedRoute[] {
  const findings = found.errors;
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
  const produces = producesRecords(controller, key);
  const own = methodMiddleware(controller, key);
  const errors = errorRecords(controller);
  const planned = routes.flatMap((route): PlannedRoute[] => {
    checkMethod(place, route, findings);
    const parsed = checkPath(place, record, route, findings);
    if (parsed === undefined) return [];
    const { pattern } = parsed;
    return [
      {
        controller,
        record,
        route,
        pattern,
        parsed,
        place,
        parameters,
        replies,
        representations: produces[0]?.representations ?? [],
        middleware: [...around, ...own],
        errors,
        timeout: limitRecord(controller, key, 'timeout'),
        maxBodySize: limitRecord(controller, key, 'maxBodySize'),
      },
    ];
  });
  const facts = {
    place,
    parameters,
    replies,
    length: method.length,
    routes: planned.map(({ route, parsed }) => ({ method: route.method, route: parsed, sends: route.sends })),
  };
  findings.push(...checkParameters(facts), ...checkReplies(facts), ...checkProduces(facts, produces));
  findings.push(...checkWebSockets(facts, routes, produces));
  findings.push(...checkMethodDoc(place, docRecords(controller, key), parameters));
  findings.push(...checkForm(facts), ...checkMiddleware(place, own));
  // Middleware is handed the request, and a controller of its scope may be.
  if (around.length + own.length === 0 && record.scope === 'singleton') found.warnings.push(...checkUnreadParts(facts));
  return planned;
}

function checkMethod(place: Place, { method, decorator }: RouteRecord, findings: Finding[]): void {
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
  place: Place,
  { prefix }: ControllerRecord,
  route: RouteRecord,
  findings: Finding[],
): Route | undefined {
  try {
    return parsePattern(joinPaths(prefix, route.path));
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    const remedy = 'A path is made of literals, :name, a last :name? or *name; or it is "*" alone.';
    const found = JSON.stringify(prefix === '' ? route.path : `${prefix} with ${route.path}`);
    findings.push(finding(place, 'a path that can be routed', found, remedy, `${route.decorator} ${error.message}`));
    return undefined;
  }
}

/** Registers every route once, only to hear of those that are taken. Not where none can be: it takes as long as boot. */
export function checkClashes(planned: readonly PlannedRoute[], findings: Finding[]): void {
  if (!mayClash(planned)) return;
  const router = new Router<PlannedRoute>();
  for (const each of planned) {
    try {
      router.on(routedMethod(each.route), each.pattern, each, each.place.name);
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      const remedy = 'Change one of the paths, or one of the methods.';
      findings.push(
        finding(
          each.place,
          'a route of its own',
          `${routedMethod(each.route)} ${each.pattern}`,
          remedy,
          `${each.route.decorator}: ${error.message}`,
        ),
      );
    }
  }
}

/** Whether two routes take the same paths, or one is for a method without any. */
function mayClash(planned: readonly PlannedRoute[]): boolean {
  const seen = new Set<string>();
  for (const { route, parsed } of planned) {
    if (route.method === 'CONNECT') return true;
    const { segments, optional } = parsed;
    for (const variant of optional ? [segments, segments.slice(0, -1)] : [segments]) {
      const shape = variant.map((segment) => `/${segment.kind === 'literal' ? segment.text : `:${segment.kind}`}`);
      const key = `${routedMethod(route)} ${shape.join('') || '/'}`;
      if (seen.has(key)) return true;
      seen.add(key);
    }
  }
  return false;
}

function memberOf(controller: AnyClass, key: HandlerKey): unknown {
  for (const each of lineage(controller)) {
    const member = Object.getOwnPropertyDescriptor(each.prototype, key);
    if (member !== undefined) return member.value;
  }
  return undefined;
}
