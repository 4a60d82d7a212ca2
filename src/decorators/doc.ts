/** Says what the compiler cannot tell a reader of the API. */

import { type HandlerKey, isStaticTarget, recordAbove, recordsFor } from './metadata.js';

/** What one answer is. */
export interface ResponseDoc {
  readonly description: string;
  /** The media type of what a handler sends in a type of its own, `text/html` for instance. */
  readonly type?: string;
  /** What the fields of its head are for, by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What `@Doc` says. Text is CommonMark. */
export interface DocOptions {
  /** One line. Of a method only. */
  readonly summary?: string;
  /** Of a class: of the tag that its operations have. */
  readonly description?: string;
  /** Default: the name of the controller, without `Controller` at its end. */
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  /** Of a method only. Default `Class.method`. */
  readonly operationId?: string;
  /** What path, query, header, cookie and form parameters mean, by name. Of a method only. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * The answers by status: what each means, or more of it. From 400 on an answer without a `@Returns` is a problem
   * document (RFC 9457). What stands on a resolver or a middleware class is of every operation that it guards.
   */
  readonly responses?: Readonly<Record<number, string | ResponseDoc>>;
}

/** Stands on a controller, a resolver or a middleware class, or on a handler. */
export type DocDecorator = (target: object, handlerKey?: HandlerKey, descriptor?: PropertyDescriptor) => void;

/** Describes an operation, those of a controller, or what a resolver or a middleware class answers in their place. */
export function Doc(options: DocOptions): DocDecorator {
  return (target, handlerKey) => {
    const isStatic = handlerKey !== undefined && isStaticTarget(target);
    recordAbove(recordsFor(target).docs, { handlerKey, isStatic, options, decorator: '@Doc' });
  };
}
