/** Keeps discovery to datagrams, and everything else off them. */

import type { Middleware } from 'luminaire';
import { Datagram, HttpError } from 'luminaire';

/**
 * Whoever sends a datagram can forge where it comes from: it may ask who is here, and do nothing. Discovery over TCP
 * would be answered to whoever can reach the port.
 */
export const transports: Middleware = function transports(req, res, next) {
  if (req.socket instanceof Datagram !== (req.url.path === '*')) {
    throw new HttpError(`${req.url.path} is not served over this transport.`, 404);
  }
  return next(req, res);
};
