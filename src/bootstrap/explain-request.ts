/** Tells what one request meets in an application, in order. */

import {
  classMiddleware,
  type LimitRecord,
  methodMiddleware,
  type ParameterRecord,
  type ReplyRecord,
  type Sends,
} from '../decorators/metadata.js';
import { checkMultipartOptions } from '../http/forms/multipart-options.js';
import { checkWebSocketOptions } from '../http/web-socket/web-socket-options.js';
import { BAD_PATH, Router } from '../routing/router.js';
import { isOfForm } from './checks/form-checks.js';
import { type AppLike, type InspectedApp, inspectApp } from './inspect-app.js';
import { formOptions } from './parameters/form-readers.js';
import { type PlannedRoute, routedMethod, WEB_SOCKET_METHOD } from './route-plan.js';
import { middlewareName } from './route-table.js';

/** One thing that a request meets. */
export interface Step {
  readonly kind: 'middleware' | 'route' | 'limit' | 'parameter' | 'resolver' | 'handler' | 'reply' | 'error';
  readonly what: string;
  /** `Class.method`, `Class`, `application`, or `server`. */
  readonly where: string;
}

/**
 * Lists what a request meets: `explainSteps(app, 'GET /todos/1')`, or `'WebSocket /chat'` for one that opens a socket.
 *
 * @throws TypeError for anything but a method and a path.
 */
export function explainSteps(app: AppLike, request: string): Step[] {
  const [method, target] = parseRequest(request);
  const inspected = inspectApp(app);
  const { options, routes, opts } = inspected;
  const isSocket = method === WEB_SOCKET_METHOD;
  const sockets = routes.filter(({ route }) => route.sends === 'messages');
  const others = routes.filter(({ route }) => route.sends !== 'messages');
  const router = new Router<PlannedRoute>();
  // Who asks for a socket is led to one first, who does not to anything else first.
  for (const each of isSocket ? sockets : [...others, ...sockets]) {
    try {
      router.on(isSocket ? method : each.route.method, each.pattern, each);
    } catch {
      // A duplicate: `check` tells, and the first of two is the one that would run.
    }
  }
  const steps: Step[] = (options.use ?? []).map((each) => step('middleware', middlewareName(each), 'application'));
  const [path = ''] = target.split('?', 1);
  const match = router.find(method, path);
  if (match === BAD_PATH)
    return [...steps, step('reply', '400: the path has a percent-escape that is no UTF-8', 'server')];
  if (match === undefined) return [...steps, unmatched(router, method, path)];
  const { value: found } = match;
  if (!isSocket && found.route.sends === 'messages') return [...steps, ...explainRefusal(found)];
  const byDefault = opts?.maxBodySize ?? 0;
  return [...steps, ...explainRoute(found, inspected, byDefault)];
}

/** Writes what a request meets, one a line, numbered. */
export function explainRequest(app: AppLike, request: string): string {
  const steps = explainSteps(app, request);
  const number = String(steps.length).length;
  const kind = Math.max(...steps.map((each) => each.kind.length));
  const what = Math.max(...steps.map((each) => each.what.length));
  const lines = steps.map(
    (each, i) =>
      `${String(i + 1).padStart(number)}  ${each.kind.padEnd(kind)}  ${each.what.padEnd(what)}  ${each.where}\n`,
  );
  return `${request}\n${lines.join('')}`;
}

function parseRequest(request: string): [method: string, target: string] {
  const [method = '', target = '', ...rest] = request.trim().split(/\s+/);
  if (method === '' || rest.length > 0 || !/^(?:\/|\*$)/.test(target)) {
    throw new TypeError(
      `A request is a method and a path, "GET /todos/1" for instance, got ${JSON.stringify(request)}`,
    );
  }
  return [method, target];
}

function step(kind: Step['kind'], what: string, where: string): Step {
  return { kind, what, where };
}

function unmatched(router: Router<PlannedRoute>, method: string, path: string): Step {
  const allowed = router.allowed(path);
  if (method === 'OPTIONS' && (allowed.length > 0 || path === '*')) {
    return step('reply', `204, Allow: ${(path === '*' ? router.allMethods() : allowed).join(', ')}`, 'server');
  }
  if (allowed.length > 0) return step('reply', `405, Allow: ${allowed.join(', ')}`, 'server');
  return step('reply', '404: no route matches', 'server');
}

/** What an ordinary request meets where there are WebSockets alone. */
function explainRefusal({ controller, route, pattern, place }: PlannedRoute): Step[] {
  return [
    step('route', `${routedMethod(route)} ${pattern} by ${route.decorator}`, place.name),
    ...classMiddleware(controller).map((each) => step('middleware', middlewareName(each), controller.name)),
    ...methodMiddleware(controller, route.handlerKey).map((each) =>
      step('middleware', middlewareName(each), place.name),
    ),
    step('reply', `426: this is served over WebSocket alone; explain "${WEB_SOCKET_METHOD} ${pattern}"`, place.name),
  ];
}

