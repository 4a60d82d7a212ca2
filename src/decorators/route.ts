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

/** Marks a handler of ACL (RFC 3744 §8.1). */
export const Acl = routeDecorator('ACL');
/** Marks a handler of BIND (RFC 5842 §4). */
export const Bind = routeDecorator('BIND');
/** Marks a handler of CHECKOUT (RFC 3253 §4.3). */
export const Checkout = routeDecorator('CHECKOUT');
/** Marks a handler of CONNECT (RFC 9110 §9.3.6). */
export const Connect = routeDecorator('CONNECT');
/** Marks a handler of COPY (RFC 4918 §9.8). */
export const Copy = routeDecorator('COPY');
/** Marks a handler of DELETE (RFC 9110 §9.3.5). */
export const Delete = routeDecorator('DELETE');
/** Marks a handler of GET (RFC 9110 §9.3.1), and of HEAD where nothing else handles that. */
export const Get = routeDecorator('GET');
/** Marks a handler of HEAD (RFC 9110 §9.3.2). */
export const Head = routeDecorator('HEAD');
/** Marks a handler of LINK (RFC 2068 §19.6.1.2). */
export const Link = routeDecorator('LINK');
/** Marks a handler of LOCK (RFC 4918 §9.10). */
export const Lock = routeDecorator('LOCK');
/** Marks a handler of M-SEARCH (UDA 1.1 §1.3.2). */
export const MSearch = routeDecorator('M-SEARCH');
/** Marks a handler of MERGE (RFC 3253 §11.2). */
export const Merge = routeDecorator('MERGE');
/** Marks a handler of MKACTIVITY (RFC 3253 §13.5). */
export const Mkactivity = routeDecorator('MKACTIVITY');
/** Marks a handler of MKCALENDAR (RFC 4791 §5.3.1). */
export const Mkcalendar = routeDecorator('MKCALENDAR');
/** Marks a handler of MKCOL (RFC 4918 §9.3). */
export const Mkcol = routeDecorator('MKCOL');
/** Marks a handler of MOVE (RFC 4918 §9.9). */
export const Move = routeDecorator('MOVE');
/** Marks a handler of NOTIFY (UDA 1.1 §4.3). */
export const Notify = routeDecorator('NOTIFY');
/** Marks a handler of OPTIONS (RFC 9110 §9.3.7). */
export const Options = routeDecorator('OPTIONS');
/** Marks a handler of PATCH (RFC 5789 §2). */
export const Patch = routeDecorator('PATCH');
/** Marks a handler of POST (RFC 9110 §9.3.3). */
export const Post = routeDecorator('POST');
/** Marks a handler of PROPFIND (RFC 4918 §9.1). */
export const Propfind = routeDecorator('PROPFIND');
/** Marks a handler of PROPPATCH (RFC 4918 §9.2). */
export const Proppatch = routeDecorator('PROPPATCH');
/** Marks a handler of PURGE, by which caches are told to forget. */
export const Purge = routeDecorator('PURGE');
/** Marks a handler of PUT (RFC 9110 §9.3.4). */
export const Put = routeDecorator('PUT');
/** Marks a handler of REBIND (RFC 5842 §6). */
export const Rebind = routeDecorator('REBIND');
/** Marks a handler of REPORT (RFC 3253 §3.6). */
export const Report = routeDecorator('REPORT');
/** Marks a handler of SEARCH (RFC 5323 §2). */
export const Search = routeDecorator('SEARCH');
/** Marks a handler of SUBSCRIBE (UDA 1.1 §4.1.2). */
export const Subscribe = routeDecorator('SUBSCRIBE');
/** Marks a handler of TRACE (RFC 9110 §9.3.8). */
export const Trace = routeDecorator('TRACE');
/** Marks a handler of UNBIND (RFC 5842 §5). */
export const Unbind = routeDecorator('UNBIND');
/** Marks a handler of UNLINK (RFC 2068 §19.6.1.3). */
export const Unlink = routeDecorator('UNLINK');
/** Marks a handler of UNLOCK (RFC 4918 §9.11). */
export const Unlock = routeDecorator('UNLOCK');
/** Marks a handler of UNSUBSCRIBE (UDA 1.1 §4.1.4). */
export const Unsubscribe = routeDecorator('UNSUBSCRIBE');
