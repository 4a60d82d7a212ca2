/** Puts the routes of an application into its Server. */

import type { Handler, Middleware } from '../http/handler.js';
import { asksForWebSocket } from '../http/web-socket/web-socket-handshake.js';
import { RouteError } from '../routing/route.js';
import { BAD_PATH, Router } from '../routing/router.js';
import type { Server } from '../server/server.js';
import type { RouteEntry } from './route-table.js';

/** Registers `routes`. Requests for a WebSocket are led to the routes that open one, all others to the others. */
export function addRoutes(server: Server, routes: readonly RouteEntry[]): void {
  const sockets = routes.filter(({ sends }) => sends === 'messages');
  for (const route of routes) {
    if (route.sends !== 'messages') server.router.on(route.method, route.pattern, route.handler, route.place);
  }
  if (sockets.length === 0) return;
  const router = new Router<Handler>();
  for (const { pattern, handler, place } of sockets) {
    router.on('GET', pattern, handler, place);
    try {
      // An ordinary request for its path is answered 426, unless there is a @Get.
      server.router.on('GET', pattern, handler, place);
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
    }
  }
  server.use(leadToSockets(router));
}

function leadToSockets(router: Router<Handler>): Middleware {
  return function webSockets(req, res, next) {
    const match = asksForWebSocket(req) ? router.find('GET', req.url.path) : undefined;
    if (match === undefined || match === BAD_PATH) return next(req, res);
    req.params = match.params;
    return match.value(req, res);
  };
}
