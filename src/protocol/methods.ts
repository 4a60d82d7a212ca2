/** Names the 33 request methods that have a verb of their own. */

/**
 * The methods with a Server verb and a decorator each: RFC 9110, WebDAV and its extensions (RFC 3253,
 * 3648, 3744, 4791, 5323, 5842), PATCH (RFC 5789), LINK and UNLINK (RFC 2068), PURGE, and UPnP's own.
 */
export const METHODS = [
  'ACL',
  'BIND',
  'CHECKOUT',
  'CONNECT',
  'COPY',
  'DELETE',
  'GET',
  'HEAD',
  'LINK',
  'LOCK',
  'M-SEARCH',
  'MERGE',
  'MKACTIVITY',
  'MKCALENDAR',
  'MKCOL',
  'MOVE',
  'NOTIFY',
  'OPTIONS',
  'PATCH',
  'POST',
  'PROPFIND',
  'PROPPATCH',
  'PURGE',
  'PUT',
  'REBIND',
  'REPORT',
  'SEARCH',
  'SUBSCRIBE',
  'TRACE',
  'UNBIND',
  'UNLINK',
  'UNLOCK',
  'UNSUBSCRIBE',
] as const;

export type Method = (typeof METHODS)[number];

/** `'M-SEARCH'` is `mSearch` on the Server: what stands before a hyphen in lower case, what follows capitalised. */
export type VerbName<M extends string = Method> = M extends `${infer Head}-${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Lowercase<Tail>>}`
  : Lowercase<M>;

/** `'M-SEARCH'` is `MSearch` as a decorator. */
export type DecoratorName<M extends string = Method> = Capitalize<VerbName<M>>;

/** The Server's name for `method`. */
export function verbName<M extends Method>(method: M): VerbName<M> {
  return method.toLowerCase().replace(/-(\w)/g, (_hyphen, letter: string) => letter.toUpperCase()) as VerbName<M>;
}
