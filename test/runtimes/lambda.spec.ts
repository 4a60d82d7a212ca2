import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/bootstrap/bootstrap.js';
import { Controller } from '../../src/decorators/controller.js';
import { Body, Req } from '../../src/decorators/parameters.js';
import { Get, Post } from '../../src/decorators/route.js';
import { Reply } from '../../src/http/reply.js';
import { Request } from '../../src/http/request.js';
import {
  type AwsLambda,
  type HttpEvent,
  type LambdaStream,
  lambda,
  streamingLambda,
} from '../../src/runtimes/lambda.js';
import { eventually, settled } from '../support/served.js';

let made = 0;
let isCancelled = false;

@Controller()
class Answers {
  @Get('/text') text(@Req() req: Request) {
    return `é ${req.remoteAddress} ${req.scheme}`;
  }
  @Get('/bytes') bytes() {
    return new Uint8Array([0xff, 0]);
  }
  @Get('/cookies') cookies() {
    return new Reply(201, { a: 1 }, { 'Set-Cookie': ['a=1, 2', 'b=2'], X: '1' });
  }
  @Get('/coded') coded() {
    return new Reply(200, 'coded', { 'Content-Encoding': 'x' });
  }
  @Get('/none') none() {}
  @Post('/echo') echo(@Body() body: unknown) {
    return body;
  }
  @Get('/large') async *large() {
    try {
      for (made = 0; made < 100; made++) yield new Uint8Array(65_536).fill(made);
    } finally {
      isCancelled = made < 100;
    }
  }
}

const app = createApp({ controllers: [Answers] });

function event(method: string, rawPath: string, body?: string): HttpEvent {
  return {
    version: '2.0',
    rawPath,
    rawQueryString: '',
    headers: { host: 'h', 'content-type': 'application/json' },
    isBase64Encoded: false,
    requestContext: { domainName: 'd', http: { method, sourceIp: '1.2.3.4' } },
    ...(body !== undefined && { body }),
  };
}

describe('lambda', () => {
  const handler = lambda(app);

  it.each([
    ['GET', '/text', undefined, 200, 'é 1.2.3.4 https', false],
    ['GET', '/bytes', undefined, 200, '/wA=', true],
    ['GET', '/coded', undefined, 200, Buffer.from('coded').toString('base64'), true],
    ['GET', '/none', undefined, 204, '', true],
    ['POST', '/echo', '{"b":[1]}', 200, '{"b":[1]}', false],
    ['HEAD', '/text', undefined, 200, '', false],
  ])('answers %s %s', async (method, path, body, statusCode, content, isBase64Encoded) => {
    expect(await handler(event(method, path, body))).toMatchObject({ statusCode, body: content, isBase64Encoded });
  });

  it('gives cookies of their own, and a problem as text', async () => {
    expect(await handler(event('GET', '/cookies'))).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'application/json', 'content-length': '7', x: '1' },
      cookies: ['a=1, 2', 'b=2'],
      body: '{"a":1}',
      isBase64Encoded: false,
    });
    expect(await handler(event('GET', '/nothing'))).toMatchObject({ statusCode: 404, isBase64Encoded: false });
  });

  it('rejects every event where the application could not be built', async () => {
    const failing = lambda(Promise.reject(new Error('no')));
    await settled();
    await expect(failing(event('GET', '/'))).rejects.toThrow('no');
  });
});

describe('streamingLambda', () => {
  /** As the runtime of Lambda: the head leaves in front of the first piece, with eight NULs behind it. */
  const fake: AwsLambda = {
    streamifyResponse: (handler) => handler,
    HttpResponseStream: {
      from(stream, head) {
        const framed = stream as LambdaStream & { write(...args: unknown[]): boolean };
        const write = framed.write.bind(framed);
        framed.write = (...args) => {
          framed.write = write;
          write(`${JSON.stringify(head)}\0\0\0\0\0\0\0\0`);
          return write(...args);
        };
        return framed;
      },
    },
  };
  Object.assign(globalThis, { awslambda: fake });
  const handler = streamingLambda(app);
  afterEach(() => {
    isCancelled = false;
  });

  async function answer(to: HttpEvent): Promise<{ head: unknown; content: Buffer }> {
    const stream = new PassThrough();
    const handled = handler(to, stream);
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece);
    await handled;
    const sent = Buffer.concat(pieces);
    const end = sent.indexOf('\0\0\0\0\0\0\0\0');
    return { head: JSON.parse(sent.subarray(0, end).toString()), content: sent.subarray(end + 8) };
  }

  it.each([
    ['/text', 200, 'é 1.2.3.4 https'],
    ['/none', 204, ''],
    ['/nothing', 404, '{"title":"Not Found","status":404,"detail":"Nothing is at /nothing."}'],
  ])('sends head and content of %s', async (path, statusCode, text) => {
    const { head, content } = await answer(event('GET', path));
    expect([head, content.toString()]).toEqual([expect.objectContaining({ statusCode }), text]);
  });

  it('sends every byte', async () => {
    const { content } = await answer(event('GET', '/large'));
    expect(content.equals(Buffer.concat(Array.from({ length: 100 }, (_, i) => Buffer.alloc(65_536, i))))).toBe(true);
  });

  it('makes content no faster than it is taken, and stops when nobody takes it', async () => {
    const stream = new PassThrough();
    const handled = handler(event('GET', '/large'), stream);
    await eventually(() => made > 1, 'something is made');
    await settled();
    expect(made).toBeLessThan(10);
    stream.destroy();
    await handled;
    await eventually(() => isCancelled, 'the source is cancelled');
  });
});
