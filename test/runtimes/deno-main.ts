/** Serves the application on Deno, which prints where. */

import { createApp } from 'luminaire';
import { serve } from 'luminaire/deno';
import { options } from './wire-app.js';

serve(await createApp(options), { port: 0, hostname: '127.0.0.1' });
