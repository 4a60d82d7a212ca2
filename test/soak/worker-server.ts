/** The application with workers under load, in processes of its own. */

import { Server } from '../../src/server/server.js';

/** What a request to `/work` adds up: some milliseconds of CPU, so that the load generator is not what is measured. */
const NUMBERS = 50_000;

const server = Server.new({ workers: Number(process.env.WORKERS) })
  .get('/pid', (_req, res) => void res.send(String(process.pid)))
  .get('/work', (_req, res) => {
    let sum = 0;
    for (let i = 0; i < NUMBERS; i++) sum = (sum + i * i) % 1_000_003;
    res.send(String(sum));
  });
await server.setIp('127.0.0.1').listen();
if (server.supervisor !== undefined) process.stdout.write(`listens on ${server.port}\n`);
await server.run();
