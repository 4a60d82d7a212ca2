/** Tells which clients are sockets of the operating system. */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Whether the system has copied what was written once nothing of it is waiting: the memory may be used again then. Any
 * other stream may keep what it was given, and so does TLS, which encrypts it later.
 */
export function copiesWhatIsWritten(client: Duplex): boolean {
  return client instanceof Socket && !('encrypted' in client);
}
