/** Declares what application code may put between a request and its response. */

import type { Request } from './request.js';
import type { Response } from './response.js';

/** Answers one request. What it throws, or what its promise rejects with, becomes the error reply. */
export type Handler = (req: Request, res: Response) => void | Promise<void>;

/** The rest of the chain: pass both on. */
export type Next = Handler;

/**
 * Stands around a handler: it may answer itself, or call `next(req, res)` once and act before and after.
 * Return what `next` returned, or await it, so that errors and the end of the exchange are seen.
 */
export type Middleware = (req: Request, res: Response, next: Next) => void | Promise<void>;
