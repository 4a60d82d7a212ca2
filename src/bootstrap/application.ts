/** Holds a proved application: its server, its routes, its instances. */

import type { InjectedRequest } from '../server/inject.js';
import type { CloseReport, Server } from '../server/server.js';
import type { Container } from './container.js';
import type { RouteEntry } from './route-table.js';

export class Application implements AsyncDisposable {
  readonly server: Server;
  /** Every route, in the order of the controllers. Frozen. */
  readonly routes: readonly RouteEntry[];
  readonly container: Container;
  #closing: Promise<CloseReport> | undefined;
  /** What is undone before anything else when the application closes. */
  #onClose: () => void = () => {};

  constructor(server: Server, routes: readonly RouteEntry[], container: Container) {
    this.server = server;
    this.routes = routes;
    this.container = container;
  }

  /** The address of the application, without a trailing slash. Empty until it listens. */
  get url(): string {
    const { ip, port } = this.server;
    if (port === 0) return '';
    const host = ip === '0.0.0.0' || ip === '::' ? 'localhost' : ip.includes(':') ? `[${ip}]` : ip;
    return `http://${host}:${port}`;
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

  /**
   * Drains the server, then disposes the instances, the last made first.
   *
   * @throws AggregateError of what could not be disposed.
   */
  close(options: { timeout?: number } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => {});
  }

  /** Closes at SIGTERM and SIGINT. A second signal meets Node's own handler, which ends the process. */
  closeOnSignals(): this {
    const close = (): void => {
      this.close().catch((error: unknown) => {
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

  async #close(options: { timeout?: number }): Promise<CloseReport> {
    this.#onClose();
    try {
      return await this.server.close(options);
    } finally {
      await this.container.dispose();
    }
  }
}
