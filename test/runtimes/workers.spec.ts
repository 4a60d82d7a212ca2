import { expect, it } from 'vitest';
import { createApp } from '../../src/bootstrap/bootstrap.js';
import { Controller } from '../../src/decorators/controller.js';
import { Req } from '../../src/decorators/parameters.js';
import { Get } from '../../src/decorators/route.js';
import { Request as OwnRequest } from '../../src/http/request.js';
import { worker } from '../../src/runtimes/workers.js';

@Controller()
class Where {
  @Get() where(@Req() req: OwnRequest) {
    return req.remoteAddress;
  }
}

it('builds with the bindings of the first request, once it can', async () => {
  const built: unknown[] = [];
  const { fetch } = worker<{ n: number }>((env) => {
    built.push(env.n);
    if (env.n === 0) return Promise.reject(new Error('no'));
    return createApp({ controllers: [Where] });
  });
  let waits = 0;
  const context = { waitUntil: (over: Promise<void>) => void over.then(() => waits++) };
  const request = () => new Request('http://h/', { headers: { 'cf-connecting-ip': '1.2.3.4' } });
  await expect(fetch(request(), { n: 0 }, context)).rejects.toThrow('no');
  for (const n of [1, 2]) expect(await (await fetch(request(), { n }, context)).text()).toBe('1.2.3.4');
  expect([built, waits]).toEqual([[0, 1], 2]);
});
