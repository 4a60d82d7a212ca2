/** Connects the clients of Redis that applications have. */

import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { onTestFinished } from 'vitest';
import type { RedisClient } from '../../../src/engines/redis.js';
import type { RedisServer } from '../../support/redis-server.js';

/** Connects to `server`, until the test ends. */
export type Connect = (server: RedisServer) => Promise<RedisClient>;

/** One that fails at once while Redis is away. */
const connectRedis = async (server: RedisServer) => {
  const socket = { path: server.path, tls: false as const, reconnectStrategy: 20 };
  const client = createClient({ socket, disableOfflineQueue: true });
  client.on('error', () => {});
  onTestFinished(() => client.destroy());
  return client.connect();
};

/** One that waits for Redis while it is away, as both do unless they are told not to. */
const connectIoRedis = async (server: RedisServer) => {
  const client = new Redis(server.path, { retryStrategy: () => 20, lazyConnect: true });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  await client.connect();
  return client;
};

/** By the name of their package. */
export const CLIENTS = [
  ['redis', connectRedis],
  ['ioredis', connectIoRedis],
] as const satisfies readonly (readonly [string, Connect])[];
