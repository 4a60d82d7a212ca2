/** Reads the URLs of resources that request fields name: Destination, and the tags of If. */

import { isUtf8 } from 'node:buffer';
import { HttpError, type Request } from 'luminaire';
import { type ParsedPath, parsePath } from './path.js';

/** What such a URL leads to: a resource, another host, or a place of this host that has no resources. */
export type NamedResource = ParsedPath | 'another host' | 'no resource';

const ABSOLUTE = /^https?:\/\/([^/?#]*)([^?#]*)/i;

/**
 * Reads an absolute URL or an absolute path (Simple-ref, RFC 4918 §8.3). The scheme is not compared: behind a gateway
 * that speaks TLS the client's is https.
 *
 * @throws HttpError 400 for what is neither.
 */
export function readResourceUrl(req: Request, text: string): NamedResource {
  const url = utf8Of(text.trim());
  const [, authority, path] = ABSOLUTE.exec(url) ?? [undefined, undefined, /^\/[^?#]*/.exec(url)?.[0]];
  HttpError.assert(path !== undefined && !/[?#]/.test(url), `Expected the URL of a resource, got ${url}`, 400);
  if (authority !== undefined && hostOf(authority) !== hostOf(req.authority)) return 'another host';
  return parsePath(path) ?? 'no resource';
}

/**
 * Reads the Destination of a COPY or MOVE (RFC 4918 §10.3).
 *
 * @throws HttpError 400 where there is none, 502 on another host, 403 where this one has no resources.
 */
export function readDestination(req: Request): ParsedPath {
  const field = req.headers.get('destination');
  HttpError.assert(field, `${req.method} needs a Destination.`, 400);
  const destination = readResourceUrl(req, field);
  if (destination === 'another host') throw new HttpError('The Destination is on another host.', 502);
  if (destination === 'no resource') throw new HttpError('There can be no resources at the Destination.', 403);
  return destination;
}

/** Some clients send names unescaped. Field values are latin1: these are the octets of UTF-8. */
function utf8Of(field: string): string {
  const octets = Buffer.from(field, 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : field;
}

/** The default ports of both schemes go without saying. */
function hostOf(authority: string): string {
  return authority.toLowerCase().replace(/:(?:80|443)?$/, '');
}
