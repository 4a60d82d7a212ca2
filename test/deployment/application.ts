/** The application that the recipes are tried with: that of docs/deployment.md, with more to ask. */

import { setTimeout as wait } from 'node:timers/promises';
import {
  bootstrap,
  Controller,
  Get,
  health,
  InheritedSocket,
  Param,
  Post,
  Req,
  type Request,
  Signal,
  Socket,
  Sse,
  TcpSocket,
  trustProxy,
  WebSocket,
  WebSocketConnection,
} from '../../src/index.js';

const { env } = process;

@Controller()
class AppController {
  @Get('/pid')
  @Post('/pid')
  pid(): string {
    return String(process.pid);
  }

  @Get('/slow/:ms')
  async slow(@Param('ms') ms: number): Promise<string> {
    process.stdout.write(`slow in ${process.pid}\n`);
    await wait(ms);
    return String(process.pid);
  }

  @Get('/seen')
  seen(@Req() req: Request): object {
    return { address: req.remoteAddress, scheme: req.scheme, authority: req.authority };
  }

  @Post('/size')
  async size(@Req() req: Request): Promise<string> {
    return String((await req.bytes()).length);
  }

  /** One event, then silence until the client has gone. */
  @Sse('/events')
  async *events(@Signal() gone: AbortSignal): AsyncGenerator<string> {
    yield 'first';
    await wait(60_000, undefined, { signal: gone, ref: false }).catch(() => {});
  }

  @WebSocket('/socket')
  async *echo(@Socket() socket: WebSocketConnection): AsyncGenerator<string | Buffer> {
    yield* socket;
  }
}

const [socket = new TcpSocket()] = InheritedSocket.fromSystemd();
const app = await bootstrap({
  controllers: [AppController],
  use: [trustProxy({ trust: 'loopback' }), health()],
  socket,
  host: env.HOST ?? '127.0.0.1',
  port: Number(env.PORT ?? 0),
  drainDelay: Number(env.DRAIN_DELAY ?? 0),
  workers: Number(env.WORKERS) || undefined,
});
const kind = 'restart' in app ? 'supervises' : 'serves';
process.stdout.write(`${kind} ${app.url} as ${process.pid}\n`);
