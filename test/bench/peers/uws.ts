/** uWebSockets.js, a server in C++: handlers as in its examples, corked where they answer later. */

import { HOST, reportPort, reportUnavailable, startPart } from '../part.js';
import { Greeter, Library, Orders, RESOURCES, STEPS, Ticker, Users } from '../work/work.js';

type Uws = typeof import('@trufflesuite/uws-js-unofficial');
type App = import('@trufflesuite/uws-js-unofficial').TemplatedApp;
type Response = import('@trufflesuite/uws-js-unofficial').HttpResponse;

/** The C++ server. Where no binary fits, the package falls back to JavaScript, which says nothing about it. */
async function load(): Promise<Uws> {
  const uws = await import('@trufflesuite/uws-js-unofficial').then(
    (loaded) => loaded.default as Uws,
    () => undefined,
  );
  if (uws === undefined) return reportUnavailable('the package is not installed');
  if (!String(uws.App).includes('[native code]')) return reportUnavailable('no prebuilt binary fits this Node');
  return uws;
}

const uws = await load();
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

function listen(app: App): void {
  app.listen(HOST, 0, (socket) => reportPort(uws.us_socket_local_port(socket)));
}

function send(res: Response, type: string, body: string): void {
  res.writeHeader('Content-Type', type).end(body);
}

/** Reads the whole content, then calls `done` corked. */
function readText(res: Response, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  res.onAborted(() => {});
  res.onData((chunk, isLast) => {
    // The bytes are the server's again once this returns.
    chunks.push(Buffer.from(Buffer.from(chunk)));
    if (isLast) res.cork(() => done(Buffer.concat(chunks).toString()));
  });
}

type Handle = (state: { steps: number }, res: Response) => void | Promise<void>;

await startPart({
  hello() {
    const greeter = new Greeter();
    listen(uws.App().get('/', (res) => send(res, TEXT, greeter.greet())));
  },

  user() {
    const users = new Users();
    listen(
      uws
        .App()
        .get('/users/:id', (res, req) => send(res, JSON_TYPE, JSON.stringify(users.find(Number(req.getParameter(0)))))),
    );
  },

  async order() {
    const { NewOrder } = await import('../work/new-order.js');
    const orders = new Orders();
    const app = uws.App().post('/orders', (res) => {
      readText(res, (text) => {
        const parsed = NewOrder.safeParse(JSON.parse(text));
        res.writeStatus(parsed.success ? '201 Created' : '422 Unprocessable Content');
        send(res, JSON_TYPE, JSON.stringify(parsed.success ? orders.place(parsed.data) : parsed.error.issues));
      });
    });
    listen(app);
  },

  middlewares() {
    const step = async (state: { steps: number }, res: Response, next: Handle): Promise<void> => {
      state.steps += 1;
      await next(state, res);
    };
    let handle: Handle = ({ steps }, res) => res.cork(() => send(res, TEXT, `${steps} steps`)) && undefined;
    for (let i = 0; i < STEPS; i++) {
      const next = handle;
      handle = (state, res) => step(state, res, next);
    }
    const app = uws.App().get('/steps', (res) => {
      res.onAborted(() => {});
      void handle({ steps: 0 }, res);
    });
    listen(app);
  },

  routes() {
    const app = uws.App();
    for (const name of RESOURCES) {
      app.get(`/${name}`, (res) => send(res, TEXT, `all of ${name}`));
      app.get(`/${name}/:id`, (res, req) => send(res, TEXT, `${name} ${req.getParameter(0)}`));
      app.get(`/${name}/:id/history`, (res, req) => send(res, TEXT, `history of ${name} ${req.getParameter(0)}`));
    }
    listen(app);
  },

  library() {
    const library = new Library();
    listen(
      uws
        .App()
        .get('/library/plain', (res) => send(res, JSON_TYPE, library.plainJson))
        .get('/library/foreign', (res) => send(res, JSON_TYPE, library.foreignJson))
        .get('/library/objects', (res) => send(res, JSON_TYPE, JSON.stringify(library.plain))),
    );
  },

  upload() {
    const app = uws.App().post('/upload', (res) => {
      let size = 0;
      res.onAborted(() => {});
      res.onData((chunk, isLast) => {
        size += chunk.byteLength;
        if (isLast) res.cork(() => send(res, TEXT, String(size)));
      });
    });
    listen(app);
  },

  ticks() {
    const ticker = new Ticker();
    const app = uws.App().get('/ticks', async (res) => {
      let isGone = false;
      res.onAborted(() => {
        isGone = true;
      });
      res.writeHeader('Content-Type', TEXT);
      for await (const tick of ticker.ticks()) {
        if (isGone) return;
        res.cork(() => res.write(tick));
      }
      res.cork(() => res.end());
    });
    listen(app);
  },
});
