/** Serves an application by `Deno.serve`. */

import type { Application } from '../bootstrap/application.js';

/** As much of Deno's server as this file has to do with. */
export interface DenoServer {
  readonly addr: { readonly hostname: string; readonly port: number };
  readonly finished: Promise<void>;
  /** Stops accepting, and resolves when what is in progress has ended. */
  shutdown(): Promise<void>;
}

/** Handed on to `Deno.serve`, which knows more of them: `cert` and `key`, `path`, `signal`. */
export interface DenoServeOptions {
  /** Default 8000; 0 for any free port. */
  readonly port?: number;
  /** Default `0.0.0.0`. */
  readonly hostname?: string;
  readonly [option: string]: unknown;
}

type DenoHandler = (
  request: Request,
  client: { readonly remoteAddr: { readonly hostname?: string } },
) => Promise<Response>;

declare const Deno: { serve(options: object, handler: DenoHandler): DenoServer };

/** Starts a server of Deno's that hands its requests to `app`, with the addresses of their clients. */
export function serve(app: Application, options: DenoServeOptions = {}): DenoServer {
  return Deno.serve(options, async (request, { remoteAddr }) => {
    // Deno aborts the signal of a request after a whole answer too, and takes the error of a body for one of its own to
    // print: so it counts up to the answer, whose body Deno cancels when the client leaves.
    const left = new AbortController();
    const leave = () => left.abort(request.signal.reason);
    request.signal.addEventListener('abort', leave);
    try {
      return await app.fetch(request, { remoteAddress: remoteAddr.hostname, signal: left.signal });
    } catch (error) {
      // Nobody reads it; Deno would print the error.
      if (left.signal.aborted) return new Response(null, { status: 499 });
      throw error;
    } finally {
      request.signal.removeEventListener('abort', leave);
    }
  });
}
