/** Joins the parameters, the method and the reply of one route into a handler. */

import type { Class } from '../decorators/injected.js';
import type {
  ErrorClass,
  ErrorRecord,
  HandlerKey,
  MethodParameters,
  ReplyRecord,
  Representation,
  RouteRecord,
} from '../decorators/metadata.js';
import type { Handler } from '../http/handler.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import { isThenable } from '../http/thenable.js';
import type { WebSocketOptions } from '../http/web-socket/web-socket-options.js';
import type { ErrorHandler } from '../server/server.js';
import { buildConversation } from './conversation.js';
import { buildArgumentsReader, type MakeResolver } from './parameters/parameter-readers.js';
import { buildErrorHandler, nearestOf } from './replies/error-mapping.js';
import { buildEventSender, buildSender, type ReplyOptions, type Sender } from './replies/reply-table.js';
import { negotiate } from './replies/representations.js';
import type { RequestContainer } from './request-scope.js';

/** A controller, seen as a table of methods. */
export type HandlerInstance = Record<HandlerKey, (...args: unknown[]) => unknown>;

/** Makes what is request-scoped, for one request. */
export type OpenScope = (req: Request, res: Response) => RequestContainer;

/** What one route is built from, all of it checked. */
export type HandlerParts = ReplyOptions & {
  readonly key: HandlerKey;
  readonly sends: RouteRecord['sends'];
  readonly parameters: MethodParameters;
  readonly replies: readonly ReplyRecord[];
  /** What `@Produces` names; empty where the value alone decides. */
  readonly representations: readonly Representation[];
  readonly makeResolver: MakeResolver;
  /** The controller, or the class that is made for every request. */
  readonly instance: HandlerInstance | Class<HandlerInstance>;
  /** Only where the controller or a resolver is request-scoped: other routes pay nothing. */
  readonly open: OpenScope | undefined;
  /** Set where it sends messages. */
  readonly webSocket: WebSocketOptions | undefined;
};

/** Calls the method for one request. */
export type Call = (
  instance: HandlerInstance,
  req: Request,
  res: Response,
  scope: RequestContainer | undefined,
) => void | Promise<void>;

/** Builds the innermost handler of a route. It is synchronous wherever the parameters and the method are. */
export function buildHandler(parts: HandlerParts): Handler {
  if (parts.sends === 'messages') return buildCallingHandler(parts, buildConversation(parts));
  if (parts.sends === 'events') return buildSendingHandler(parts, buildEventSender(parts));
  if (parts.representations.length === 0) return buildSendingHandler(parts, buildSender(parts.replies, parts));
  return negotiate(parts.representations, (representation) =>
    buildSendingHandler(parts, buildSender(parts.replies, parts, representation)),
  );
}

function buildSendingHandler(parts: HandlerParts, send: Sender): Handler {
  return buildCallingHandler(parts, buildCall(parts, send));
}

function buildCallingHandler(parts: HandlerParts, call: Call): Handler {
  const { instance, open } = parts;
  if (open === undefined) return (req, res) => call(instance as HandlerInstance, req, res, undefined);
  return (req, res) => {
    const scope = open(req, res);
    try {
      const pending = call(typeof instance === 'function' ? scope.resolve(instance) : instance, req, res, scope);
      disposeAfter(scope, pending, res, parts);
      return pending;
    } catch (error) {
      disposeAfter(scope, undefined, res, parts);
      throw error;
    }
  };
}

/** Disposes a scope when its exchange is over and its handler too: one whose client has left may still be using it. */
function disposeAfter(
  scope: RequestContainer,
  pending: void | Promise<void>,
  res: Response,
  { place, logger }: ReplyOptions,
): void {
  const dispose = () => {
    scope.dispose()?.catch((err: unknown) => {
      logger.error({ err, handler: place }, 'What was made for a request could not be disposed');
    });
  };
  res.onFinish(isThenable(pending) ? () => void pending.then(dispose, dispose) : dispose);
}

/** What the `@OnError` methods of one controller are called on. */
export interface ErrorParts extends ReplyOptions {
  readonly errors: readonly ErrorRecord[];
  readonly instanceFor: (req: Request) => HandlerInstance | undefined;
}

/** Builds what answers the errors of a controller's routes by its `@OnError` methods. */
export function buildErrorMethods(parts: ErrorParts): ErrorHandler {
  const keys = new Map<ErrorClass, HandlerKey>();
  // Nearest class first: what a subclass says stands.
  for (const { errorClass, handlerKey } of parts.errors) if (!keys.has(errorClass)) keys.set(errorClass, handlerKey);
  const reply = (error: unknown, req: Request, res: Response) => {
    const key = nearestOf(keys, error);
    return key === undefined ? undefined : parts.instanceFor(req)?.[key]?.(error, req, res);
  };
  return buildErrorHandler(reply, buildSender([], parts));
}

function buildCall({ key, parameters, makeResolver }: HandlerParts, send: Sender): Call {
  if (parameters.records.length === 0) {
    return (instance, req, res) => {
      const value = instance[key]?.();
      return isThenable(value) ? value.then((done) => send(done, req, res)) : send(value, req, res);
    };
  }
  const read = buildArgumentsReader(parameters, makeResolver);
  const invoke = (instance: HandlerInstance, args: unknown[], req: Request, res: Response): void | Promise<void> => {
    const value = instance[key]?.(...args);
    return isThenable(value) ? value.then((done) => send(done, req, res)) : send(value, req, res);
  };
  return (instance, req, res, scope) => {
    const args = read(req, res, scope);
    if (!isThenable(args)) return invoke(instance, args as unknown[], req, res);
    return (args as Promise<unknown[]>).then((values) => {
      // Its time was up, or its client had left, while the arguments were read: nobody waits for what it would do.
      if (req.isAborted) throw req.signal.reason;
      return invoke(instance, values, req, res);
    });
  };
}
