/** Serves the application, or the sample `todos`, on Bun, and prints where. */

import { createApp } from 'luminaire';
import { serve } from 'luminaire/bun';

const { options } = await (process.env.SAMPLE === 'todos'
  ? import('../../samples/todos/app.js')
  : import('./wire-app.js'));
console.log(serve(await createApp(options), { port: 0, hostname: '127.0.0.1' }).url.href);
