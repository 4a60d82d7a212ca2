/** Sends commands by whatever client of Redis an application has. */

/** A client of the package `redis`, of version 4 or later. Not its cluster client, which wants to know the key apart. */
interface NodeRedisClient {
  sendCommand(command: string[]): Promise<unknown>;
}

/** A client of the package `ioredis`, a cluster too, or of `iovalkey`. */
interface IoRedisClient {
  call(name: string, ...args: string[]): Promise<unknown>;
}

/** A connected client of Redis, or of what speaks its protocol: Valkey, KeyDB, Dragonfly. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** Sends one command, and gives its reply. */
export function sendCommand(client: RedisClient, name: string, ...args: string[]): Promise<unknown> {
  // Those of ioredis have a `sendCommand` of another kind.
  return 'call' in client ? client.call(name, ...args) : client.sendCommand([name, ...args]);
}