function explainRoute(planned: PlannedRoute, { container, options }: InspectedApp, maxBodySize: number): Step[] {
  const { controller, route, pattern, parameters, replies, errors } = planned;
  const place = planned.place.name;
  const isScoped = container.isRequestScoped(controller);
  return [
    step('route', `${routedMethod(route)} ${pattern} by ${route.decorator}`, place),
    route.sends === 'messages'
      ? step(
          'limit',
          limitText('maxMessageSize', checkWebSocketOptions(route.webSocket).maxMessageSize, 'bytes'),
          place,
        )
      : step(
          'limit',
          limitText('maxBodySize', planned.maxBodySize?.value ?? maxBodySize, 'bytes'),
          limitPlace(planned, planned.maxBodySize),
        ),
    step(
      'limit',
      limitText('timeout', planned.timeout?.value ?? options.timeout, 'ms'),
      limitPlace(planned, planned.timeout),
    ),
    ...explainForm(planned),
    ...classMiddleware(controller).map((each) => step('middleware', middlewareName(each), controller.name)),
    ...methodMiddleware(controller, route.handlerKey).map((each) => step('middleware', middlewareName(each), place)),
    ...parameters.records.map((record) =>
      explainParameter(record, parameters.types?.[record.index], planned, container),
    ),
    step('handler', isScoped ? `${place}, on an instance of this request` : place, place),
    ...explainProduces(planned),
    ...explainReply(replies, route.sends, place),
    ...errors.map(({ decorator, handlerKey }) => step('error', decorator, `${controller.name}.${String(handlerKey)}`)),
    ...(options.onError === undefined ? [] : [step('error', 'onError', 'application')]),
    step('error', 'an HttpError as it says, anything else 500', 'server'),
    ...(route.sends === 'messages' ? [step('error', '1011 once the socket is open', 'server')] : []),
  ];
}

/** Says how a form with files is read, where it is. */
function explainForm({ parameters, place }: PlannedRoute): Step[] {
  if (!parameters.records.some(isOfForm)) return [];
  const { store, directory: _directory, only: _only, ...limits } = checkMultipartOptions(formOptions(parameters));
  const isStreamed = parameters.records.some(({ source }) => source === 'parts');
  const where = isStreamed ? 'as it arrives' : store === 'disk' ? 'to temporary files' : 'to memory';
  const texts = Object.entries(limits).map(([name, value]) =>
    limitText(name, value, name.endsWith('Size') ? 'bytes' : ''),
  );
  return [step('limit', `form ${where}: ${texts.join(', ').replaceAll(': ', ' ')}`, place.name)];
}

function limitText(name: string, value: number | undefined, unit: string): string {
  return value === undefined || value === Number.POSITIVE_INFINITY
    ? `${name}: none`
    : `${name}: ${value} ${unit}`.trim();
}

function limitPlace({ controller, place }: PlannedRoute, limit: LimitRecord | undefined): string {
  if (limit === undefined) return 'application';
  return limit.handlerKey === undefined ? controller.name : place.name;
}

function explainParameter(
  { source, resolver, decorator, schema, isOptional }: ParameterRecord,
  type: unknown,
  { place }: PlannedRoute,
  container: InspectedApp['container'],
): Step {
  if (source === 'from' && resolver !== undefined) {
    const scope = container.isRequestScoped(resolver) ? ', one for this request' : '';
    return step('resolver', `${decorator}${scope}`, `${resolver.name}.resolve`);
  }
  const isRead =
    schema === undefined && typeof type === 'function' && ['param', 'query', 'header', 'cookie'].includes(source);
  const read =
    schema !== undefined ? `: a ${schema['~standard']?.vendor} schema` : isRead ? `: ${typeText(type.name)}` : '';
  return step('parameter', `${decorator}${read}${isOptional ? ', or nothing' : ''}`, place.name);
}

function typeText(name: string): string {
  if (name === 'Array') return 'string[]';
  return ['String', 'Number', 'Boolean', 'BigInt'].includes(name) ? name.toLowerCase() : name;
}

function explainProduces({ representations, place }: PlannedRoute): Step[] {
  if (representations.length === 0) return [];
  const types = representations.map(({ type }) => type).join(', ');
  return [step('reply', `as Accept prefers: ${types}; or 406`, place.name)];
}

function explainReply(replies: readonly ReplyRecord[], sends: Sends, place: string): Step[] {
  if (sends === 'messages') return [step('reply', '101, then messages; 1000 when the method is over', place)];
  if (sends === 'events') return [step('reply', '200: server-sent events', place)];
  if (replies.length === 0) return [step('reply', '200 with what it returns, 204 with nothing', place)];
  return replies.map(({ status, schema, decorator }) =>
    step(
      'reply',
      schema === undefined ? `${status} by ${decorator}` : `${status} through a ${schema['~standard']?.vendor} schema`,
      place,
    ),
  );
}
