import { describe, expect, it } from 'vitest';
import {
  type AppOptions,
  Body,
  Controller,
  createApp,
  From,
  Get,
  HttpError,
  injectable,
  type Middleware,
  OnError,
  Post,
  Query,
  Reply,
  type Request,
  requestContext,
  Use,
} from '../../src/index.js';
import { type LogEntry, loggerInto } from '../support/served.js';

class DomainError extends Error {}
class Missing extends DomainError {
  constructor(readonly id: number) {
    super(`No ${id}`);
  }
}
class Conflict extends DomainError {}
class Gone extends Error {}

const failing: Middleware = () => {
  throw new Conflict('in middleware');
};

class FailingResolver {
  resolve(): Promise<string> {
    return Promise.reject(new Conflict('in a resolver'));
  }
}

@Controller()
class Things {
  readonly #status = 404;

  @Get('/missing') missing() {
    throw new Missing(7);
  }
  @Get('/later') async later() {
    await Promise.resolve();
    throw new Missing(8);
  }
  @Get('/middleware') @Use(failing) middleware() {}
  @Get('/resolver') resolver(@From(FailingResolver) _value: string) {}
  @Get('/reply') reply() {
    return {
      toJSON() {
        throw new Conflict('in a reply');
      },
    };
  }
  @Get('/http') http() {
    throw new HttpError('Not here', 410);
  }
  @Get('/parameter') parameter(@Query('n') _n: number) {}
  @Get('/unknown') unknown() {
    throw new Gone('gone');
  }
  @Get('/thrown') thrown() {
    throw new DomainError('again');
  }
  @Post('/json') json(@Body() _body: unknown) {}

  @OnError(Missing) onMissing(error: Missing, req: Request) {
    return new Reply(this.#status, { missing: error.id, at: req.url.path }, { 'X-Error': 'missing' });
  }
  @OnError(Conflict) async onConflict(error: Conflict) {
    await Promise.resolve();
    return new HttpError(error.message, 409);
  }
  @OnError(DomainError) onDomain(error: DomainError) {
    throw new HttpError(`${error.message} thrown`, 400);
  }
}

async function get(url: string, options: Partial<AppOptions> & Pick<AppOptions, 'controllers'>, method = 'GET') {
  const log: LogEntry[] = [];
  await using t = await createApp({ logger: loggerInto(log), ...options }).test();
  const res = await t.request(method, url);
  const text = await res.text();
  return { status: res.status, headers: res.headers, text, log };
}

describe('@OnError', () => {
  it.each([
    ['/missing', 404, '{"missing":7,"at":"/missing"}'],
    ['/later', 404, '{"missing":8,"at":"/later"}'],
    ['/middleware', 409, '{"title":"Conflict","status":409,"detail":"in middleware"}'],
    ['/resolver', 409, '{"title":"Conflict","status":409,"detail":"in a resolver"}'],
    ['/reply', 409, '{"title":"Conflict","status":409,"detail":"in a reply"}'],
    ['/thrown', 400, '{"title":"Bad Request","status":400,"detail":"again thrown"}'],
    ['/http', 410, '{"title":"Gone","status":410,"detail":"Not here"}'],
    ['/parameter', 400, expect.stringContaining('is missing')],
  ])('answers %s with %i, by the nearest class of the error', async (url, status, text) => {
    expect(await get(url, { controllers: [Things] })).toMatchObject({ status, text, log: [] });
  });

  it('sends the fields of a Reply', async () => {
    expect((await get('/missing', { controllers: [Things] })).headers.get('x-error')).toBe('missing');
  });

  it('leaves other errors to the server', async () => {
    expect(await get('/unknown', { controllers: [Things] })).toMatchObject({ status: 500, log: [{ level: 'error' }] });
  });

  it('is inherited, and what a subclass says stands', async () => {
    @Controller('/sub')
    class Sub extends Things {
      @OnError(Gone) onGone() {
        return { gone: true };
      }
      @OnError(Conflict) override async onConflict() {
        return new HttpError('overridden', 423);
      }
    }
    const controllers = [Sub];
    expect(await get('/sub/missing', { controllers })).toMatchObject({ status: 404 });
    expect(await get('/sub/unknown', { controllers })).toMatchObject({ status: 200, text: '{"gone":true}' });
    expect(await get('/sub/middleware', { controllers })).toMatchObject({ status: 423 });
  });

  it('is called on the instance of the request', async () => {
    @Controller('', { scope: 'request' })
    class Scoped {
      seen = '';
      @Get('/scoped') get(@Query('q') q: string) {
        this.seen = q;
        throw new Missing(1);
      }
      @OnError(Missing) onMissing() {
        return { seen: this.seen };
      }
    }
    expect(await get('/scoped?q=mine', { controllers: [Scoped] })).toMatchObject({ text: '{"seen":"mine"}' });
  });

  it('is not asked once the answer has begun', async () => {
    let asked = false;
    @Controller()
    class Streaming {
      @Get() async *stream() {
        yield 'a';
        throw new Missing(1);
      }
      @OnError(Missing) onMissing() {
        asked = true;
      }
    }
    await expect(get('/', { controllers: [Streaming] })).rejects.toThrow();
    expect(asked).toBe(false);
  });
});

describe('onError', () => {
  const onError: AppOptions['onError'] = (error, req) => {
    if (error instanceof Gone) return new Reply(410, { by: 'onError', at: req.url.path });
    if (error instanceof HttpError && error.status === 415) return { renamed: error.message.length > 0 };
    return undefined;
  };

  it.each([
    ['what no method answers', 'GET', '/unknown', 410, '{"by":"onError","at":"/unknown"}'],
    ['after what methods answer', 'GET', '/missing', 404, '{"missing":7,"at":"/missing"}'],
  ])('answers %s', async (_title, method, url, status, text) => {
    expect(await get(url, { controllers: [Things], onError }, method)).toMatchObject({ status, text, log: [] });
  });

  it('answers what the application’s own middleware throws', async () => {
    const use: Middleware[] = [
      () => {
        throw new Gone('early');
      },
    ];
    expect(await get('/nowhere', { controllers: [Things], onError, use })).toMatchObject({ status: 410 });
  });

  it('is asked after a method that had nothing to say', async () => {
    @Controller()
    class Silent {
      @Get() get() {
        throw new Gone('gone');
      }
      @OnError(Error) look() {}
    }
    expect(await get('/', { controllers: [Silent], onError })).toMatchObject({ status: 410 });
    expect(await get('/', { controllers: [Silent] })).toMatchObject({ status: 500 });
  });
});

describe('context: true', () => {
  @injectable()
  class Deep {
    path() {
      return requestContext()?.url.path;
    }
  }
  @Controller()
  class Paths {
    constructor(private readonly deep: Deep) {}
    @Post('/deep') async deepPath(@Body() _body: unknown) {
      await Promise.resolve();
      return this.deep.path();
    }
  }

  it('gives the request deep inside, after a body was parsed', async () => {
    await using t = await createApp({ controllers: [Paths], context: true }).test();
    expect(await (await t.post('/deep', { json: {} })).text()).toBe('/deep');
  });

  it('is off by default', async () => {
    await using t = await createApp({ controllers: [Paths] }).test();
    expect((await t.post('/deep', { json: {} })).status).toBe(204);
  });
});
