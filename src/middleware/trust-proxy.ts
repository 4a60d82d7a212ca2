/** Takes the word of trusted proxies for who the client is, how it came, whom it asked. */

import type { Middleware } from '../http/handler.js';
import { HttpError } from '../http/http-error.js';
import type { Request } from '../http/request.js';
import { nodeAddress, parseForwarded } from '../protocol/forwarded.js';
import { isAuthority } from '../protocol/host.js';
import { checkNames, optionError } from './option-error.js';
import { compileTrust, type Trust } from './trust.js';

/** Which proxies are believed, and which field of theirs. */
export interface TrustProxyOptions {
  /** The proxies that are believed. */
  readonly trust: Trust;
  /**
   * The field that they set: `Forwarded` (RFC 7239), or `X-Forwarded-For` with `X-Forwarded-Proto` and
   * `X-Forwarded-Host`. Never both: the one that they do not set may come from the client. Default `X-Forwarded-For`.
   */
  readonly field?: 'Forwarded' | 'X-Forwarded-For';
}

/** What the proxies said, each list with the nearest first. */
interface Said {
  readonly addresses: readonly string[];
  readonly schemes: readonly string[];
  readonly authorities: readonly string[];
}

/**
 * Sets `req.remoteAddress`, `req.scheme` and `req.authority` from what trusted proxies say, walking from the peer to the
 * first address that is not trusted: whatever stands beyond may be made up. The address is an empty string where the
 * last trusted proxy tells none. Answers 400 where a trusted proxy sends a malformed Forwarded.
 *
 * @throws TypeError for an option that is malformed.
 */
export function trustProxy(options: TrustProxyOptions): Middleware {
  checkNames('trustProxy', options, ['trust', 'field']);
  const { field = 'X-Forwarded-For' } = options;
  if (field !== 'Forwarded' && field !== 'X-Forwarded-For') {
    throw optionError('trustProxy: field', '"Forwarded" or "X-Forwarded-For"', field);
  }
  const trusts = compileTrust('trustProxy: trust', options.trust);
  const read = field === 'Forwarded' ? readForwarded : readXForwarded;
  // Named for the route table and for errors.
  return function trustProxy(req, res, next) {
    if (!trusts(req.peerAddress, 0)) return next(req, res);
    const { addresses, schemes, authorities } = read(req);
    let hop = 0;
    while (hop < addresses.length - 1 && trusts(addresses[hop], hop + 1)) hop++;
    if (addresses.length > 0) req.remoteAddress = addresses[hop];
    const scheme = saidAt(schemes, hop)?.toLowerCase();
    if (scheme === 'http' || scheme === 'https') req.scheme = scheme;
    const authority = saidAt(authorities, hop);
    if (authority !== undefined && isAuthorityText(authority)) req.authority = authority;
    return next(req, res);
  };
}

function isAuthorityText(text: string): boolean {
  return isAuthority(Buffer.from(text, 'latin1'), 0, text.length);
}

/** What was said by the proxy that named the client. Where not all say something, the farthest that did is nearest to it. */
function saidAt(values: readonly string[], hop: number): string | undefined {
  return values[Math.min(hop, values.length - 1)];
}

function readXForwarded({ headers }: Request): Said {
  return {
    addresses: listOf(headers.get('x-forwarded-for')).map(nodeAddress),
    schemes: listOf(headers.get('x-forwarded-proto')),
    authorities: listOf(headers.get('x-forwarded-host')),
  };
}

function readForwarded({ headers }: Request): Said {
  const elements = parseForwarded(headers.get('forwarded') ?? '')?.reverse();
  // To take no notice of it would let a client pass for the proxy, by a malformed element in front.
  if (elements === undefined) throw new HttpError('The Forwarded field is malformed.', 400);
  return {
    addresses: elements.map((element) => nodeAddress(element.for)),
    schemes: elements.map(({ proto }) => proto),
    authorities: elements.map(({ host }) => host),
  };
}

/** The members of a list, the last first. */
function listOf(field: string | undefined): string[] {
  if (field === undefined) return [];
  const members = field.split(',').map((member) => member.trim());
  return members.filter((member) => member !== '').reverse();
}
