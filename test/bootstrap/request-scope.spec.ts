import { describe, expect, it } from 'vitest';
import {
  Controller,
  createApp,
  delay,
  From,
  Get,
  inject,
  injectable,
  MemorySocket,
  Request,
  Response,
  requestScoped,
} from '../../src/index.js';
import { eventually, type LogEntry, loggerInto, request, settled } from '../support/served.js';

describe('a request-scoped class', () => {
  const disposed: string[] = [];

  @requestScoped()
  class Transaction {
    constructor(readonly req: Request) {}
    async [Symbol.asyncDispose]() {
      await Promise.resolve();
      disposed.push(`transaction of ${this.req.url.path}`);
    }
  }

  @requestScoped()
  class Rows {
    constructor(readonly transaction: Transaction) {}
    resolve() {
      return this;
    }
    dispose() {
      disposed.push('rows');
    }
  }

  @requestScoped()
  class CurrentPath {
    constructor(private readonly transaction: Transaction) {}
    resolve() {
      return this.transaction;
    }
  }

  @Controller()
  class Single {
    @Get('/single/:id') get(@From(Rows) rows: Rows, @From(CurrentPath) transaction: Transaction) {
      return { same: rows.transaction === transaction, path: transaction.req.url.path };
    }
  }

  @Controller('', { scope: 'request' })
  class Scoped {
    constructor(
      private readonly req: Request,
      @inject(Transaction) private readonly transaction: Transaction,
    ) {}
    @Get('/scoped/:id') get(@From(Rows) rows: Rows) {
      return { same: rows.transaction === this.transaction, path: this.req.url.path };
    }
  }

  it.each([
    ['a resolver of a singleton', '/single/1', Single],
    ['a controller and its resolver', '/scoped/2', Scoped],
  ])(
    'is one instance for %s, and is disposed after the answer, the last made first',
    async (_title, url, controller) => {
      disposed.length = 0;
      await using t = await createApp({ controllers: [controller] }).test();
      const res = await t.get(url);
      expect(await res.json()).toEqual({ same: true, path: url });
      await new Promise((resolve) => setImmediate(resolve));
      expect(disposed).toEqual(['rows', `transaction of ${url}`]);
    },
  );

  it('is replaced by a double', async () => {
    disposed.length = 0;
    const double = { req: { url: { path: 'double' } } } as unknown as Transaction;
    await using t = await createApp({ controllers: [Single] })
      .with(Transaction, double)
      .test();
    expect(await (await t.get('/single/1')).json()).toEqual({ same: true, path: 'double' });
    expect(disposed).toEqual(['rows']);
  });

  it('is made by tsyringe where only tsyringe knows how', async () => {
    const { injectAll, registry, Lifecycle } = await import('tsyringe');
    @injectable()
    class Transient {
      constructor(readonly transaction: Transaction) {}
    }
    registry([{ token: Transient, useClass: Transient, options: { lifecycle: Lifecycle.Transient } }])(Transient);
    @Controller('', { scope: 'request' })
    class Odd {
      constructor(
        @injectAll('plugin') private readonly plugins: { readonly name: string }[],
        private readonly transient: Transient,
        @inject(delay(() => Late)) private readonly late: { readonly name: string },
        private readonly res: Response,
      ) {}
      @Get('/odd') get(@From(Rows) rows: Rows) {
        this.res.setHeader('X-Plugins', this.plugins.map(({ name }) => name).join());
        return { same: rows.transaction === this.transient.transaction, late: this.late.name };
      }
    }
    class Late {
      readonly name = 'late';
    }
    disposed.length = 0;
    const providers = [{ token: 'plugin', value: { name: 'one' } }];
    await using t = await createApp({ controllers: [Odd], providers }).test();
    const res = await t.get('/odd');
    expect([res.headers.get('x-plugins'), await res.json()]).toEqual(['one', { same: true, late: 'late' }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(disposed).toEqual(['rows', 'transaction of /odd']);
  });

  it('takes values, tokens and what is optional', async () => {
    @Controller('', { scope: 'request' })
    class Tokens {
      constructor(
        @inject('region') private readonly region: string,
        @inject('zone', { isOptional: true }) private readonly zone: string | undefined,
        @inject('made') private readonly made: { readonly n: number },
        private readonly shared: Shared,
      ) {}
      @Get('/tokens') get() {
        return [this.region, this.zone ?? 'none', this.made.n, this.shared.count++];
      }
    }
    let n = 0;
    const providers = [
      { token: 'region', value: 'eu' },
      { token: 'made', factory: () => ({ n: ++n }) },
    ];
    await using t = await createApp({ controllers: [Tokens], providers }).test();
    expect(await (await t.get('/tokens')).json()).toEqual(['eu', 'none', 1, 0]);
    expect(await (await t.get('/tokens')).json()).toEqual(['eu', 'none', 1, 1]);
  });

  it('is disposed only when its handler is done with it, though the client has left', async () => {
    const events: string[] = [];
    let goOn = () => {};
    @requestScoped()
    class Held {
      resolve() {
        return this;
      }
      dispose() {
        events.push('disposed');
      }
    }
    @Controller()
    class Slow {
      @Get('/slow') async slow(@From(Held) _held: Held) {
        events.push('started');
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        events.push('done');
      }
    }
    const socket = new MemorySocket();
    await using app = await createApp({ controllers: [Slow], socket });
    await app.listen();
    const client = socket.connect();
    client.write(request('GET /slow'));
    await eventually(() => events.length === 1, 'the handler has started');
    client.destroy();
    await settled();
    expect(events).toEqual(['started']);
    goOn();
    await settled();
    expect(events).toEqual(['started', 'done', 'disposed']);
  });

  it('that cannot be disposed is logged, and harms nothing else', async () => {
    @requestScoped()
    class Stuck {
      resolve() {
        return 'served';
      }
      dispose() {
        throw new Error('stuck');
      }
    }
    @Controller()
    class Serving {
      @Get('/stuck') get(@From(Stuck) value: string) {
        return value;
      }
    }
    const log: LogEntry[] = [];
    await using t = await createApp({ controllers: [Serving], logger: loggerInto(log) }).test();
    expect(await (await t.get('/stuck')).text()).toBe('served');
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toMatchObject([
      { message: 'What was made for a request could not be disposed', fields: { handler: 'Serving.get' } },
    ]);
  });
});

class Shared {
  count = 0;
}
