/** Hono on its server for Node, as its documentation shows. */

import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { streamText } from 'hono/streaming';
import { validator } from 'hono/validator';
import { HOST, KEEP_ALIVE_MS, reportPort, startPart } from '../part.js';
import { Greeter, Library, Orders, RESOURCES, STEPS, Ticker, Users } from '../work/work.js';

interface Stepped {
  Variables: { steps: number };
}

const JSON_FIELDS = { 'Content-Type': 'application/json' };

function listen(app: { readonly fetch: (req: Request) => Response | Promise<Response> }): void {
  serve(
    { fetch: app.fetch, port: 0, hostname: HOST, serverOptions: { keepAliveTimeout: KEEP_ALIVE_MS } },
    ({ port }: AddressInfo) => reportPort(port),
  );
}

await startPart({
  hello() {
    const greeter = new Greeter();
    const app = new Hono();
    app.get('/', (c) => c.text(greeter.greet()));
    listen(app);
  },

  user() {
    const users = new Users();
    const app = new Hono();
    app.get('/users/:id', (c) => c.json(users.find(Number(c.req.param('id')))));
    listen(app);
  },

  async order() {
    const { NewOrder } = await import('../work/new-order.js');
    const orders = new Orders();
    const app = new Hono();
    const valid = validator('json', (value, c) => {
      const parsed = NewOrder.safeParse(value);
      return parsed.success ? parsed.data : c.json(parsed.error.issues, 422);
    });
    app.post('/orders', valid, (c) => c.json(orders.place(c.req.valid('json')), 201));
    listen(app);
  },

  middlewares() {
    const app = new Hono<Stepped>();
    const step = createMiddleware<Stepped>(async (c, next) => {
      c.set('steps', (c.get('steps') ?? 0) + 1);
      await next();
    });
    for (let i = 0; i < STEPS; i++) app.use(step);
    app.get('/steps', (c) => c.text(`${c.get('steps')} steps`));
    listen(app);
  },

  routes() {
    const app = new Hono();
    for (const name of RESOURCES) {
      app.get(`/${name}`, (c) => c.text(`all of ${name}`));
      app.get(`/${name}/:id`, (c) => c.text(`${name} ${c.req.param('id')}`));
      app.get(`/${name}/:id/history`, (c) => c.text(`history of ${name} ${c.req.param('id')}`));
    }
    listen(app);
  },

  library() {
    const library = new Library();
    const app = new Hono();
    app.get('/library/plain', (c) => c.body(library.plainJson, 200, JSON_FIELDS));
    app.get('/library/foreign', (c) => c.body(library.foreignJson, 200, JSON_FIELDS));
    app.get('/library/objects', (c) => c.json(library.plain));
    listen(app);
  },

  upload() {
    const app = new Hono();
    app.post('/upload', async (c) => {
      let size = 0;
      for await (const chunk of c.req.raw.body as unknown as AsyncIterable<Uint8Array>) size += chunk.length;
      return c.text(String(size));
    });
    listen(app);
  },

  ticks() {
    const ticker = new Ticker();
    const app = new Hono();
    app.get('/ticks', (c) =>
      streamText(c, async (stream) => {
        for await (const tick of ticker.ticks()) await stream.write(tick);
      }),
    );
    listen(app);
  },
});
