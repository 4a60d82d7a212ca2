import { describe, expect, it } from 'vitest';
import { injectable } from '../../src/bootstrap/container.js';
import { Controller } from '../../src/decorators/controller.js';
import { Query, Req } from '../../src/decorators/parameters.js';
import { Get } from '../../src/decorators/route.js';
import { Use } from '../../src/decorators/use.js';
import type { Middleware, Next } from '../../src/http/handler.js';
import type { Request } from '../../src/http/request.js';
import type { Response } from '../../src/http/response.js';
import { eventually } from '../support/served.js';
import { wire } from './wired.js';

const steps: string[] = [];
const step =
  (name: string): Middleware =>
  (req, res, next) => {
    steps.push(name);
    return next(req, res);
  };

class Counter {
  static made = 0;
  readonly n = ++Counter.made;
}

@injectable()
class Audit {
  constructor(readonly counter: Counter) {}
  handle(req: Request, res: Response, next: Next) {
    steps.push(`audit ${this.counter.n}`);
    return next(req, res);
  }
}

describe('a handler', () => {
  it('keeps its this', async () => {
    @Controller()
    class A {
      readonly #greeting = 'hello';
      @Get('/a') a() {
        return this.#greeting;
      }
      @Get('/b') b(@Query('name') name: string) {
        return `${this.#greeting} ${name}`;
      }
    }
    const { get } = wire([A]);
    expect([(await get('/a'))[2], (await get('/b?name=you'))[2]]).toEqual(['hello', 'hello you']);
  });

  it('answers without a promise where nothing has to be awaited', () => {
    @Controller()
    class A {
      @Get() a(@Query('q?') q?: string) {
        return q ?? 'none';
      }
    }
    const { server } = wire([A]);
    const [route] = server.router.routes();
    let sent: unknown;
    const res = { hasSent: () => false, send: (body: unknown) => (sent = body) } as unknown as Response;
    const req = { url: { query: { size: 0, get: () => undefined } } } as unknown as Request;
    expect(route?.value(req, res)).toBeUndefined();
    expect(sent).toBe('none');
  });

  it('runs inside the middleware of its class, then of its method', async () => {
    @Controller()
    @Use(step('a'), Audit)
    @Use(step('b'))
    class A {
      @Get() @Use(step('c')) @Use(step('d')) a() {
        steps.push('handler');
        return '';
      }
    }
    steps.length = 0;
    Counter.made = 0;
    const { get } = wire([A]);
    await get('/');
    await get('/');
    const once = ['a', 'audit 1', 'b', 'c', 'd', 'handler'];
    expect(steps).toEqual([...once, ...once]);
  });
});

describe('a request-scoped controller', () => {
  const disposed: number[] = [];
  class Shared {
    static made = 0;
    readonly n = ++Shared.made;
  }
  @Controller('/scoped', { scope: 'request' })
  class Scoped {
    static made = 0;
    readonly n = ++Scoped.made;
    constructor(readonly shared: Shared) {}
    @Get() a(@Req() _req: Request) {
      return { n: this.n, shared: this.shared.n };
    }
    dispose() {
      disposed.push(this.n);
    }
  }

  it('is made for each request, its singletons once, and disposed after it', async () => {
    const { get } = wire([Scoped]);
    expect(Scoped.made).toBe(0);
    expect((await get('/scoped'))[2]).toBe('{"n":1,"shared":1}');
    expect((await get('/scoped'))[2]).toBe('{"n":2,"shared":1}');
    await eventually(() => disposed.length === 2, 'both were disposed');
    expect(disposed).toEqual([1, 2]);
  });
});
