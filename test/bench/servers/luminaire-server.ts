/** The Server without controllers. */

import { Server } from 'luminaire';
import { HOST, reportPort, startPart } from '../part.js';
import { Greeter, Library, Orders, RESOURCES, STEPS, Ticker, Users } from '../work/work.js';
import { step } from './luminaire-step.js';

async function listen(server: Server): Promise<void> {
  await server.setIp(HOST).listen();
  void server.run();
  reportPort(server.port);
}

await startPart({
  hello() {
    const greeter = new Greeter();
    return listen(Server.new().get('/', (_req, res) => void res.send(greeter.greet())));
  },

  user() {
    const users = new Users();
    return listen(Server.new().get('/users/:id', (req, res) => void res.json(users.find(Number(req.params.id)))));
  },

  async order() {
    const { NewOrder } = await import('../work/new-order.js');
    const orders = new Orders();
    const server = Server.new().post('/orders', async (req, res) => {
      const parsed = NewOrder.safeParse(await req.json());
      if (parsed.success) res.setStatus(201).json(orders.place(parsed.data));
      else res.setStatus(422).json(parsed.error.issues);
    });
    return listen(server);
  },

  middlewares() {
    const server = Server.new();
    for (let i = 0; i < STEPS; i++) server.use(step);
    return listen(server.get('/steps', (req, res) => void res.send(`${req.state.steps} steps`)));
  },

  routes() {
    const server = Server.new();
    for (const name of RESOURCES) {
      server.get(`/${name}`, (_req, res) => void res.send(`all of ${name}`));
      server.get(`/${name}/:id`, (req, res) => void res.send(`${name} ${req.params.id}`));
      server.get(`/${name}/:id/history`, (req, res) => void res.send(`history of ${name} ${req.params.id}`));
    }
    return listen(server);
  },

  library() {
    const library = new Library();
    const server = Server.new()
      .get('/library/plain', (_req, res) => void res.setContentType('application/json').send(library.plainJson))
      .get('/library/foreign', (_req, res) => void res.setContentType('application/json').send(library.foreignJson))
      .get('/library/objects', (_req, res) => void res.json(library.plain));
    return listen(server);
  },

  upload() {
    const server = Server.new().post('/upload', async (req, res) => {
      let size = 0;
      for await (const piece of req.stream) size += piece.length;
      res.send(String(size));
    });
    return listen(server);
  },

  ticks() {
    const ticker = new Ticker();
    return listen(
      Server.new().get('/ticks', (_req, res) => res.setContentType('text/plain; charset=utf-8').stream(ticker.ticks())),
    );
  },
});
