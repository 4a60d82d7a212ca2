/** Takes every client of one listening socket, for another that stands on it. */

import type { Duplex } from 'node:stream';
import type { AcceptQueue } from './accept-queue.js';
import { ListenerClosed, type ListenerSocket } from './listener-socket.js';

/** Calls `onClient` for each client of `socket`, and fails `queue` with its errors, until one of both is closed. */
export async function acceptEach(
  socket: ListenerSocket,
  queue: AcceptQueue,
  onClient: (client: Duplex) => void,
): Promise<void> {
  while (!queue.closed) {
    try {
      onClient(await socket.accept());
    } catch (error) {
      if (error instanceof ListenerClosed) return;
      queue.fail(error as Error);
      // A socket that fails at once, again and again, must not keep the event loop from everything else.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
