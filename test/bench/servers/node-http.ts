/** The peer that every ratio is against: Node's own server, routed by hand, doing the same work. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HOST, KEEP_ALIVE_MS, reportPort, startPart } from '../part.js';
import { Greeter, Library, Orders, RESOURCES, STEPS, Ticker, Users } from '../work/work.js';

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

function listen(listener: RequestListener): void {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  server.listen(0, HOST, () => reportPort((server.address() as AddressInfo).port));
}

function send(res: ServerResponse, status: number, type: string, body: string): void {
  res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
}

function notFound(res: ServerResponse): void {
  send(res, 404, TEXT, 'Not found');
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

type Stepped = IncomingMessage & { steps?: number };
type Handle = (req: Stepped, res: ServerResponse) => void | Promise<void>;

await startPart({
  hello() {
    const greeter = new Greeter();
    listen((req, res) => {
      if (req.method !== 'GET' || req.url !== '/') return notFound(res);
      send(res, 200, TEXT, greeter.greet());
    });
  },

  user() {
    const users = new Users();
    listen((req, res) => {
      const path = req.url ?? '';
      const id = path.startsWith('/users/') ? Number(path.slice(7)) : Number.NaN;
      if (req.method !== 'GET' || Number.isNaN(id)) return notFound(res);
      send(res, 200, JSON_TYPE, JSON.stringify(users.find(id)));
    });
  },

  async order() {
    const { NewOrder } = await import('../work/new-order.js');
    const orders = new Orders();
    const place = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
      const parsed = NewOrder.safeParse(JSON.parse(await textOf(req)));
      if (parsed.success) send(res, 201, JSON_TYPE, JSON.stringify(orders.place(parsed.data)));
      else send(res, 422, JSON_TYPE, JSON.stringify(parsed.error.issues));
    };
    listen((req, res) => {
      if (req.method !== 'POST' || req.url !== '/orders') return notFound(res);
      place(req, res).catch((error: Error) => send(res, 400, TEXT, error.message));
    });
  },

  middlewares() {
    const step = async (req: Stepped, res: ServerResponse, next: Handle): Promise<void> => {
      req.steps = (req.steps ?? 0) + 1;
      await next(req, res);
    };
    let handle: Handle = (req, res) => send(res, 200, TEXT, `${req.steps} steps`);
    for (let i = 0; i < STEPS; i++) {
      const next = handle;
      handle = (req, res) => step(req, res, next);
    }
    listen((req, res) => {
      if (req.method !== 'GET' || req.url !== '/steps') return notFound(res);
      (handle(req, res) as Promise<void>).catch(() => res.destroy());
    });
  },

  routes() {
    const handlers = new Map<string, (id: string, rest: string, res: ServerResponse) => void>(
      RESOURCES.map((name) => [
        name,
        (id, rest, res) => {
          if (rest === '') send(res, 200, TEXT, `${name} ${id}`);
          else if (rest === 'history') send(res, 200, TEXT, `history of ${name} ${id}`);
          else notFound(res);
        },
      ]),
    );
    listen((req, res) => {
      const [, name = '', id = '', rest = ''] = (req.url ?? '').split('/');
      const handler = handlers.get(name);
      if (req.method !== 'GET' || handler === undefined) return notFound(res);
      if (id === '') return send(res, 200, TEXT, `all of ${name}`);
      handler(id, rest, res);
    });
  },

  library() {
    const library = new Library();
    listen((req, res) => {
      if (req.url === '/library/plain') send(res, 200, JSON_TYPE, library.plainJson);
      else if (req.url === '/library/foreign') send(res, 200, JSON_TYPE, library.foreignJson);
      else if (req.url === '/library/objects') send(res, 200, JSON_TYPE, JSON.stringify(library.plain));
      else notFound(res);
    });
  },

  upload() {
    listen((req, res) => {
      if (req.method !== 'POST' || req.url !== '/upload') return notFound(res);
      let size = 0;
      req.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      req.on('end', () => send(res, 200, TEXT, String(size)));
    });
  },

  ticks() {
    const ticker = new Ticker();
    const stream = async (res: ServerResponse): Promise<void> => {
      res.setHeader('Content-Type', TEXT);
      for await (const tick of ticker.ticks()) if (!res.write(tick)) await once(res, 'drain');
      res.end();
    };
    listen((req, res) => {
      if (req.method !== 'GET' || req.url !== '/ticks') return notFound(res);
      stream(res).catch(() => res.destroy());
    });
  },
});
