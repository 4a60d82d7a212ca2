import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import {
  type AppOptions,
  accessLog,
  Controller,
  createApp,
  From,
  Get,
  HttpError,
  type Middleware,
  OnError,
  Param,
  Query,
  Req,
  type Request,
  requestScoped,
  Signal,
  Socket,
  type TestApp,
  Use,
  WebSocket,
  WebSocketConnection,
} from '../../src/index.js';
import { eventually, fakeTime, type LogEntry, loggerInto, pass, settled } from '../support/served.js';

const Move = z.object({ x: z.number() });
const steps: string[] = [];
let hold: () => void = () => {};
const held = () =>
  new Promise<void>((resolve) => {
    hold = resolve;
  });

class CurrentUser {
  resolve(req: Request): string {
    const user = req.headers.get('authorization');
    HttpError.assert(user, 'Who are you?', 401);
    return user;
  }
}

@requestScoped()
class Visit {
  [Symbol.dispose]() {
    steps.push('disposed');
  }
}

@requestScoped()
class VisitResolver {
  constructor(private readonly visit: Visit) {}
  resolve(): Visit {
    return this.visit;
  }
}

class Full extends Error {}

class FullResolver {
  resolve(): never {
    throw new Full();
  }
}

const around: Middleware = async (req, res, next) => {
  steps.push('before');
  await next(req, res);
  steps.push(res.hasEnded() ? 'after' : 'too early');
};

@Controller('/talk')
class TalkController {
  readonly #greeting = 'hello';

  @WebSocket('/echo')
  async echo(@Socket() socket: WebSocketConnection) {
    for await (const message of socket) await socket.send(message);
  }

