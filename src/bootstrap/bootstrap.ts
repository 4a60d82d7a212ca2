/** Turns controllers into a running application. */

import type { Supervisor } from '../cluster/supervisor.js';
import type { Class, MiddlewareClass } from '../decorators/injected.js';
import type { Middleware } from '../http/handler.js';
import { Opts, type ServerOptions } from '../server/opts.js';
import { Server } from '../server/server.js';
import { AppSetup } from './app-setup.js';
import { Application } from './application.js';
import { Container, type Provider } from './container.js';
import type { DocsOptions } from './docs-options.js';
import { buildErrorHandler, type ErrorReply } from './replies/error-mapping.js';
import { buildSender } from './replies/reply-table.js';
import { buildRouteTable, describeRoutes } from './route-table.js';
import { addRoutes } from './served-routes.js';

/** What an application is made of, and every option of its Server. */
export interface AppOptions extends ServerOptions {
  /** The classes that handle requests. */
  readonly controllers: readonly Class[];
  /** Middleware for every request, the first outermost: functions, or classes that are injected. */
  readonly use?: readonly (Middleware | MiddlewareClass)[];
  /** What stands for a token in constructors: a value, another class, or a factory. */
  readonly providers?: readonly Provider[];
  /** Milliseconds for an answer to begin before it is 503, where no `@Timeout` is closer. Default: no limit. */
  readonly timeout?: number;
  /**
   * Maps what no `@OnError` method has answered: what it returns is sent as a handler's value would be, an `HttpError`
   * is answered as such, `undefined` leaves the error to the server.
   */
  readonly onError?: ErrorReply;
  /** Whether `requestContext()` gives the request in all that serves it, for some 0.2 µs a request. Default false. */
  readonly context?: boolean;
  /** Where the application describes itself: a page and its OpenAPI document. Default: nowhere. */
  readonly docs?: string | DocsOptions;
  /** What the server listens on. Default: Node's TCP sockets. */
  readonly socket?: Server['sock'];
}

export interface BootstrapOptions extends AppOptions {
  /** Default 8080; 0 for any free port. */
  readonly port?: number;
  /** The address to bind. Default `0.0.0.0`: every interface of the machine. */
  readonly host?: string;
  /** Whether SIGTERM and SIGINT close the application. Default true. */
  readonly closeOnSignals?: boolean;
}

/**
 * Describes an application. When it is awaited it is proved and built: resolves what is injected, builds the frozen
 * route table, fills the server's router and middleware, awaits each `onStart()`. Opens no port.
 *
 * Awaiting it throws a BootError with every mistake that was found.
 */
export function createApp(options: AppOptions): AppSetup {
  return new AppSetup(options, buildApp);
}

async function buildApp(setup: AppSetup): Promise<Application> {
  const { controllers, use = [], providers = [], timeout, onError, context, docs, socket } = setup.options;
  const opts = optsOf(setup.options);
  const server = socket === undefined ? Server.new(opts) : Server.newWith(socket, opts);
  const container = new Container(providers);
  try {
    const { env, logger } = opts;
    const table = buildRouteTable({ controllers, use, container, timeout, docs, env, logger });
    for (const { message, file } of table.warnings) logger.warn({ file }, message);
    if (context) server.keepContext();
    if (onError) server.errorHandler = buildErrorHandler(onError, buildSender([], { place: 'onError', env, logger }));
    for (const middleware of table.middleware) server.use(middleware);
    addRoutes(server, table.routes);
    if (docs !== undefined) await (await import('./docs.js')).addDocs(server, table.routes, setup.options);
    await container.start();
    return new Application(setup, server, table.routes, container);
  } catch (error) {
    await container
      .dispose()
      .catch((cause: unknown) => opts.logger.error({ err: cause }, 'What had been made could not be disposed'));
    throw error;
  }
}

/** What is left for the server of what an application is made of. */
function optsOf(options: AppOptions): Opts {
  const { controllers, use, providers, timeout, onError, context, docs, socket, ...serverOptions } = options;
  return Opts.new(serverOptions);
}

/**
 * Builds the application, listens and serves. In `debug` it prints the route table.
 *
 * With `workers` this process builds nothing: it starts workers, which run its script again, up to here and on from
 * here, and gives a {@link Supervisor} in the application's place once all of them listen.
 *
 * @throws BootError with every mistake that was found, before a port is opened; what the socket throws,
 * `EADDRINUSE` for instance; Error where a worker, which has said why, could not start.
 */
export function bootstrap(options: BootstrapOptions & { readonly workers?: undefined }): Promise<Application>;
export function bootstrap(options: BootstrapOptions): Promise<Application | Supervisor>;
export async function bootstrap(options: BootstrapOptions): Promise<Application | Supervisor> {
  const { port = 8080, host, closeOnSignals = true, ...appOptions } = options;
  if (appOptions.workers === undefined) return start(appOptions, port, host, closeOnSignals);
  const { isWorker, isFirstWorker } = await import('../cluster/place.js');
  if (!isWorker) return (await import('../cluster/supervise.js')).supervise(optsOf(appOptions), closeOnSignals);
  try {
    return await start(appOptions, port, host, closeOnSignals, isFirstWorker);
  } catch (error) {
    (await import('../cluster/membership.js')).tellFailure();
    throw error;
  }
}

async function start(
  options: AppOptions,
  port: number,
  host: string | undefined,
  closeOnSignals: boolean,
  printsRoutes = true,
): Promise<Application> {
  const app = await createApp(options);
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  if (closeOnSignals) app.closeOnSignals();
  if (printsRoutes && app.server.env === 'debug') process.stdout.write(describeRoutes(app.routes));
  return app;
}
