/** Serves the application, or the sample `todos`, on Deno, which prints where. */

import { createApp } from 'luminaire';
import { serve } from 'luminaire/deno';

const { options } = await (process.env.SAMPLE === 'todos'
  ? import('../../samples/todos/app.js')
  : import('./wire-app.js'));
serve(await createApp(options), { port: 0, hostname: '127.0.0.1' });
