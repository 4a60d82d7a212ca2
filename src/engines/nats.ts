/** What an application shares over NATS: `luminaire/nats`. */

export type { NatsClient } from './nats/event-stream.js';
export { NatsBackplane, type NatsBackplaneOptions } from './nats/nats-backplane.js';
export type { AwayOptions } from './while-away.js';
