/** Serves a topic that is shared over Redis, as one process of several. */

import { createClient } from 'redis';
import { RedisBackplane } from '../../src/engines/redis.js';
import { Topic } from '../../src/http/events/topic.js';
import { Server } from '../../src/server/server.js';

const { REDIS_PATH = '', PORT = '0', MAX_HISTORY = '1000' } = process.env;

const redis = createClient({ socket: { path: REDIS_PATH, tls: false } });
// It connects again by itself; what fails in between says so.
redis.on('error', () => {});
await redis.connect();
const backplane = new RedisBackplane<string>(redis, 'shared', { maxHistory: Number(MAX_HISTORY) });
const topic = new Topic<string>({ backplane });

const server = Server.new()
  .get('/health', (_req, res) => void res.send(String(topic.size)))
  .get('/events', (req, res) =>
    res.events().sendAll(
      topic.subscribe({
        lastEventId: req.headers.get('last-event-id'),
        signal: req.signal,
        // Where to go on, before there is anything.
        snapshot: (reason) => ({ event: 'start', data: reason }),
      }),
    ),
  )
  .post('/events', async (req, res) => {
    res.send(await topic.publish(await req.text()));
  });
await server.setIp('127.0.0.1').listen(Number(PORT));
process.stdout.write(`listens on ${server.port}\n`);
await server.run();
