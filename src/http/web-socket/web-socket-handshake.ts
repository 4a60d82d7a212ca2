/** Decides whether a request may open a WebSocket (RFC 6455 §4.2). */

import { isToken } from '../../protocol/chars.js';
import { HttpError } from '../http-error.js';
import type { Request } from '../request.js';
import { isSameOrigin } from '../same-origin.js';
import type { CheckedWebSocketOptions } from './web-socket-options.js';

/** What the opening handshake of a WebSocket names its protocol. */
export const WEB_SOCKET = 'websocket';

/** 16 bytes in base64 (RFC 6455 §4.1). */
const KEY = /^[+/\dA-Za-z]{22}==$/;
const VERSION = '13';

/** Whether the client asks to go on with the WebSocket protocol. HTTP/1.0 has no such request (RFC 9110 §7.8). */
export function asksForWebSocket(req: Request): boolean {
  return req.method === 'GET' && req.offersUpgrade(WEB_SOCKET);
}

/**
 * Checks what a client says that wants a WebSocket, and gives the sub-protocol to speak, `''` for none.
 *
 * @throws HttpError 405 for another method than GET; 426 where no WebSocket is asked for, or one of another version;
 * 400 for content, or a key or list of sub-protocols that is malformed; 403 for a page of a foreign origin; 503 while the server
 * drains.
 */
export function checkHandshake(
  req: Request,
  { origins, protocols }: Pick<CheckedWebSocketOptions, 'origins' | 'protocols'>,
): string {
  if (req.method !== 'GET' && req.method !== 'HEAD')
    throw new HttpError('A WebSocket is opened by GET.', 405, { headers: { Allow: 'GET, HEAD, OPTIONS' } });
  const { headers } = req;
  if (!asksForWebSocket(req)) throw upgradeRequired('This is served over WebSocket alone.');
  if (headers.get('sec-websocket-version') !== VERSION)
    throw upgradeRequired(`This is served over WebSocket version ${VERSION} alone.`);
  // A WebSocket would begin behind it, and nobody reads it.
  if (req.hasContent) throw new HttpError('A request for a WebSocket has no content.', 400);
  if (!KEY.test(headers.get('sec-websocket-key') ?? ''))
    throw new HttpError('Sec-WebSocket-Key must be 16 bytes in base64.', 400);
  const origin = headers.get('origin');
  if (origin !== undefined && origins !== '*' && !origins.includes(origin) && !isSameOrigin(origin, req))
    throw new HttpError('Pages of this origin may not open a WebSocket here.', 403);
  const protocol = chooseProtocol(headers.get('sec-websocket-protocol'), protocols);
  // It would be closed at once, and a client that is refused may ask another server.
  if (req.serverDrains) throw new HttpError('The server is about to stop.', 503);
  return protocol;
}

function upgradeRequired(detail: string): HttpError {
  return new HttpError(detail, 426, { headers: { Upgrade: WEB_SOCKET, 'Sec-WebSocket-Version': VERSION } });
}

/** The first of `spoken` that the client offers. One that offers others alone gets none, and may close. */
function chooseProtocol(offered: string | undefined, spoken: readonly string[]): string {
  if (offered === undefined) return '';
  const offers = listOf(offered);
  if (offers.length === 0 || !offers.every((each, i) => isToken(each) && offers.indexOf(each) === i))
    throw new HttpError('Sec-WebSocket-Protocol must be a list of different tokens.', 400);
  return spoken.find((each) => offers.includes(each)) ?? '';
}

/** The members of a list (RFC 9110 §5.6.1). */
function listOf(value: string | undefined): string[] {
  return value?.split(',').map((each) => each.trim()) ?? [];
}
