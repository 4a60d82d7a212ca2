/** The application: what it is made of, and what stands around every request. */

import { accessLog, createApp, health, securityHeaders, trustProxy } from 'luminaire';
import { GreetingController } from './greetings/greeting.controller.js';

const { NODE_ENV = 'production', DRAIN_DELAY = '0' } = process.env;

export const app = createApp({
  controllers: [GreetingController],
  // The first is the outermost. Whoever is on this machine may say for whom it asks: nginx does.
  use: [health(), trustProxy({ trust: 'loopback' }), accessLog(), securityHeaders()],
  docs: { path: '/docs', title: 'luminaire-app', version: '0.0.0' },
  // In `debug` an error shows its stack to whoever asks.
  env: NODE_ENV === 'development' ? 'debug' : 'production',
  // Milliseconds that it serves on after SIGTERM while /readyz says 503, so that the next requests go to another process.
  drainDelay: Number(DRAIN_DELAY),
});
