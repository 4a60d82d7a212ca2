/** Serves a folder of static pages: a site as a whole application. */

import {
  type AppOptions,
  accessLog,
  compress,
  files,
  health,
  type Middleware,
  securityHeaders,
  sendFile,
} from 'luminaire';

export interface SiteOptions {
  /** Gets each line of the access log. Default: standard output. */
  readonly write?: (line: string) => void;
}

/** @param root a folder whose pages load nothing from elsewhere, have no inline scripts and styles, and have a `404.html`. */
export function site(root: string, log: SiteOptions = {}): AppOptions {
  return {
    controllers: [],
    use: [
      health(),
      accessLog(log),
      securityHeaders({
        contentSecurityPolicy: {
          useDefaults: false,
          directives: {
            defaultSrc: ["'none'"],
            scriptSrc: ["'self'"],
            styleSrc: ["'self'"],
            imgSrc: ["'self'"],
            connectSrc: ["'self'"],
            baseUri: ["'none'"],
            formAction: ["'none'"],
            frameAncestors: ["'none'"],
          },
        },
      }),
      compress(),
      // Their names have no hash: a browser asks each time, and gets 304.
      files(root, { cacheControl: 'no-cache' }),
      missing(root),
    ],
  };
}

/** Answers what the folder does not have with its page for that. */
function missing(root: string): Middleware {
  return function missing(req, res, next) {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next(req, res);
    res.setStatus(404);
    return sendFile(req, res, '404.html', { root, cacheControl: 'no-cache' });
  };
}
