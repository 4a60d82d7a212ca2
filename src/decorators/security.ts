/** Says how whoever asks is told from others. */

import { type HandlerKey, isStaticTarget, recordAbove, recordsFor } from './metadata.js';

/** One flow of OAuth 2.0 (RFC 6749), its scopes with what each allows. */
export interface OAuthFlow {
  readonly authorizationUrl?: string;
  readonly tokenUrl?: string;
  readonly refreshUrl?: string;
  readonly scopes: Readonly<Record<string, string>>;
}

/** A Security Scheme Object (OpenAPI 3.1.1 §4.8.27). */
export type SecurityScheme = { readonly description?: string } & (
  | { readonly type: 'http'; readonly scheme: string; readonly bearerFormat?: string }
  | { readonly type: 'apiKey'; readonly in: 'cookie' | 'header' | 'query'; readonly name: string }
  | {
      readonly type: 'oauth2';
      readonly flows: Readonly<
        Partial<Record<'authorizationCode' | 'clientCredentials' | 'implicit' | 'password', OAuthFlow>>
      >;
    }
  | { readonly type: 'openIdConnect'; readonly openIdConnectUrl: string }
  | { readonly type: 'mutualTLS' }
);

/** How much a scheme asks of the client. */
export interface SecurityOptions {
  /** What the client must have been granted. Default: nothing in particular. */
  readonly scopes?: readonly string[];
  /** Whether it answers strangers too, and otherwise than those it knows. Default false: they are answered 401. */
  readonly isOptional?: boolean;
}

/** Stands on a resolver or a middleware class, a controller, or a handler. */
export type SecurityDecorator = (target: object, handlerKey?: HandlerKey, descriptor?: PropertyDescriptor) => void;

/**
 * Documents the credentials that are asked for, by a name of its own: `@Security('basic', { type: 'http', scheme: 'basic' })`.
 * On a resolver it counts wherever that is used by `@From`, or injected into another resolver; on a middleware class
 * wherever that stands. It checks nothing: the class does.
 */
export function Security(name: string, scheme: SecurityScheme, options: SecurityOptions = {}): SecurityDecorator {
  return (target, handlerKey) => {
    const isStatic = handlerKey !== undefined && isStaticTarget(target);
    const decorator = `@Security("${name}")`;
    recordAbove(recordsFor(target).securities, { handlerKey, isStatic, name, scheme, options, decorator });
  };
}
