/** Serves controllers for one test each. */

import { onTestFinished } from 'vitest';
import { Container, type Provider } from '../../src/bootstrap/container.js';
import { buildRouteTable } from '../../src/bootstrap/route-table.js';
import { addRoutes } from '../../src/bootstrap/served-routes.js';
import type { InjectedRequest } from '../../src/server/inject.js';
import { type Env, Opts } from '../../src/server/opts.js';
import { Server } from '../../src/server/server.js';
import { MemorySocket } from '../../src/sockets/memory.js';
import { type LogEntry, loggerInto, type Served, serve } from '../support/served.js';

export interface Wired {
  readonly log: LogEntry[];
  readonly container: Container;
  readonly server: Server;
  send(request: InjectedRequest): Promise<Response>;
  /** Status, type and text of an answer. */
  get(url: string, headers?: Record<string, string>): Promise<[status: number, type: string | null, text: string]>;
}

/** Serves without a port. */
export function wire(
  controllers: readonly unknown[],
  env: Env = 'production',
  providers: readonly Provider[] = [],
): Wired {
  const log: LogEntry[] = [];
  const opts = Opts.new({ env, logger: loggerInto(log) });
  const server = Server.newWith(new MemorySocket(), opts);
  const container = new Container(providers);
  const table = buildRouteTable({ controllers, container, env, logger: opts.logger });
  addRoutes(server, table.routes);
  onTestFinished(() => server.close({ timeout: 0 }).then(() => {}));
  const send = (request: InjectedRequest) => server.inject(request);
  return {
    log,
    container,
    server,
    send,
    async get(url, headers = {}) {
      const res = await send({ url, headers });
      return [res.status, res.headers.get('content-type'), await res.text()];
    },
  };
}

/** Serves on a port: a pair of streams does not tell one end that the other was destroyed. */
export function wireTcp(controllers: readonly unknown[]): Promise<Served> {
  return serve(
    (server) => {
      const container = new Container();
      const table = buildRouteTable({ controllers, container, env: 'production', logger: server.opts.logger });
      addRoutes(server, table.routes);
    },
    {},
    'tcp',
  );
}
