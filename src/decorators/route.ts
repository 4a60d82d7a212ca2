/** Marks methods as handlers: one decorator a request method, made by one factory. */

import { type DecoratorName, METHODS, type Method, verbName } from '../protocol/methods.js';
import type { FitsEvents, FitsPath, OnHandler } from './fits.js';
import { type HandlerKey, isStaticTarget, type RouteRecord, recordAbove, recordsFor } from './metadata.js';

/** Stands on a public instance method. */
export type HandlerDecorator<D extends string> = <T extends object, K extends HandlerKey>(
  target: T & OnHandler<T, K, D>,
  handlerKey: K,
  descriptor: PropertyDescriptor,
) => void;

/** Stands on a public instance method that returns an async iterable. */
export type EventsDecorator = <T extends object, K extends HandlerKey>(
  target: T & OnHandler<T, K, '@Sse', FitsEvents<T, K>>,
  handlerKey: K,
  descriptor: PropertyDescriptor,
) => void;

/**
 * Marks a method as the handler of one request method at `path`, joined to the controller's prefix: literal segments,
 * `:name`, `:name?`, a trailing `*name`. The asterisk-form `*` (RFC 9112 §3.2.4) takes no prefix. Default `''`.
 */
export type VerbDecorator<M extends Method = Method> = <Path extends string = ''>(
  path?: Path & FitsPath<Path>,
) => HandlerDecorator<`@${DecoratorName<M>}`>;

/** The method that `written` names in whatever case; `undefined` for a token of another protocol. */
export function methodMeant(written: string): Method | undefined {
  const upper = written.toUpperCase();
  return METHODS.find((method) => method === upper);
}

/** Makes the decorator that marks a controller method as the handler of `method` requests. */
function routeDecorator<M extends Method>(method: M): VerbDecorator<M> {
  const verb = verbName(method);
  const decorator = `@${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  return (path) => record({ method, path: path ?? '', sends: 'value', decorator });
}

/** Marks a method as the handler of any other token, `QUERY` say, in its exact case (RFC 9110 §9.1). */
export function Route<Path extends string = ''>(
  method: string,
  path?: Path & FitsPath<Path>,
): HandlerDecorator<'@Route'> {
  return record({ method, path: path ?? '', sends: 'value', decorator: `@Route("${method}")` });
}

/** Marks a method as a GET handler whose async iterable is sent as server-sent events, one a step. */
export function Sse<Path extends string = ''>(path?: Path & FitsPath<Path>): EventsDecorator {
  return record({ method: 'GET', path: path ?? '', sends: 'events', decorator: '@Sse' });
}

function record(route: Pick<RouteRecord, 'method' | 'path' | 'sends' | 'decorator'>) {
  return (target: object, handlerKey: HandlerKey, _descriptor: PropertyDescriptor): void => {
    recordAbove(recordsFor(target).routes, { ...route, handlerKey, isStatic: isStaticTarget(target) });
  };
}

export const Acl = routeDecorator('ACL');
export const Bind = routeDecorator('BIND');
export const Checkout = routeDecorator('CHECKOUT');
export const Connect = routeDecorator('CONNECT');
export const Copy = routeDecorator('COPY');
export const Delete = routeDecorator('DELETE');
export const Get = routeDecorator('GET');
export const Head = routeDecorator('HEAD');
export const Link = routeDecorator('LINK');
export const Lock = routeDecorator('LOCK');
export const MSearch = routeDecorator('M-SEARCH');
export const Merge = routeDecorator('MERGE');
export const Mkactivity = routeDecorator('MKACTIVITY');
export const Mkcalendar = routeDecorator('MKCALENDAR');
export const Mkcol = routeDecorator('MKCOL');
export const Move = routeDecorator('MOVE');
export const Notify = routeDecorator('NOTIFY');
export const Options = routeDecorator('OPTIONS');
export const Patch = routeDecorator('PATCH');
export const Post = routeDecorator('POST');
export const Propfind = routeDecorator('PROPFIND');
export const Proppatch = routeDecorator('PROPPATCH');
export const Purge = routeDecorator('PURGE');
export const Put = routeDecorator('PUT');
export const Rebind = routeDecorator('REBIND');
export const Report = routeDecorator('REPORT');
export const Search = routeDecorator('SEARCH');
export const Subscribe = routeDecorator('SUBSCRIBE');
export const Trace = routeDecorator('TRACE');
export const Unbind = routeDecorator('UNBIND');
export const Unlink = routeDecorator('UNLINK');
export const Unlock = routeDecorator('UNLOCK');
export const Unsubscribe = routeDecorator('UNSUBSCRIBE');
