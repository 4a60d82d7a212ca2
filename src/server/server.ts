/** Serves HTTP on a socket that it is given: middleware, routes, a method for each verb. */

import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Supervisor } from '../cluster/supervisor.js';
import type { Handler, Middleware } from '../http/handler.js';
import type { Request } from '../http/request.js';
import { ClientGone } from '../http/request-body.js';
import { runInContext } from '../http/request-context.js';
import type { Response } from '../http/response.js';
import { HeadParser } from '../protocol/head-parser.js';
import { METHODS, type VerbName, verbName } from '../protocol/methods.js';
import { BAD_PATH, Router } from '../routing/router.js';
import { DEFAULT_BACKLOG } from '../sockets/accept-queue.js';
import { ListenerClosed, type ListenerSocket } from '../sockets/listener-socket.js';
import { socketUrl } from '../sockets/socket-url.js';
import { TcpSocket } from '../sockets/tcp.js';
import { Connection, type ConnectionHost } from './connection.js';
import { replyToError, replyToRejection, replyWithProblem } from './error-reply.js';
import { type Carrier, Exchange } from './exchange.js';
import { type Fetch, serveFetch } from './fetch.js';
import type { ForeignHead } from './foreign-head.js';
import type { Http2Connection } from './http2/connection.js';
import { type InjectedRequest, inject } from './inject.js';
import { consoleLogger } from './logger.js';
import { compose, composeChecked } from './middleware.js';
import { NodeCarrier, type NodeListener, type NodeListenerOptions, nodeHeadOf } from './node-listener.js';
import { Opts, type ServerOptions } from './opts.js';
import { hasListeners, publishAround, publishError, type RequestEvent } from './request-events.js';
import { Timeouts } from './timeouts.js';

/** Gets what `tick` could not handle. `false` stops the loop of {@link Server.run}. */
// biome-ignore lint/suspicious/noConfusingVoidType: most callbacks return nothing.
export type ErrorCallback = (error: unknown) => boolean | void;

/** Answers what was thrown, and gives true; or false, to leave it to the server. What it throws is answered instead. */
export type ErrorHandler = (error: unknown, req: Request, res: Response) => boolean | Promise<boolean>;

/** How {@link Server.close} is to go about it, in milliseconds. */
export interface CloseOptions {
  readonly timeout?: number;
  readonly delay?: number;
  /** How long a connection without a request may still bring one, its last, once nobody else is accepted. Default 0. */
  readonly linger?: number;
}

/** What {@link Server.close} had to do. */
export interface CloseReport {
  /** Connections cut off because their request was not finished in time. */
  readonly destroyed: number;
}

/** Something in progress that a close waits for. */
interface Served {
  retire?(): void;
  drain(): void;
  destroy(): void;
}

type Verbs = { readonly [M in VerbName]: (path: string, handler: Handler) => Server };

/** The 33 verbs, each `(path, handler)`, each returning the server. */
export interface Server extends Verbs {}

