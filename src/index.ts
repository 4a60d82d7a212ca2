/** The public names of Luminaire. */

export type { Handler, Middleware, Next } from './http/handler.js';
export { HttpError, type HttpErrorOptions } from './http/http-error.js';
export type { Request, RequestState } from './http/request.js';
export type { Response } from './http/response.js';
export { type Env, Opts, type ServerOptions } from './server/opts.js';
export { Server } from './server/server.js';
export { MemorySocket } from './sockets/memory.js';
