/** Puts middleware around one handler in each of the two ways there are. */

import { onTestFinished } from 'vitest';
import {
  Controller,
  createApp,
  Get,
  type Handler,
  type InjectedRequest,
  MemorySocket,
  type Middleware,
  Post,
  Response as Reply,
  Req,
  Request,
  Res,
  Server,
} from '../../src/index.js';
import { type LogEntry, loggerInto } from './served.js';

/** What a handler can stand in. */
export const WAYS = ['a plain Server', 'a controller'] as const;
export type Way = (typeof WAYS)[number];

/** A handler that can be asked. */
export interface Asked {
  readonly log: LogEntry[];
  /** GET and POST of `/` reach the handler. */
  send(request?: Partial<InjectedRequest>): Promise<Response>;
}

/** Serves `handler` inside `middleware`, first outermost. */
export async function serveIn(way: Way, middleware: readonly Middleware[], handler: Handler): Promise<Asked> {
  const log: LogEntry[] = [];
  const logger = loggerInto(log);
  if (way === 'a plain Server') {
    const server = Server.newWith(new MemorySocket(), { logger }).get('/', handler).post('/', handler);
    for (const one of middleware) server.use(one);
    onTestFinished(async () => void (await server.close({ timeout: 0 })));
    return { log, send: (request) => server.inject({ url: '/', ...request }) };
  }
  @Controller('/')
  class OnlyController {
    @Get()
    @Post()
    handle(@Req() req: Request, @Res() res: Reply): void | Promise<void> {
      return handler(req, res);
    }
  }
  const app = await createApp({ controllers: [OnlyController], use: middleware, logger });
  onTestFinished(async () => void (await app.close({ timeout: 0 })));
  return { log, send: (request) => app.inject({ url: '/', ...request }) };
}