/** An HTTP/1.1 server on a {@link ListenerSocket}. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the verbs are defined from the table below the class.
export class Server {
  readonly sock: ListenerSocket;
  readonly router = new Router<Handler>();
  /** The application's middleware in the order of {@link use}, first outermost. */
  readonly middleware: Middleware[] = [];
  /** The address to bind; once listening, the bound one. Default `0.0.0.0`. */
  ip = '0.0.0.0';
  /** The bound port once listening, 0 before. */
  port = 0;
  /** How to reach it once listening, without a trailing slash: `http://localhost:8080`. Empty before, and in memory. */
  url = '';
  readonly opts: Opts;
  /**
   * Answers a request of the fetch standard: routes, middleware, content and answers are those of a socket, limits on the
   * head and the content too; timeouts, connections and framing are for the runtime that calls it. Interim responses and
   * trailers are not sent, and there is no socket to upgrade. Rejects where there is no answer: the request's signal has
   * aborted, or the handler has cut the answer off. It needs no `this`: `Bun.serve({ fetch: server.fetch })`.
   */
  readonly fetch: Fetch = (request, origin) =>
    serveFetch(
      request,
      origin,
      (carrier) => this.#open(carrier),
      (exchange, head) => this.#exchange(exchange, head),
    );
  /** Sees every error before it is answered, where an answer is still possible. */
  errorHandler: ErrorHandler | undefined = undefined;
  /** What a worker is closed by when its supervisor asks: an application has more to close than its server. */
  closeWith: (options: CloseOptions) => Promise<CloseReport> = (options) => this.close(options);
  #supervisor: Supervisor | undefined;
  /** Tells the supervisor of this worker that it has closed. */
  #leave: (report: CloseReport) => void = () => {};
  readonly #timeouts = new Timeouts();
  readonly #connections = new Set<Served>();
  readonly #host: ConnectionHost;
  #entry: Handler | undefined;
  #isListening = false;
  #isClosed = false;
  /** Whether connections are closed as soon as they have been served. */
  #turnsAway = false;
  /** Whether each connection has one more answer. */
  #retires = false;
  /** Clients served so far. */
  #accepted = 0;
  #closing: Promise<CloseReport> | undefined;
  #onEmpty: (() => void) | undefined;

  private constructor(sock: ListenerSocket, opts: Opts) {
    this.sock = sock;
    this.opts = opts;
    this.#host = {
      opts,
      timeouts: this.#timeouts,
      parser: new HeadParser(opts),
      isDraining: false,
      handle: (req, res) => (hasListeners() ? this.#routeHeard(req, res) : this.route(req, res)),
      fail: (error, req, res) => this.#fail(error, req, res),
      refuse: (rejection, res) => replyToRejection(rejection, res),
    };
  }

  /** Makes a server on Node's TCP sockets. */
  static new(opts?: Opts | ServerOptions): Server {
    return Server.newWith(new TcpSocket(), opts);
  }

  /** Makes a server on any listening socket. */
  static newWith(sock: ListenerSocket, opts?: Opts | ServerOptions): Server {
    return new Server(sock, Opts.new(opts));
  }

  get env(): Opts['env'] {
    return this.opts.env;
  }

  /** Whether {@link close} was called. What is served from then on is among the last. */
  get isDraining(): boolean {
    return this.#host.isDraining || this.#supervisor?.isClosing === true;
  }

  /** What keeps the workers running, in the process that has started them. */
  get supervisor(): Supervisor | undefined {
    return this.#supervisor;
  }

  get backlog(): number | undefined {
    return this.opts.backlog;
  }

  /** Sets the address to bind. It counts at the next {@link listen}. */
  setIp(ip: string): this {
    this.ip = ip;
    return this;
  }

  /** Adds middleware for every request, inside what was added before. */
  use(middleware: Middleware): this {
    if (typeof middleware !== 'function') throw new TypeError(`use: expected a function, got ${typeof middleware}`);
    this.middleware.push(middleware);
    this.#entry = undefined;
    return this;
  }

  /**
   * Registers the handler for `method` and `path`: any method token, and a path of literals, `:name`, `:name?` and a
   * trailing `*name`; or `*` for requests without a path (`OPTIONS *`, `M-SEARCH *`, CONNECT).
   *
   * @throws Error where the pattern is malformed, or another handler has the same method and pattern.
   */
  on(method: string, path: string, handler: Handler): this {
    if (typeof handler !== 'function')
      throw new TypeError(`${method} ${path}: expected a handler, got ${typeof handler}`);
    this.router.on(method, path, handler);
    return this;
  }

  /**
   * Makes `requestContext()` give the request in all that serves it: middleware, content, handler, error reply. Costs
   * every request an `AsyncLocalStorage.run`.
   */
  keepContext(): this {
    const { handle, fail } = this.#host;
    this.#host.handle = (req, res) => runInContext(req, handle, req, res);
    this.#host.fail = (error, req, res) => runInContext(req, fail, error, req, res);
    return this;
  }

  /**
   * Binds `ip` and `port` (0: any free port) and listens. With `workers` it is they who do so: each runs the script of
   * this process, which gets no client.
   *
   * @throws what the socket does, `EADDRINUSE` for instance; Error where a worker, which has said why, could not start.
   */
  async listen(port = 0): Promise<this> {
    if (this.opts.workers === undefined) return this.#listen(port);
    const { isWorker } = await import('../cluster/place.js');
    return isWorker ? this.#listenAsWorker(port) : this.#superviseWorkers();
  }

  async #listenAsWorker(port: number): Promise<this> {
    const { join, leave, tellFailure } = await import('../cluster/membership.js');
    try {
      await this.#listen(port);
    } catch (error) {
      tellFailure();
      throw error;
    }
    this.#leave = leave;
    const { ip, url } = this;
    join({ ip, port: this.port, url }, (options) => this.closeWith(options));
    return this;
  }

  async #superviseWorkers(): Promise<this> {
    const { supervise } = await import('../cluster/supervise.js');
    this.#supervisor = await supervise(this.opts, true);
    const { ip, port, url } = this.#supervisor;
    return Object.assign(this, { ip, port, url });
  }

  async #listen(port: number): Promise<this> {
    await this.sock.bind(this.ip, port);
    await this.sock.listen(this.opts.backlog);
    this.#isListening = true;
    const bound = this.sock.getsockname();
    this.ip = bound.ip;
    this.port = bound.port;
    this.url = bound.url ?? (bound.port === 0 ? '' : socketUrl('http', bound.ip, bound.port));
    return this;
  }

  /** Serves one request: middleware, then the matching handler. What goes wrong is thrown. */
  route(req: Request, res: Response): void | Promise<void> {
    this.#entry ??= this.#compose();
    return this.#entry(req, res);
  }

  /** Accepts one client and starts serving it. Rejects where the socket does. */
  async tick(onError: ErrorCallback = () => {}): Promise<void> {
    const client = await this.sock.accept();
    try {
      this.#serve(client);
    } catch (error) {
      onError(error);
    }
  }

  /** Serves one client to its end. */
  _tick(client: Duplex): Promise<void> {
    return new Promise((resolve) => this.#serve(client, resolve));
  }

  /** Without a promise a connection, which an idle one would hold, with all that waits for it. */
  #serve(client: Duplex, onClosed: () => void = ignore): void {
    if ((client as Partial<TLSSocket>).alpnProtocol === 'h2') this.#serveHttp2(client as TLSSocket, onClosed);
    else this.#admit(new Connection(client, this.#host), onClosed);
  }

  /** Loads what speaks HTTP/2 for the first of its connections. */
  #serveHttp2(client: TLSSocket, onClosed: () => void): void {
    // Until it is loaded nobody else listens.
    client.on('error', ignore);
    import('./http2/connection.js')
      .then(({ Http2Connection }) => this.#admit(new Http2Connection(client, this.#host), onClosed))
      .catch((error: unknown) => {
        client.destroy();
        this.#logAcceptError(error);
      });
  }

  #admit(connection: Connection | Http2Connection, onClosed: () => void): void {
    if (this.#isClosed || this.#connections.size >= this.opts.maxConnections) {
      connection.turnAway(onClosed);
      return;
    }
    this.#accepted++;
    this.#connections.add(connection);
    connection.serve(() => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#onEmpty?.();
      onClosed();
    });
    if (this.#turnsAway) connection.drain();
    else if (this.#retires) connection.retire();
  }

  /** Serves clients until {@link close}; where workers do so, waits for their end. */
  run(onError?: ErrorCallback): Promise<void> {
    return this._run(onError, () => !this.#isClosed);
  }

  /** Serves clients while `shouldContinue()` holds. */
  async _run(
    onError: ErrorCallback = (error) => this.#logAcceptError(error),
    shouldContinue: () => boolean,
  ): Promise<void> {
    if (this.#supervisor !== undefined) return this.#supervisor.ended;
    let isStopped = false;
    const report = (error: unknown) => {
      if (onError(error) === false) isStopped = true;
    };
    while (!isStopped && shouldContinue()) {
      try {
        await this.tick(report);
      } catch (error) {
        if (error instanceof ListenerClosed || this.#isClosed) return;
        report(error);
        // A socket that fails at once, again and again, must not keep the event loop from everything else.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /**
   * Stops listening and drains: idle connections are closed, running requests finished with `Connection: close`, and
   * what is not finished after `timeout` milliseconds (default `shutdownTimeout`) is destroyed. For `delay` milliseconds
   * before (default `drainDelay`) everything goes on, except that {@link isDraining} is true and each connection's next
   * answer its last one: a load balancer that looks at `health` finds out before it is refused. Asked again, it is the
   * same close. Where workers serve, it closes all.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    if (this.#supervisor !== undefined) return this.#supervisor.close(options);
    const { timeout = this.opts.shutdownTimeout, delay = this.opts.drainDelay, linger = 0 } = options;
    this.#closing ??= this.#drain(timeout, delay, linger);
    return this.#closing;
  }

  /** Sends one request through the real parser and writer without a port, and returns its answer. */
  inject(request: InjectedRequest): Promise<globalThis.Response> {
    return inject(this, request);
  }

  /**
   * Makes a listener for a server of `node:http`, which is middleware of Express, Connect and Vite as well. It answers
   * by the `url` that it sees: below a mount point, that is the rest of the path. As with {@link fetch}, timeouts and
   * connections are that server's, and there are no upgrades.
   */
  nodeListener({ fallThrough = false }: NodeListenerOptions = {}): NodeListener {
    return (incoming, outgoing, next) => {
      const head = nodeHeadOf(incoming);
      if (fallThrough && next !== undefined && !this.#hasRoute(head)) {
        next();
        return;
      }
      const carrier = new NodeCarrier(incoming, outgoing);
      const exchange = this.#open(carrier);
      carrier.watch(exchange);
      this.#exchange(exchange, head);
    };
  }

  #hasRoute({ method, target }: ForeignHead): boolean {
    const path = target.split('?', 1)[0];
    const match = this.router.find(method, path);
    return match === BAD_PATH ? false : match !== undefined || this.router.allowed(path).length > 0;
  }

  #open(carrier: Carrier): Exchange {
    const exchange = new Exchange(this.#host, carrier, () => {
      this.#connections.delete(exchange);
      if (this.#connections.size === 0) this.#onEmpty?.();
    });
    this.#connections.add(exchange);
    return exchange;
  }

  #exchange(exchange: Exchange, head: ForeignHead): void {
    if (this.#isClosed) exchange.refuse('server-full');
    else exchange.serve(head);
    if (this.#turnsAway) exchange.drain();
  }

  async #drain(timeout: number, delay: number, linger: number): Promise<CloseReport> {
    this.#host.isDraining = true;
    // Who does not listen is looked at by no load balancer.
    if (delay > 0 && this.#isListening) {
      this.#makeLastAnswers();
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
    if (linger > 0) await this.#linger(linger);
    this.#turnsAway = true;
    for (const connection of this.#connections) connection.drain();
    await this.#acceptBacklog();
    this.#isClosed = true;
    await this.sock.close();
    const destroyed = (await this.#isEmptyWithin(timeout)) ? 0 : this.#connections.size;
    for (const connection of this.#connections) connection.destroy();
    this.#leave({ destroyed });
    return { destroyed };
  }

  /** From now on each connection has one more answer: a proxy keeps none that would close under its next request. */
  #makeLastAnswers(): void {
    this.#retires = true;
    for (const connection of this.#connections) connection.retire?.();
  }

  /** Accepts no more, and waits up to `linger` milliseconds until each connection has had its last answer. */
  async #linger(linger: number): Promise<void> {
    this.#makeLastAnswers();
    await this.#acceptBacklog();
    await this.sock.close();
    await this.#isEmptyWithin(linger);
  }

  /**
   * Waits until the clients that the system had queued are accepted: closing the socket would reset them, and what
   * they have sent would be lost. One is accepted in each turn of the event loop, in order, so no more turns are
   * needed than the queue has places, however fast new clients come.
   */
  async #acceptBacklog(): Promise<void> {
    for (let turns = this.opts.backlog ?? DEFAULT_BACKLOG; turns > 0; turns--) {
      const accepted = this.#accepted;
      await oneTurn();
      if (this.#accepted === accepted) return;
    }
  }

  #isEmptyWithin(timeout: number): Promise<boolean> {
    if (this.#connections.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeout);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  #compose(): Handler {
    const join = this.env === 'debug' ? composeChecked : compose;
    return join(this.middleware, (req, res) => this.#dispatch(req, res));
  }

  /** Finds the one handler, or answers as the route table says. */
  #dispatch(req: Request, res: Response): void | Promise<void> {
    const { path } = req.url;
    const match = this.router.find(req.method, path);
    if (match === BAD_PATH) {
      replyWithProblem(res, 400, `The path ${path} has a percent-escape that is no UTF-8.`);
    } else if (match !== undefined) {
      req.params = match.params;
      return match.value(req, res);
    } else {
      this.#answerFromTable(req, res, path);
    }
  }

  /** OPTIONS, 405, 501 and 404 (RFC 9110 §9.3.7, §15.5.6, §15.6.2, §15.5.5). */
  #answerFromTable(req: Request, res: Response, path: string): void {
    if (req.method === 'OPTIONS' && path === '*') {
      res.setStatus(204).addHeader('Allow', this.router.allMethods().join(', ')).send();
      return;
    }
    const allowed = this.router.allowed(path);
    if (allowed.length === 0) {
      if (!this.#implements(req.method)) replyWithProblem(res, 501, `The method ${req.method} is not implemented.`);
      else replyWithProblem(res, 404, `Nothing is at ${path}.`);
      return;
    }
    if (!this.#implements(req.method)) {
      replyWithProblem(res, 501, `The method ${req.method} is not implemented.`);
      return;
    }
    res.addHeader('Allow', allowed.join(', '));
    if (req.method === 'OPTIONS') res.setStatus(204).send();
    else replyWithProblem(res, 405, `${path} allows ${allowed.join(', ')}, not ${req.method}.`);
  }

  #implements(method: string): boolean {
    return IMPLEMENTED.has(method) || this.router.knows(method);
  }

  #routeHeard(req: Request, res: Response): void | Promise<void> {
    return publishAround(this.#eventOf(req, res), () => this.route(req, res));
  }

  #eventOf(req: Request, res: Response): RequestEvent {
    const { router } = this;
    return {
      req,
      res,
      get route() {
        const match = router.find(req.method, req.url.path);
        if (match === undefined || match === BAD_PATH) return undefined;
        return [...router.routes()].find(({ value }) => value === match.value);
      },
    };
  }

  /** Answers what was thrown: the error handler first, where there is still something to decide. */
  #fail(error: unknown, req: Request, res: Response): void {
    publishError(() => Object.defineProperty(this.#eventOf(req, res), 'error', { value: error, enumerable: true }));
    if (this.errorHandler === undefined || res.hasSent() || error instanceof ClientGone) {
      this.#answerError(error, req, res);
      return;
    }
    try {
      res.reset();
      const answered = this.errorHandler(error, req, res);
      if (typeof answered === 'boolean') {
        if (!answered) this.#answerError(error, req, res);
        return;
      }
      answered.then(
        (isAnswered) => isAnswered || this.#answerError(error, req, res),
        (thrown: unknown) => this.#answerError(thrown, req, res),
      );
    } catch (thrown) {
      this.#answerError(thrown, req, res);
    }
  }

  #answerError(error: unknown, req: Request, res: Response): void {
    try {
      replyToError(error, req, res, this.opts);
    } catch (cause) {
      // Whatever fails here, be it the logger: nobody is left to catch it.
      try {
        res.destroy();
        this.opts.logger.error({ err: cause }, 'An error could not be answered');
      } catch (lost) {
        consoleLogger.error({ err: lost }, 'An error could not be logged');
      }
    }
  }

  #logAcceptError(error: unknown): void {
    this.opts.logger.error({ err: error }, 'The listening socket reported an error');
  }
}

const ignore = () => {};

/** Resolves after the event loop has looked for input once more, in full. */
async function oneTurn(): Promise<void> {
  // From the first immediate to the second: the one before may have been called after the look of its own turn.
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Methods that are known without a route: the 33 verbs and QUERY. */
const IMPLEMENTED: ReadonlySet<string> = new Set([...METHODS, 'QUERY']);

for (const method of METHODS) {
  Object.defineProperty(Server.prototype, verbName(method), {
    value(this: Server, path: string, handler: Handler): Server {
      return this.on(method, path, handler);
    },
  });
}
