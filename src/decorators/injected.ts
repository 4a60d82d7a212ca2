/** Declares the classes that an application hands to decorators, made by the container. */

import type { Middleware } from '../http/handler.js';
import type { Request } from '../http/request.js';

/** A class that the container can make: its constructor parameters are its dependencies. */
export type Class<T extends object = object> = new (...dependencies: never[]) => T;

/** A middleware with dependencies: {@link Middleware} as a method of an injected class. */
export interface MiddlewareInstance {
  handle: Middleware;
}

/** What `@Use` accepts besides a function: one instance is made at boot, its `handle` joins the chain. */
export type MiddlewareClass = Class<MiddlewareInstance>;

/**
 * Makes a value out of a request: the guard, the pipe and the custom decorator in one.
 * Used by `@From(TheResolver)`; runs after the middleware, in argument order, at most once a request.
 * To refuse, throw an `HttpError`; to need something from the same request, take it from `req`.
 */
export interface Resolver<T = unknown> {
  /** Gives the value for `req`. Called at most once a request, in the order of the arguments, after the middleware. */
  resolve(req: Request): T | Promise<T>;
}

/** What a {@link Resolver} class gives to a parameter. */
export type Resolved<R extends Class<Resolver>> = Awaited<ReturnType<InstanceType<R>['resolve']>>;
