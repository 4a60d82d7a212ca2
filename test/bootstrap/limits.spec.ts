import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import {
  type AppOptions,
  type Class,
  Controller,
  createApp,
  From,
  Get,
  HttpError,
  MaxBodySize,
  type Middleware,
  OnError,
  Post,
  Req,
  type Request,
  Res,
  type Response,
  Signal,
  Sse,
  Timeout,
} from '../../src/index.js';
import { type LogEntry, loggerInto } from '../support/served.js';

async function ask(controller: Class, url: string, options: Partial<AppOptions> = {}, body?: string) {
  const log: LogEntry[] = [];
  await using t = await createApp({ controllers: [controller], logger: loggerInto(log), ...options }).test();
  const res = await t.request(body === undefined ? 'GET' : 'POST', url, body === undefined ? {} : { body });
  const answer = { status: res.status, text: await res.text() };
  // What a late handler still does is part of the case.
  await sleep(30);
  return { ...answer, log: log.map(({ message }) => message) };
}

const forever = () => new Promise<never>(() => {});

describe('@Timeout', () => {
  const LATE = 'A request failed before its answer';

  @Controller()
  class Slow {
    aborted: unknown;

    @Get('/never') @Timeout(10) never() {
      return forever();
    }
    @Get('/signal') @Timeout(10) async signal(@Signal() gone: AbortSignal) {
      await sleep(10_000, undefined, { signal: gone });
    }
    @Get('/held') @Timeout(10) held(@Res() res: Response) {
      res.holdOpen = true;
    }
    @Get('/late') @Timeout(10) async late() {
      await sleep(20);
      return 'too late';
    }
    @Get('/fails') @Timeout(10) async fails() {
      await sleep(20);
      throw new Error('lost');
    }
    @Get('/soon') @Timeout(1000) async soon() {
      await sleep(1);
      return 'soon';
    }
    @Get('/sync') @Timeout(1) sync() {
      return 'sync';
    }
    @Get('/throws') @Timeout(1000) async throws() {
      throw new HttpError('teapot', 418);
    }
    @Sse('/events') @Timeout(10) async *events() {
      yield 'a';
      await sleep(20);
      yield 'b';
    }
    @Get('/held-soon') @Timeout(1000) heldSoon(@Res() res: Response) {
      res.holdOpen = true;
      setImmediate(() => res.send('held'));
    }
  }

  it.each([
    ['one that never answers', '/never', [LATE]],
    ['one that listens to its signal', '/signal', [LATE]],
    ['one that is held open', '/held', [LATE]],
    ['one that answers too late', '/late', [LATE, 'A value was returned after the response was sent; it is dropped']],
    ['one that fails too late', '/fails', [LATE, 'A handler failed after its time']],
  ])('answers 503 for %s', async (_title, url, log) => {
    const answer = await ask(Slow, url);
    expect(answer).toMatchObject({ status: 503, log });
    expect(JSON.parse(answer.text)).toMatchObject({ detail: 'There was no answer within 10 ms.' });
  });

  it.each([
    ['answers in time', '/soon', 200, 'soon'],
    ['answers at once', '/sync', 200, 'sync'],
    ['fails in time', '/throws', 418, expect.stringContaining('teapot')],
    ['has begun to answer', '/events', 200, ':\n\ndata: a\n\ndata: b\n\n'],
    ['is held open and answers in time', '/held-soon', 200, 'held'],
  ])('lets one alone that %s', async (_title, url, status, text) => {
    expect(await ask(Slow, url)).toMatchObject({ status, text, log: [] });
  });

  it('never calls a handler whose arguments came too late', async () => {
    const called = vi.fn();
    class Late {
      async resolve() {
        await sleep(20);
      }
    }
    @Controller()
    @Timeout(10)
    class Called {
      @Get('/') get(@From(Late) _late: unknown) {
        called();
      }
    }
    expect(await ask(Called, '/')).toMatchObject({ status: 503, log: [LATE] });
    expect(called).not.toHaveBeenCalled();
  });

  it('is answered by @OnError like any other error', async () => {
    @Controller()
    class Mapped {
      @Get('/') @Timeout(10) get() {
        return forever();
      }
      @OnError(HttpError) late(error: HttpError) {
        return `mapped ${error.status}`;
      }
    }
    expect(await ask(Mapped, '/')).toMatchObject({ status: 200, text: 'mapped 503', log: [] });
  });

  it('is set closest to the method: method, class, application', async () => {
    @Controller()
    class Plain {
      @Get('/plain') get() {
        return forever();
      }
    }
    @Timeout(10)
    @Controller()
    class Limited {
      @Get('/class') get() {
        return forever();
      }
      @Get('/method') @Timeout(Number.POSITIVE_INFINITY) async own() {
        await sleep(20);
        return 'own';
      }
    }
    @Controller()
    class Derived extends Limited {}
    expect(await ask(Plain, '/plain', { timeout: 10 })).toMatchObject({ status: 503 });
    expect(await ask(Limited, '/class', { timeout: 60_000 })).toMatchObject({ status: 503 });
    expect(await ask(Limited, '/method', { timeout: 10 })).toMatchObject({ text: 'own' });
    expect(await ask(Derived, '/class')).toMatchObject({ status: 503 });
  });
});

describe('@MaxBodySize', () => {
  @Controller()
  @MaxBodySize(4)
  class Bodies {
    @Post('/class') async inClass(@Req() req: Request) {
      return req.text();
    }
    @Post('/method') @MaxBodySize(8) async inMethod(@Req() req: Request) {
      return req.text();
    }
  }
  @Controller()
  class Plain {
    @Post('/app') async app(@Req() req: Request) {
      return req.text();
    }
  }
  const readsFirst: Middleware = async (req, res, next) => {
    await req.text();
    return next(req, res);
  };

  it.each<[string, Class, string, string, number, Partial<AppOptions>]>([
    ['up to that of the class', Bodies, '/class', '1234', 200, {}],
    ['no more than that of the class', Bodies, '/class', '12345', 413, {}],
    ['up to that of the method', Bodies, '/method', '12345678', 200, {}],
    ['no more than that of the method', Bodies, '/method', '123456789', 413, {}],
    ['no more than that of the application', Plain, '/app', '123', 413, { maxBodySize: 2 }],
    ['more than the application, where closer', Bodies, '/class', '1234', 200, { maxBodySize: 2 }],
    ['what middleware read under the application’s', Bodies, '/class', '12345', 200, { use: [readsFirst] }],
  ])('accepts %s', async (_title, controller, url, body, status, options) => {
    expect(await ask(controller, url, options, body)).toMatchObject({ status });
  });
});
