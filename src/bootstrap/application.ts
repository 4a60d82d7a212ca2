/** Holds a proved application: its server, its routes, its instances. */

import { LINGER_MS } from '../cluster/messages.js';
import type { Fetch } from '../server/fetch.js';
import type { InjectedRequest } from '../server/inject.js';
import type { NodeListener, NodeListenerOptions } from '../server/node-listener.js';
import type { CloseOptions, CloseReport, Server } from '../server/server.js';
import type { TestApp } from '../testing/test-app.js';
import type { AppSetup, Double } from './app-setup.js';
import type { Container, Token } from './container.js';
import type { RouteEntry } from './route-table.js';

/** A proved application, by itself not listening yet. It closes at most once. */
export class Application implements AsyncDisposable {
  readonly server: Server;
  /** Every route, in the order of the controllers. Frozen. */
  readonly routes: readonly RouteEntry[];
  readonly container: Container;
  /** Answers a request of the fetch standard, as {@link Server.fetch} does: `Bun.serve({ fetch: app.fetch })`. */
  readonly fetch: Fetch;
  /** What it was built from. */
  readonly setup: AppSetup;
  #closing: Promise<CloseReport> | undefined;
  /** What is undone before anything else when the application closes. */
  #onClose: () => void = () => {};

  constructor(setup: AppSetup, server: Server, routes: readonly RouteEntry[], container: Container) {
    this.setup = setup;
    this.server = server;
    this.fetch = server.fetch;
    this.routes = routes;
    this.container = container;
    server.closeWith = (options) => this.close(options);
  }

  /**
   * How to reach the application, without a trailing slash: `http://localhost:8080`, or what its socket says of itself.
   * Empty until it listens.
   */
  get url(): string {
    return this.server.url;
  }

  /** Listens on `port` (0: any free one) of `host`, and serves. @throws what the socket does, `EADDRINUSE` for instance. */
  async listen(port = 0, host = '0.0.0.0'): Promise<this> {
    await this.server.setIp(host).listen(port);
    void this.server.run();
    return this;
  }

  /** Sends one request through the real parser and writer, without a port. */
  inject(request: InjectedRequest = {}): Promise<Response> {
    return this.server.inject(request);
  }

  /** Makes a listener for `node:http`, Express or Vite, as {@link Server.nodeListener} does. */
  nodeListener(options?: NodeListenerOptions): NodeListener {
    return this.server.nodeListener(options);
  }

  /** Builds another application from the same options, for one test. @throws BootError as `createApp`. */
  test(): Promise<TestApp> {
    return this.setup.test();
  }

  /** Gives a setup in which `double` stands for `token`: `await using t = await app.with(Store, double).test()`. */
  with<T>(token: Token<T>, double: Double<T>): AppSetup {
    return this.setup.with(token, double);
  }

  /**
   * Drains the server as `Server.close` does, then disposes the instances, the last made first.
   *
   * @throws AggregateError of what could not be disposed.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  /** Closes it, with the defaults of {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => {});
  }

  /** Closes at SIGTERM and SIGINT. A second signal meets Node's own handler, which ends the process. */
  closeOnSignals(): this {
    const close = (): void => {
      // In production something stands in front and goes on; otherwise a person at a terminal waits for the end.
      const linger = this.server.env === 'production' ? LINGER_MS : 0;
      this.close({ linger }).catch((error: unknown) => {
        this.server.opts.logger.error({ err: error }, 'The application could not be closed cleanly');
        process.exitCode = 1;
      });
    };
    process.once('SIGTERM', close);
    process.once('SIGINT', close);
    this.#onClose = () => {
      process.removeListener('SIGTERM', close);
      process.removeListener('SIGINT', close);
    };
    return this;
  }

  async #close(options: CloseOptions): Promise<CloseReport> {
    this.#onClose();
    try {
      return await this.server.close(options);
    } finally {
      await this.container.dispose();
    }
  }
}
