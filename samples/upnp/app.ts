import { type AppOptions, accessLog, Datagram, type Middleware } from 'luminaire';
import { addressFromEnv } from '../address.js';
import { lanAddress } from './lan-address.js';
import { mediaRenderer } from './media-renderer.js';

/** Where others in the network find it, unless `HOST` says otherwise. */
export const host = lanAddress();

const log = accessLog();
/** Logs what comes over TCP: whole networks talk to the group. */
const logStreams: Middleware = function logStreams(req, res, next) {
  return req.socket instanceof Datagram ? next(req, res) : log(req, res, next);
};

const renderer = mediaRenderer(addressFromEnv(host).host);

export const options: AppOptions = { ...renderer, use: [logStreams, ...(renderer.use ?? [])] };

/** Says what there is to do with it. */
export function describe(url: string): string {
  return `Look at ${url}/ in a browser, and for a renderer with any UPnP or DLNA application in the same network.`;
}
