/** Serves the same handlers behind middleware in each place where middleware may stand. */

import {
  Controller,
  createApp,
  Get,
  HttpError,
  type Middleware,
  Options,
  Post,
  Req,
  type Request,
  Res,
  type Response,
  type ServerOptions,
  Use,
} from '../../src/index.js';
import { type Served, serve, type Transport } from './served.js';

/** Around a plain Server, around an application with a controller, and on the controller itself. */
export const PLACES = ['server', 'application', 'controller'] as const;
export type Place = (typeof PLACES)[number];

const HANDLERS = {
  ok: (_req: Request, res: Response) => void res.send('ok'),
  /** Throws what a client may see. */
  refuses: () => {
    throw new HttpError('No tea here.', 418);
  },
  /** Throws what a client must not see. */
  fails: () => {
    throw new Error('secret');
  },
  /** Throws after it has begun to send. */
  breaks: (_req: Request, res: Response) => {
    void res.write('part');
    throw new Error('secret');
  },
  echo: async (req: Request, res: Response) => void res.send(await req.bytes()),
};

/**
 * Serves `GET /ok`, `/refuses`, `/fails` and `/breaks`, `POST /ok` and `/echo`, behind `use`. `look` sees each request
 * that reaches a handler.
 */
export async function behind(
  place: Place,
  use: readonly Middleware[],
  look: (req: Request, res: Response) => void = () => {},
  options: ServerOptions = {},
  transport: Transport = 'memory',
): Promise<Served> {
  const looks: Middleware = (req, res, next) => {
    look(req, res);
    return next(req, res);
  };
  const { ok, refuses, fails, breaks, echo } = HANDLERS;
  if (place === 'server') {
    return serve(
      (server) => {
        for (const middleware of [...use, looks]) server.use(middleware);
        server.get('/ok', ok).post('/ok', ok).get('/refuses', refuses).get('/fails', fails).get('/breaks', breaks);
        server.post('/echo', echo);
      },
      options,
      transport,
    );
  }
  const onClass = place === 'controller' ? [...use, looks] : [looks];
  @Controller()
  @Use(...onClass)
  class Probe {
    @Get('/ok') @Post('/ok') ok(@Req() req: Request, @Res() res: Response) {
      ok(req, res);
    }
    @Options('/ok') options(@Res() res: Response) {
      res.setStatus(204).addHeader('Allow', 'GET, HEAD, OPTIONS, POST').send();
    }
    @Get('/refuses') refuses() {
      refuses();
    }
    @Get('/fails') fails() {
      fails();
    }
    @Get('/breaks') breaks(@Req() req: Request, @Res() res: Response) {
      breaks(req, res);
    }
    @Post('/echo') echo(@Req() req: Request, @Res() res: Response) {
      return echo(req, res);
    }
  }
  const app = await createApp({ controllers: [Probe], use: place === 'application' ? use : [], ...options });
  return serve(
    (server) => {
      for (const middleware of app.server.middleware) server.use(middleware);
      for (const route of app.routes) server.router.on(route.method, route.pattern, route.handler, route.place);
    },
    options,
    transport,
  );
}

/** The value of a field in a raw response. */
export function fieldOf(response: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)\r$`, 'im').exec(response)?.[1];
}

/** The status of a raw response. */
export function statusOf(response: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(response)?.[1]);
}
