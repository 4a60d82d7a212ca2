/** Makes an application a Cloudflare Worker. */

import type { Application } from '../bootstrap/application.js';

/** What a module that is a Worker has as its default export. */
export interface Worker<Env> {
  /** Answers one request, with the bindings of the Worker. */
  fetch(request: Request, env: Env, context: { waitUntil(over: Promise<void>): void }): Promise<Response>;
}

/**
 * Makes a Worker of what `build` gives, which is called with the bindings of the first request: a Worker has neither
 * bindings nor random numbers before. Where it fails, so does that request, and the next calls it again. The address of
 * a client is what Cloudflare says in `CF-Connecting-IP`.
 */
export function worker<Env = unknown>(build: (env: Env) => PromiseLike<Application>): Worker<Env> {
  let app: Application | undefined;
  return {
    async fetch(request, env, context) {
      // No promise is kept: one that another request has begun may not be awaited here.
      app ??= await build(env);
      const answer = await app.fetch(request, {
        remoteAddress: request.headers.get('cf-connecting-ip') ?? undefined,
        // Without it a request is forgotten when its client leaves, and what serves it is never ended.
        waitUntil: (over) => context.waitUntil(over),
      });
      // What says that it is encoded would be encoded by the runtime, once more.
      return answer.headers.has('content-encoding') ? new Response(answer.body, asEncoded(answer)) : answer;
    },
  };
}

/** The head of an answer whose content is encoded already, as Cloudflare's `Response` is told. */
function asEncoded({ status, statusText, headers }: Response): ResponseInit {
  return Object.assign({ status, statusText, headers }, { encodeBody: 'manual' });
}
