/** Keeps discovery to datagrams, and everything else off them. */

import { Datagram, Doc, HttpError, type MiddlewareInstance, type Next, type Request, type Response } from 'luminaire';

/**
 * Whoever sends a datagram can forge where it comes from: it may ask who is here, and do nothing. Discovery over TCP
 * would be answered to whoever can reach the port.
 */
@Doc({ responses: { 404: 'It is not served over this transport.' } })
export class Transports implements MiddlewareInstance {
  handle(req: Request, res: Response, next: Next): void | Promise<void> {
    if (req.socket instanceof Datagram !== (req.url.path === '*')) {
      throw new HttpError(`${req.url.path} is not served over this transport.`, 404);
    }
    return next(req, res);
  }
}
