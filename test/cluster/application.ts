/** An application with workers, told by its environment what to be: each test runs it in processes of its own. */

import { existsSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { bootstrap } from '../../src/bootstrap/bootstrap.js';
import { Controller } from '../../src/decorators/controller.js';
import { Param } from '../../src/decorators/parameters.js';
import { Get } from '../../src/decorators/route.js';
import { health } from '../../src/middleware/health.js';
import { Server } from '../../src/server/server.js';
import { TcpSocket } from '../../src/sockets/tcp.js';
import { TlsSocket } from '../../src/sockets/tls.js';
import { UnixSocket } from '../../src/sockets/unix.js';

const { KIND = 'bootstrap', SOCKET_PATH, TLS_KEY, TLS_CERT, REUSE_PORT, FAILS_IF, ENDS_AT_ONCE_IF } = process.env;
const env = process.env;

class Starts {
  onStart(): void {
    if (FAILS_IF !== undefined && existsSync(FAILS_IF)) throw new Error('there is no database');
  }

  [Symbol.dispose](): void {
    process.stdout.write(`disposed ${process.pid}\n`);
  }
}

@Controller()
class AppController {
  constructor(_starts: Starts) {}

  @Get('/pid')
  pid(): string {
    return String(process.pid);
  }

  @Get('/slow/:ms')
  async slow(@Param('ms') ms: number): Promise<string> {
    process.stdout.write(`slow in ${process.pid}\n`);
    await wait(ms);
    return String(process.pid);
  }

  /** Stands still, and everything in the process with it. */
  @Get('/hang')
  hang(): void {
    writeSync(1, `hangs in ${process.pid}\n`);
    for (;;);
  }

  @Get('/throw')
  throw(): Promise<never> {
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
    return new Promise(() => {});
  }
}

function socketOf(): TcpSocket | UnixSocket | TlsSocket {
  if (SOCKET_PATH !== undefined) return new UnixSocket(SOCKET_PATH, { mode: 0o660 });
  const tcp = new TcpSocket();
  if (REUSE_PORT !== undefined) tcp.setoption('reuseport', true);
  if (TLS_KEY !== undefined && TLS_CERT !== undefined) return new TlsSocket({ key: TLS_KEY, cert: TLS_CERT }, tcp);
  return tcp;
}

const options = {
  workers: env.WORKERS === 'auto' ? ('auto' as const) : Number(env.WORKERS ?? 2),
  shutdownTimeout: Number(env.SHUTDOWN_TIMEOUT ?? 10_000),
  drainDelay: Number(env.DRAIN_DELAY ?? 0),
  workerHangTimeout: Number(env.HANG_TIMEOUT ?? 30_000),
  env: env.DEBUG_ROUTES === undefined ? ('production' as const) : ('debug' as const),
};

/** What the primary is asked over its standard input, a word a line. */
function answer(app: { restart(): Promise<void>; close(): Promise<unknown>; readonly state: object }): void {
  process.stdin.setEncoding('utf8').on('data', async (text: string) => {
    for (const word of text.trim().split('\n')) {
      if (word === 'state') process.stdout.write(`state ${JSON.stringify(app.state)}\n`);
      if (word === 'restart') {
        const said = await app.restart().then(
          () => 'done',
          (error: Error) => error.message,
        );
        process.stdout.write(`restart: ${said}\n`);
      }
      if (word === 'close') {
        process.stdin.destroy();
        process.stdout.write(`closed ${JSON.stringify(await app.close())}\n`);
      }
    }
  });
  process.stdin.unref?.();
}

if (env.IMPATIENT !== undefined) {
  // The supervisor's patience with workers that end is some 15 s: all of it is in these timers.
  const { setTimeout: startTimer } = globalThis;
  globalThis.setTimeout = ((callback: () => void, ms: number) =>
    startTimer(callback, ms <= 5000 ? 1 : ms)) as typeof setTimeout;
}

process.stdout.write(`runs ${process.pid}\n`);
if (KIND === 'bootstrap') {
  const app = await bootstrap({
    controllers: [AppController],
    use: [health()],
    socket: socketOf(),
    port: Number(env.PORT ?? 0),
    host: '127.0.0.1',
    ...options,
  });
  if ('restart' in app) {
    answer(app);
    process.stdout.write(`supervises ${app.url} ${app.port}\n`);
  } else {
    process.stdout.write(`serves ${process.pid} ${app.url}\n`);
    if (ENDS_AT_ONCE_IF !== undefined && existsSync(ENDS_AT_ONCE_IF)) process.exit(3);
  }
} else {
  const server = Server.newWith(socketOf(), options)
    .use(health())
    .get('/pid', (_req, res) => void res.send(String(process.pid)));
  await server.setIp('127.0.0.1').listen(Number(env.PORT ?? 0));
  if (server.supervisor !== undefined) {
    answer({
      restart: () => server.supervisor?.restart() ?? Promise.resolve(),
      close: () => server.close(),
      state: server.supervisor.state,
    });
    process.stdout.write(`supervises ${server.url} ${server.port}\n`);
  }
  await server.run();
  process.stdout.write(`has run ${process.pid}\n`);
}
