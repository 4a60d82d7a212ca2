/** Finds where this machine is reached in its own network. */

import { networkInterfaces } from 'node:os';

/** The first IPv4 address that others can reach, or the one for this machine alone. */
export function lanAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
