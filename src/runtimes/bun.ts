/** Serves an application by `Bun.serve`. */

import type { Application } from '../bootstrap/application.js';

/** As much of Bun's server as this file has to do with. */
export interface BunServer {
  readonly url: URL;
  /** Stops accepting; with true it also cuts off what is in progress. */
  stop(closeActiveConnections?: boolean): Promise<void>;
  /** Whom a request came from. Null where its connection is gone. */
  requestIP(request: Request): { readonly address: string } | null;
}

/** Handed on to `Bun.serve`, which knows more of them: `tls`, `unix`, `reusePort`. */
export interface BunServeOptions {
  /** Default 3000; 0 for any free port. */
  readonly port?: number;
  /** Default `0.0.0.0`. */
  readonly hostname?: string;
  /** Seconds without a byte after which a connection is closed, at most 255. Default: the server's `keepAliveTimeout`. */
  readonly idleTimeout?: number;
  readonly [option: string]: unknown;
}

declare const Bun: { serve(options: object): BunServer };

/** What Bun takes at most, in seconds. */
const MAX_IDLE_TIMEOUT = 255;

/** Starts a server of Bun's that hands its requests to `app`, with the addresses of their clients. */
export function serve(app: Application, options: BunServeOptions = {}): BunServer {
  return Bun.serve({
    // Bun's own 10 s would end event streams, whose comments come every 15.
    idleTimeout: Math.min(Math.ceil(app.server.opts.keepAliveTimeout / 1000), MAX_IDLE_TIMEOUT),
    ...options,
    fetch: (request: Request, server: BunServer) =>
      app.fetch(request, { remoteAddress: server.requestIP(request)?.address }),
  });
}
