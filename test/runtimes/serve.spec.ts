import { expect, it, onTestFinished } from 'vitest';
import { createApp } from '../../src/bootstrap/bootstrap.js';
import { Controller } from '../../src/decorators/controller.js';
import { Req } from '../../src/decorators/parameters.js';
import { Get } from '../../src/decorators/route.js';
import { Request as OwnRequest } from '../../src/http/request.js';
import { serve as serveOnBun } from '../../src/runtimes/bun.js';
import { serve as serveOnDeno } from '../../src/runtimes/deno.js';

@Controller()
class Where {
  @Get() where(@Req() req: OwnRequest) {
    return req.remoteAddress;
  }
  @Get('/wait') async wait(@Req() req: OwnRequest) {
    await new Promise((resolve) => req.signal.addEventListener('abort', resolve));
  }
  @Get('/never') async *never() {
    yield 'a';
    await new Promise(() => {});
  }
}

const app = await createApp({ controllers: [Where], keepAliveTimeout: 300_000 });
type Serving = (...args: unknown[]) => Promise<Response>;

/** Stands for the runtime: keeps what it is told to serve. */
function pretend(name: 'Bun' | 'Deno'): unknown[] {
  const told: unknown[] = [];
  Object.assign(globalThis, { [name]: { serve: (...args: unknown[]) => told.push(...args) } });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, name));
  return told;
}

it('tells Bun how long a connection may be idle, and the application the address of a client', async () => {
  const told = pretend('Bun');
  serveOnBun(app, { port: 1, tls: 'given' });
  const [options] = told as [{ fetch: Serving }];
  expect(options).toMatchObject({ port: 1, tls: 'given', idleTimeout: 255 });
  const addresses = [{ address: '1.2.3.4' }, null].map((address) => ({ requestIP: () => address }));
  const answers = addresses.map((server) => options.fetch(new Request('http://h/'), server));
  expect(await Promise.all(answers.map(async (answer) => (await answer).text()))).toEqual(['1.2.3.4', '']);
});

const FROM = { remoteAddr: { hostname: '1.2.3.4' } };

it('tells the application of Deno the address of a client', async () => {
  const told = pretend('Deno');
  serveOnDeno(app, { port: 1 });
  const [options, serving] = told as [object, Serving];
  expect(options).toEqual({ port: 1 });
  expect(await (await serving(new Request('http://h/'), FROM)).text()).toBe('1.2.3.4');
});

it('ends what a client of Deno has left before its answer, and leaves it to Deno after', async () => {
  const told = pretend('Deno');
  serveOnDeno(app);
  const [, serving] = told as [object, Serving];
  const abort = new AbortController();
  const waiting = serving(new Request('http://h/wait', { signal: abort.signal }), FROM);
  const begun = await serving(new Request('http://h/never', { signal: abort.signal }), FROM);
  abort.abort();
  expect((await waiting).status).toBe(499);
  const reader = begun.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('a');
  await reader?.cancel();
});
