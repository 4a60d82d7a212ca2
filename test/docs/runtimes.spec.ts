import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { HttpEvent, HttpResult, LambdaStream } from '../../src/runtimes/lambda.js';
import type { Worker } from '../../src/runtimes/workers.js';
import { testGuide } from './guide.js';

const guide = await testGuide('runtimes.md');

it('serves in a server of node:http', async () => {
  const { server } = await guide.load<{ server: Server }>('node-http.ts');
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hello/you`);
  expect(await answer.text()).toBe('Hello you!');
});

it('serves as a Worker', async () => {
  const { default: worker } = await guide.load<{ default: Worker<object> }>('worker.ts');
  const answer = await worker.fetch(new Request('http://h/hello/you'), {}, { waitUntil() {} });
  expect(await answer.text()).toBe('Hello you!');
});

const EVENT: HttpEvent = {
  version: '2.0',
  rawPath: '/hello/you',
  rawQueryString: '',
  headers: {},
  isBase64Encoded: false,
  requestContext: { domainName: 'h', http: { method: 'GET', sourceIp: '127.0.0.1' } },
};

it('serves as a function of Lambda', async () => {
  const { handler } = await guide.load<{ handler: (event: HttpEvent) => Promise<HttpResult> }>('lambda.ts');
  expect(await handler(EVENT)).toMatchObject({ statusCode: 200, body: 'Hello you!', isBase64Encoded: false });
});

/** Puts a double in the place of what a runtime has. */
function pretend(name: string, double: object): void {
  vi.stubGlobal(name, double);
  onTestFinished(() => void vi.unstubAllGlobals());
}

it('streams as a function of Lambda', async () => {
  pretend('awslambda', {
    streamifyResponse: (handler: unknown) => handler,
    HttpResponseStream: { from: (stream: LambdaStream) => stream },
  });
  type Streaming = (event: HttpEvent, stream: LambdaStream) => Promise<void>;
  const { handler } = await guide.load<{ handler: Streaming }>('lambda-streaming.ts');
  const stream = new PassThrough();
  await handler(
    EVENT,
    stream.resume().once('data', (piece) => expect(String(piece)).toBe('Hello you!')),
  );
  expect.assertions(1);
});

it('serves on Bun, until SIGTERM', async () => {
  const stop = vi.fn(async () => {});
  const serve = vi.fn((_options: { fetch(request: Request, server: object): Promise<Response> }) => ({
    url: 'u',
    stop,
  }));
  pretend('Bun', { serve });
  const listeners = process.listeners('SIGTERM');
  await guide.load('bun.ts');
  const answer = await serve.mock.calls[0]?.[0].fetch(new Request('http://h/hello/you'), { requestIP: () => null });
  expect(await answer?.text()).toBe('Hello you!');
  const [onTerm] = process.listeners('SIGTERM').filter((listener) => !listeners.includes(listener));
  process.removeListener('SIGTERM', onTerm as () => void);
  expect(onTerm).toBeDefined();
});

it('serves on Deno', async () => {
  const serve = vi.fn((_options: object, _handler: (request: Request, client: object) => Promise<Response>) => {});
  pretend('Deno', { serve });
  await guide.load('deno.ts');
  const [options, handler] = serve.mock.calls[0] ?? [];
  const answer = await handler?.(new Request('http://h/hello/you'), { remoteAddr: {} });
  expect([options, await answer?.text()]).toEqual([{ port: 8080 }, 'Hello you!']);
});
