/** Starts the application at the `PORT` and `HOST` of the environment. */

import { app } from './app.js';

const { PORT = '8080', HOST = '127.0.0.1' } = process.env;

const running = await app;
await running.closeOnSignals().listen(Number(PORT), HOST);
console.log(`Serves ${running.url}, its docs are at ${running.url}/docs`);
