/** Fastify, as its documentation shows. */

import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import { HOST, KEEP_ALIVE_MS, reportPort, startPart } from '../part.js';
import type { NewOrder as Order } from '../work/new-order.js';
import { Greeter, Library, Orders, RESOURCES, STEPS, Ticker, Users } from '../work/work.js';

declare module 'fastify' {
  interface FastifyRequest {
    steps: number;
  }
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

async function listen(app: FastifyInstance): Promise<void> {
  await app.listen({ port: 0, host: HOST });
  reportPort((app.server.address() as AddressInfo).port);
}

await startPart({
  hello() {
    const greeter = new Greeter();
    const app = Fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
    app.get('/', () => greeter.greet());
    return listen(app);
  },

  user() {
    const users = new Users();
    const user = {
      type: 'object',
      properties: {
        id: { type: 'integer' },
        name: { type: 'string' },
        roles: { type: 'array', items: { type: 'string' } },
      },
    };
    const schema = {
      params: { type: 'object', properties: { id: { type: 'integer' } } },
      response: { 200: user },
    };
    const app = Fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
    app.get<{ Params: { id: number } }>('/users/:id', { schema }, (req) => users.find(req.params.id));
    return listen(app);
  },

  async order() {
    const { NewOrder } = await import('../work/new-order.js');
    const orders = new Orders();
    const app = Fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
    app.setValidatorCompiler(() => (content) => {
      const parsed = NewOrder.safeParse(content);
      return parsed.success ? { value: parsed.data } : { error: parsed.error };
    });
    app.post<{ Body: Order }>('/orders', { schema: { body: NewOrder } }, (req, reply) => {
      reply.code(201);
      return orders.place(req.body);
    });
    return listen(app);
  },

  middlewares() {
    const app = Fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
    app.decorateRequest('steps', 0);
    for (let i = 0; i < STEPS; i++) {
      app.addHook('onRequest', async (req) => {
        req.steps += 1;
      });
    }
    app.get('/steps', (req) => `${req.steps} steps`);
    return listen(app);
  },

  routes() {
    const app = Fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
    for (const name of RESOURCES) {
      app.get(`/${name}`, () => `all of ${name}`);
      app.get<{ Params: { id: string } }>(`/${name}/:id`, (req) => `${name} ${req.params.id}`);
      app.get<{ Params: { id: string } }>(`/${name}/:id/history`, (req) => `history of ${name} ${req.params.id}`);
    }
    return listen(app);
  },

  library() {
    const library = new Library();
    const app = Fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
    app.get('/library/plain', (_req, reply) => reply.type(JSON_TYPE).send(library.plainJson));
    app.get('/library/foreign', (_req, reply) => reply.type(JSON_TYPE).send(library.foreignJson));
    app.get('/library/objects', () => library.plain);
    return listen(app);
  },

  upload() {
    const app = Fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
    app.addContentTypeParser('application/octet-stream', (_req, payload, done) => done(null, payload));
    app.post<{ Body: Readable }>('/upload', async (req) => {
      let size = 0;
      for await (const chunk of req.body) size += chunk.length;
      return String(size);
    });
    return listen(app);
  },

  ticks() {
    const ticker = new Ticker();
    const app = Fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
    app.get('/ticks', (_req, reply) => reply.type(TEXT).send(Readable.from(ticker.ticks(), { objectMode: false })));
    return listen(app);
  },
});
