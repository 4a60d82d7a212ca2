/** What an application shares over Redis: `luminaire/redis`. */

export { RedisBackplane, type RedisBackplaneOptions } from './redis/redis-backplane.js';
export type { RedisClient } from './redis/redis-client.js';
export type { DuplicableRedisClient } from './redis/redis-connection.js';
export { RedisSessionStore, type RedisSessionStoreOptions } from './redis/redis-session-store.js';
export type { AwayOptions } from './while-away.js';
