/** Runs middleware that was written for Connect. */

import type { Middleware, Next } from '../../http/handler.js';
import { HttpError } from '../../http/http-error.js';
import type { Request } from '../../http/request.js';
import type { Response } from '../../http/response.js';
import { isThenable } from '../../http/thenable.js';
import { reasonOf } from '../../protocol/status.js';
import { ConnectRequest } from './connect-request.js';
import { ConnectResponse } from './connect-response.js';
import { ConnectSocket } from './connect-socket.js';

/** What {@link connect} takes: any `(req, res, next)` of Connect or Express, whatever types it gives them. */
export type ConnectMiddleware = (req: never, res: never, next: never) => unknown;

type RunnableMiddleware = (req: ConnectRequest, res: ConnectResponse, next: (error?: unknown) => void) => unknown;

/** One exchange as Connect-style middleware sees it: all of it shares one. */
interface ConnectExchange {
  readonly request: ConnectRequest;
  readonly response: ConnectResponse;
  /** The members that were asked for in vain since the middleware was called that runs now. */
  readonly touched: string[];
}

declare module '../../http/request.js' {
  interface RequestState {
    /** What {@link connectRequest} gives, and its response. */
    connect?: ConnectExchange;
  }
}

/**
 * Runs Connect-style middleware: `server.use(connect(helmet()))`. It gets as much of a request and a response of
 * node:http as such middleware uses; what it puts on the request is seen by the next, and by handlers through
 * {@link connectRequest}. `next(error)` is answered as any error; one that carries a `status` of 400 to 599 keeps it.
 *
 * @throws TypeError for what is no such middleware: one of four parameters, which answers errors, or an application of
 * Express.
 */
export function connect(middleware: ConnectMiddleware): Middleware {
  checkMiddleware(middleware);
  const run = middleware as unknown as RunnableMiddleware;
  const label = `connect(${middleware.name || 'anonymous'})`;
  const bridged: Middleware = (req, res, next) => new Passage(label, req, res, next).run(run);
  return Object.defineProperty(bridged, 'name', { value: label });
}

/**
 * The request as Connect-style middleware knows it, with what that has put there: `connectRequest(req).user`. Its fields
 * are declared by merging `ConnectFields`.
 */
export function connectRequest(req: Request): ConnectRequest {
  const exchange = req.state.connect;
  if (exchange === undefined) throw new Error('connectRequest: no middleware by connect() is in use for this request');
  return exchange.request;
}

function checkMiddleware(middleware: unknown): void {
  if (typeof middleware !== 'function') {
    throw new TypeError(`connect: expected a middleware (req, res, next), got ${typeof middleware}`);
  }
  const name = middleware.name || 'the middleware';
  if (middleware.length === 4) {
    throw new TypeError(
      `connect: ${name} has four parameters, so it answers errors; they are answered by @OnError methods, or the onError of the application`,
    );
  }
  if ('request' in middleware && 'response' in middleware) {
    throw new TypeError(`connect: ${name} is an application of Express, which needs the prototypes of node:http`);
  }
}

function exchangeOf(req: Request, res: Response): ConnectExchange {
  const { state } = req;
  if (state.connect === undefined) {
    const touched: string[] = [];
    const socket = new ConnectSocket(req);
    const request = new ConnectRequest(req, socket, touched);
    state.connect = { request, response: new ConnectResponse(res, request, socket, touched), touched };
  }
  return state.connect;
}

/** One request on its way through one middleware. */
class Passage {
  readonly #label: string;
  readonly #req: Request;
  readonly #res: Response;
  readonly #next: Next;
  #isSettled = false;
  /** What `next` gave. */
  #rest: void | Promise<void> = undefined;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(label: string, req: Request, res: Response, next: Next) {
    this.#label = label;
    this.#req = req;
    this.#res = res;
    this.#next = next;
  }

  /** Synchronous where the middleware and the rest are. */
  run(middleware: RunnableMiddleware): void | Promise<void> {
    const { request, response, touched } = exchangeOf(this.#req, this.#res);
    touched.length = 0;
    try {
      const returned = middleware(request, response, (error) => this.#proceed(error));
      if (isThenable(returned)) returned.then(undefined, (error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
    if (!this.#isSettled && this.#res.hasEnded()) return;
    if (this.#isSettled) return this.#outcome();
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#res.onFinish(() => resolve());
    }).then(() => this.#outcome());
  }

  /** What the middleware calls `next`. It never throws: what goes wrong further in is not the middleware's. */
  #proceed(error: unknown): void {
    if (error) {
      this.#fail(error);
      return;
    }
    // A client that has left needs no handler; and Connect ignores a second call.
    if (this.#isSettled || this.#res.hasEnded()) return;
    this.#isSettled = true;
    try {
      this.#rest = this.#next(this.#req, this.#res);
    } catch (thrown) {
      this.#failure = { error: thrown };
    }
    this.#wake?.();
  }

  #fail(thrown: unknown): void {
    const error = this.#explain(thrown);
    if (this.#isSettled || this.#res.hasEnded()) {
      this.#req.logger.error({ err: error, ref: this.#req.id }, `${this.#label} failed after it was done`);
      return;
    }
    this.#isSettled = true;
    this.#failure = { error };
    this.#wake?.();
  }

  #outcome(): void | Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#rest;
  }

  #explain(error: unknown): unknown {
    if (error === 'route' || error === 'router') {
      return new Error(`${this.#label}: next('${error}') is for the router of Express; there is none here`);
    }
    const touched = [...new Set(this.#req.state.connect?.touched)];
    if (error instanceof TypeError && touched.length > 0) {
      const message = `${this.#label} failed after it had asked for ${touched.join(', ')} of Express, which connect() does not have`;
      return new Error(message, { cause: error });
    }
    return httpErrorOf(error) ?? error;
  }
}

/** Errors of http-errors, body-parser or passport carry the status of their answer, and whether clients may read them. */
function httpErrorOf(error: unknown): HttpError | undefined {
  if (!(error instanceof Error) || error instanceof HttpError) return undefined;
  const carried = error as { status?: unknown; statusCode?: unknown; expose?: unknown };
  const status = carried.status ?? carried.statusCode;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599) return undefined;
  const isExposed = typeof carried.expose === 'boolean' ? carried.expose : status < 500;
  return new HttpError(isExposed ? error.message : reasonOf(status), status, { cause: error });
}
