/** Express, as its documentation shows. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Request, type RequestHandler } from 'express';
import { HOST, KEEP_ALIVE_MS, reportPort, startPart } from '../part.js';
import { Greeter, Library, Orders, RESOURCES, STEPS, Ticker, Users } from '../work/work.js';

type Stepped = Request & { steps?: number };

function listen(app: Express): void {
  const server = app.listen(0, HOST, () => reportPort((server.address() as AddressInfo).port));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}

await startPart({
  hello() {
    const greeter = new Greeter();
    const app = express();
    app.get('/', (_req, res) => void res.type('text').send(greeter.greet()));
    listen(app);
  },

  user() {
    const users = new Users();
    const app = express();
    app.get('/users/:id', (req, res) => void res.json(users.find(Number(req.params.id))));
    listen(app);
  },

  async order() {
    const { NewOrder } = await import('../work/new-order.js');
    const orders = new Orders();
    const app = express();
    app.post('/orders', express.json(), (req, res) => {
      const parsed = NewOrder.safeParse(req.body);
      if (parsed.success) res.status(201).json(orders.place(parsed.data));
      else res.status(422).json(parsed.error.issues);
    });
    listen(app);
  },

  middlewares() {
    const app = express();
    const step: RequestHandler = async (req: Stepped, _res, next) => {
      req.steps = (req.steps ?? 0) + 1;
      next();
    };
    for (let i = 0; i < STEPS; i++) app.use(step);
    app.get('/steps', (req: Stepped, res) => void res.type('text').send(`${req.steps} steps`));
    listen(app);
  },

  routes() {
    const app = express();
    for (const name of RESOURCES) {
      app.get(`/${name}`, (_req, res) => void res.type('text').send(`all of ${name}`));
      app.get(`/${name}/:id`, (req, res) => void res.type('text').send(`${name} ${req.params.id}`));
      app.get(`/${name}/:id/history`, (req, res) => void res.type('text').send(`history of ${name} ${req.params.id}`));
    }
    listen(app);
  },

  library() {
    const library = new Library();
    const app = express();
    app.get('/library/plain', (_req, res) => void res.type('json').send(library.plainJson));
    app.get('/library/foreign', (_req, res) => void res.type('json').send(library.foreignJson));
    app.get('/library/objects', (_req, res) => void res.json(library.plain));
    listen(app);
  },

  upload() {
    const app = express();
    app.post('/upload', (req, res) => {
      let size = 0;
      req.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      req.on('end', () => res.type('text').send(String(size)));
    });
    listen(app);
  },

  ticks() {
    const ticker = new Ticker();
    const app = express();
    app.get('/ticks', async (_req, res) => {
      res.type('text');
      for await (const tick of ticker.ticks()) if (!res.write(tick)) await once(res, 'drain');
      res.end();
    });
    listen(app);
  },
});