  @WebSocket('/rooms/:room')
  async room(
    @Param('room') room: string,
    @Socket() socket: WebSocketConnection,
    @From(CurrentUser) user: string,
    @Query('colour?') colour?: string,
  ) {
    await socket.json({ greeting: this.#greeting, room, user, colour });
    await socket.closed;
  }

  @WebSocket('/moves')
  async *moves(@Socket(Move) socket: WebSocketConnection<{ x: number }>) {
    for await (const { x } of socket) yield { twice: x * 2 };
  }

  @WebSocket('/kinds')
  async *kinds() {
    yield 'text';
    yield new Uint8Array([1, 2]);
    yield [1];
  }

  @WebSocket('/returns')
  @Use(around)
  async returns() {}

  @WebSocket('/throws')
  async throws() {
    await settled();
    throw new Error('broken');
  }

  @WebSocket('/endless')
  async *endless(@Signal() gone: AbortSignal) {
    try {
      for (;;) {
        yield 'tick';
        await sleep(60_000, undefined, { signal: gone });
      }
    } finally {
      steps.push('released');
    }
  }

  /** As a subscription does: what waits for the next step is woken by `return()` alone. */
  @WebSocket('/subscribed')
  subscribed(): AsyncIterable<string> {
    let wake: (step: IteratorResult<string>) => void = () => {};
    const next = () =>
      new Promise<IteratorResult<string>>((resolve) => {
        wake = resolve;
      });
    const stop = async () => {
      steps.push('returned');
      wake({ done: true, value: undefined });
      return { done: true as const, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
  }

  @WebSocket('/waits')
  async waits(@Socket() socket: WebSocketConnection) {
    await held();
    await sleep(60_000, undefined, { signal: socket.signal });
  }

  @WebSocket('/fails-late')
  async failsLate(@Socket() socket: WebSocketConnection) {
    await socket.closed;
    throw new Error('late');
  }

  @WebSocket('/around')
  @Use(around)
  async around(@Socket() socket: WebSocketConnection) {
    steps.push('open');
    await socket.closed;
    steps.push('closed');
  }

  @WebSocket('/scoped')
  async scoped(@From(VisitResolver) _visit: Visit, @Socket() socket: WebSocketConnection) {
    await socket.closed;
    steps.push('closed');
  }

  @WebSocket('/full')
  async full(@Req() _req: Request, @From(FullResolver) _none: never) {}

  @OnError(Full) isFull() {
    return new HttpError('Come back later.', 503);
  }
}

async function start(options: Partial<AppOptions> = {}): Promise<{ t: TestApp; log: LogEntry[] }> {
  steps.length = 0;
  const log: LogEntry[] = [];
  const t = await createApp({ controllers: [TalkController], logger: loggerInto(log), ...options }).test();
  onTestFinished(async () => {
    vi.useRealTimers();
    await t[Symbol.asyncDispose]();
    await settled();
  });
  return { t, log };
}

/** All messages, up to the close. */
async function all(socket: WebSocketConnection): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of socket) messages.push(message);
  return messages;
}

async function next(socket: WebSocketConnection): Promise<unknown> {
  for await (const message of socket) return message;
  return undefined;
}

describe('a conversation', () => {
  it('talks until the client closes', async () => {
    const { t, log } = await start();
    const socket = await t.webSocket('/talk/echo');
    void socket.send('a');
    expect(await next(socket)).toBe('a');
    void socket.send(Buffer.from('b'));
    expect(await next(socket)).toEqual(Buffer.from('b'));
    socket.close(4000, 'bye');
    expect(await socket.closed).toEqual({ code: 4000, reason: 'bye' });
    expect(log).toEqual([]);
  });

  it('has the arguments of any handler, and its this', async () => {
    const { t } = await start();
    const socket = await t.webSocket('/talk/rooms/7?colour=red', { headers: { authorization: 'ada' } });
    expect(await next(socket)).toBe('{"greeting":"hello","room":"7","user":"ada","colour":"red"}');
  });

  it('sends what is yielded: text, bytes, anything else as JSON, then closes', async () => {
    const { t } = await start();
    const socket = await t.webSocket('/talk/kinds');
    expect(await all(socket)).toEqual(['text', Buffer.from([1, 2]), '[1]']);
    expect(await socket.closed).toEqual({ code: 1000, reason: '' });
  });

  it('goes both ways, through a schema', async () => {
    const { t } = await start();
    const socket = await t.webSocket('/talk/moves');
    void socket.json({ x: 2 });
    expect(await next(socket)).toBe('{"twice":4}');
    void socket.json({ x: '2' });
    expect((await socket.closed).code).toBe(1008);
  });

  it('closes with 1000 when the method is over', async () => {
    const { t } = await start();
    expect(await (await t.webSocket('/talk/returns')).closed).toEqual({ code: 1000, reason: '' });
    await eventually(() => steps.length === 2, 'middleware goes on');
    expect(steps).toEqual(['before', 'after']);
  });

  it('closes with 1011 when the method throws, and logs where', async () => {
    const { t, log } = await start();
    expect(await (await t.webSocket('/talk/throws')).closed).toEqual({ code: 1011, reason: '' });
    expect(log).toEqual([
      {
        level: 'error',
        message: 'A WebSocket handler failed',
        fields: { ref: expect.any(String), handler: 'TalkController.throws', err: new Error('broken') },
      },
    ]);
  });

  it('releases a generator when the client leaves, without an error', async () => {
    const { t, log } = await start();
    const socket = await t.webSocket('/talk/endless');
    expect(await next(socket)).toBe('tick');
    socket.destroy();
    await eventually(() => steps.length > 0, 'the generator is released');
    expect([steps, log]).toEqual([['released'], []]);
  });

  it('wakes an iterable that waits for its next step when the client leaves', async () => {
    const { t, log } = await start();
    const socket = await t.webSocket('/talk/subscribed');
    socket.destroy();
    await eventually(() => steps.length > 0, 'it is returned');
    expect([steps, log]).toEqual([['returned'], []]);
  });

  it('says nothing of a method that gives up because the client has left', async () => {
    const { t, log } = await start();
    const socket = await t.webSocket('/talk/waits');
    hold();
    socket.close();
    await socket.closed;
    await settled();
    expect(log).toEqual([]);
  });

  it('logs what is thrown when the client has left', async () => {
    const { t, log } = await start();
    const socket = await t.webSocket('/talk/fails-late');
    socket.close();
    await eventually(() => log.length > 0, 'it is logged');
    expect(log[0]?.fields.handler).toBe('TalkController.failsLate');
  });

  it('drops messages where nobody takes the socket', async () => {
    const { t } = await start();
    const socket = await t.webSocket('/talk/endless');
    for (let i = 0; i < 200; i++) void socket.send('x'.repeat(10_000));
    await eventually(() => socket.queuedSize === 0, 'all have been read');
    expect(socket.isOpen).toBe(true);
    socket.destroy();
  });

  it('runs middleware around all of it, and the access log at its end', async () => {
    const lines: string[] = [];
    const { t } = await start({ use: [accessLog({ write: (line) => lines.push(line) })] });
    const socket = await t.webSocket('/talk/around');
    await eventually(() => steps.includes('open'), 'it is open');
    expect(lines).toEqual([]);
    socket.close();
    await eventually(() => lines.length > 0 && steps.includes('after'), 'it is over');
    expect(steps).toEqual(['before', 'open', 'closed', 'after']);
    expect(lines).toEqual([expect.stringContaining('"GET /talk/around HTTP/1.1" 101')]);
  });

  it('keeps what is made for the request as long as it lasts', async () => {
    const { t } = await start();
    const socket = await t.webSocket('/talk/scoped');
    socket.close();
    await eventually(() => steps.includes('disposed'), 'it is disposed');
    expect(steps).toEqual(['closed', 'disposed']);
  });

  it('ends with 1001 when the application closes', async () => {
    const { t } = await start();
    const socket = await t.webSocket('/talk/echo');
    const closing = t.app.close();
    expect(await socket.closed).toEqual({ code: 1001, reason: '' });
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('that opens while the server begins to drain is told at once', async () => {
    let answer: (user: string) => void = () => {};
    class SlowUser {
      resolve(): Promise<string> {
        return new Promise((resolve) => {
          answer = resolve;
        });
      }
    }
    @Controller()
    class SlowController {
      @WebSocket('/slow') async slow(@From(SlowUser) _user: string, @Socket() socket: WebSocketConnection) {
        await socket.closed;
      }
    }
    const { t } = await start({ controllers: [SlowController] });
    const opening = t.webSocket('/slow');
    await settled();
    const closing = t.app.close();
    answer('ada');
    expect(await (await opening).closed).toEqual({ code: 1001, reason: '' });
    expect(await closing).toEqual({ destroyed: 0 });
  });
});

describe('what is refused before a socket is open', () => {
  it.each([
    ['a resolver', '/talk/rooms/7', {}, '401: {"title":"Unauthorized","status":401,"detail":"Who are you?"}'],
    [
      'a mapped error',
      '/talk/full',
      {},
      '503: {"title":"Service Unavailable","status":503,"detail":"Come back later."',
    ],
    ['a foreign origin', '/talk/rooms/7', { origin: 'http://evil.example' }, '403: '],
    ['a path that is not there', '/talk/nowhere', {}, '404: '],
  ])('is an ordinary answer: %s', async (_title, url, headers, answer) => {
    const { t } = await start();
    await expect(t.webSocket(url, { headers })).rejects.toThrow(`GET ${url} was answered ${answer}`);
  });

  it('is 503 where the arguments take too long', async () => {
    let answer: (user: string) => void = () => {};
    class TooLate {
      resolve(): Promise<string> {
        return new Promise((resolve) => {
          answer = resolve;
        });
      }
    }
    @Controller()
    class SlowController {
      @WebSocket('/slow') async slow(@From(TooLate) _user: string) {}
      @WebSocket('/fast') async fast(@Socket() socket: WebSocketConnection) {
        await socket.closed;
      }
    }
    const { t, log } = await start({ controllers: [SlowController], timeout: 1000 });
    fakeTime();
    const slow = t.webSocket('/slow');
    const fast = await t.webSocket('/fast');
    const refused = expect(slow).rejects.toThrow('was answered 503');
    await pass(1000);
    await refused;
    answer('ada');
    await settled();
    expect(log.map(({ message }) => message)).toEqual(['A request failed before its answer']);
    // Once it is open, time has no limit.
    expect(fast.isOpen).toBe(true);
  });
});

@Controller('/both')
class BothController {
  @Get('/:id') page(@Param('id') id: string) {
    return `page ${id}`;
  }
  @WebSocket('/:name') async *socket(@Param('name') name: string) {
    yield `socket ${name}`;
  }
  @Get('/:id/new') other(@Param('id') id: string) {
    return `other ${id}`;
  }
  @WebSocket('/alone') async alone() {}
}

describe('beside other routes', () => {
  const start = () => createApp({ controllers: [BothController] }).test();
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'h2c',
  };

  it('leads requests for a socket to it, and all others to the @Get of the same path', async () => {
    await using t = await start();
    expect(await (await t.get('/both/1')).text()).toBe('page 1');
    expect(await next(await t.webSocket('/both/1'))).toBe('socket 1');
    expect(await (await t.get('/both/1', { headers: upgrade })).text()).toBe('page 1');
    expect((await t.head('/both/1')).status).toBe(200);
  });

  it('answers 426 where there is no @Get', async () => {
    await using t = await createApp({ controllers: [TalkController] }).test();
    const res = await t.get('/talk/echo');
    expect([res.status, res.headers.get('upgrade'), res.headers.get('sec-websocket-version')]).toEqual([
      426,
      'websocket',
      '13',
    ]);
    expect((await t.head('/talk/echo')).status).toBe(426);
    const posted = await t.post('/talk/echo');
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  it('lets a @Get answer who asks for a socket where there is none', async () => {
    await using t = await start();
    await expect(t.webSocket('/both/1/new')).rejects.toThrow('was answered 200: other 1');
  });
});
