/** Joins the parameters, the method and the reply of one route into a handler. */

import type { Class } from '../decorators/injected.js';
import type { HandlerKey, MethodParameters, ReplyRecord, RouteRecord } from '../decorators/metadata.js';
import type { Handler } from '../http/handler.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import type { RequestContainer } from './container.js';
import { buildArgumentsReader, type MakeResolver } from './parameter-readers.js';
import { buildEventSender, buildSender, type ReplyOptions, type Sender } from './reply-table.js';
import { isThenable } from './schema.js';

/** A controller, seen as a table of methods. */
export type HandlerInstance = Record<HandlerKey, (...args: unknown[]) => unknown>;

/** What one route is built from, all of it checked. */
export type HandlerParts = ReplyOptions & {
  readonly key: HandlerKey;
  readonly sends: RouteRecord['sends'];
  readonly parameters: MethodParameters;
  readonly replies: readonly ReplyRecord[];
  readonly makeResolver: MakeResolver;
} & (
    | { readonly instance: HandlerInstance }
    | { readonly controller: Class<HandlerInstance>; readonly open: () => RequestContainer }
  );

/** Calls the method for one request. */
type Call = (instance: HandlerInstance, req: Request, res: Response) => void | Promise<void>;

/** Builds the innermost handler of a route. It is synchronous wherever the parameters and the method are. */
export function buildHandler(parts: HandlerParts): Handler {
  const send = parts.sends === 'events' ? buildEventSender(parts) : buildSender(parts.replies, parts);
  const call = buildCall(parts, send);
  if ('instance' in parts) {
    const { instance } = parts;
    return (req, res) => call(instance, req, res);
  }
  const { controller, open, logger, place } = parts;
  return (req, res) => {
    const container = open();
    res.onFinish(() => {
      Promise.resolve()
        .then(() => container.dispose())
        .catch((err: unknown) =>
          logger.error({ err, handler: place }, 'What was made for a request could not be disposed'),
        );
    });
    return call(container.resolve(controller), req, res);
  };
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
  return (instance, req, res) => {
    const args = read(req, res);
    return isThenable(args)
      ? (args as Promise<unknown[]>).then((values) => invoke(instance, values, req, res))
      : invoke(instance, args as unknown[], req, res);
  };
}
