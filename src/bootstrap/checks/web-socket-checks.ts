/** Finds what is wrong with the WebSockets of a handler. */

import type { ProducesRecord, RouteRecord } from '../../decorators/metadata.js';
import { checkWebSocketOptions } from '../../http/web-socket/web-socket-options.js';
import { type Finding, finding } from './finding.js';
import type { HandlerFacts } from './handler-checks.js';

/** Lists what is wrong with `@WebSocket` and `@Socket` of a handler. */
export function checkWebSockets(
  { place, parameters, replies }: Pick<HandlerFacts, 'place' | 'parameters' | 'replies'>,
  routes: readonly Pick<RouteRecord, 'sends' | 'webSocket' | 'decorator'>[],
  produces: readonly ProducesRecord[],
): Finding[] {
  const sockets = parameters.records.filter(({ source }) => source === 'socket');
  const opening = routes.filter(({ sends }) => sends === 'messages');
  if (opening.length === 0) {
    return sockets.map(({ decorator }) =>
      finding(place, `@WebSocket above a method with ${decorator}`, 'none', 'Only @WebSocket opens a socket.'),
    );
  }
  const findings: Finding[] = [];
  if (sockets.length > 1) {
    findings.push(
      finding(place, 'one @Socket', String(sockets.length), 'It is the same socket: read it with one schema.'),
    );
  }
  const other = routes.find(({ sends }) => sends !== 'messages');
  if (other !== undefined) {
    findings.push(
      finding(
        place,
        'a method of its own under @WebSocket',
        `${other.decorator} above it`,
        'A request that opens no socket is answered by another method, which may have the same path.',
      ),
    );
  }
  const answering = replies[0]?.decorator ?? (produces.length > 0 ? '@Produces' : undefined);
  if (answering !== undefined) {
    findings.push(
      finding(
        place,
        'no @Status, @Returns or @Produces beside @WebSocket',
        answering,
        'A WebSocket is answered 101, and then has messages: remove it.',
      ),
    );
  }
  for (const { webSocket } of opening) {
    try {
      checkWebSocketOptions(webSocket);
    } catch (error) {
      const said = `@WebSocket: ${error instanceof Error ? error.message : String(error)}`;
      findings.push(
        finding(place, 'options of a WebSocket', 'others', 'Its path comes first, then its options.', said),
      );
    }
  }
  return findings;
}
