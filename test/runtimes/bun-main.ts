/** Serves the application on Bun, and prints where. */

import { createApp } from 'luminaire';
import { serve } from 'luminaire/bun';
import { options } from './wire-app.js';

console.log(serve(await createApp(options), { port: 0, hostname: '127.0.0.1' }).url.href);
