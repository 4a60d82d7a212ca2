import { describe, expect, it } from 'vitest';
import { bodyLimit, Controller, createApp, MaxBodySize, Post, Req, type Request } from '../../src/index.js';
import { behind, PLACES, statusOf } from '../support/behind.js';
import { request, requestWith, serve } from '../support/served.js';

const CHUNKED = 'Transfer-Encoding: chunked';

describe.each(PLACES)('bodyLimit around a %s', (place) => {
  it.each([
    ['accepts content up to it', requestWith('1234', 'POST /echo'), 200],
    ['refuses content over it', requestWith('12345', 'POST /echo'), 413],
    ['accepts chunks up to it', `${request('POST /echo', CHUNKED)}2\r\n12\r\n2\r\n34\r\n0\r\n\r\n`, 200],
    ['refuses chunks over it', `${request('POST /echo', CHUNKED)}2\r\n12\r\n3\r\n345\r\n0\r\n\r\n`, 413],
    ['lets content pass that nobody reads', requestWith('12345', 'POST /ok'), 200],
  ])('%s', async (_title, bytes, status) => {
    const { exchange } = await behind(place, [bodyLimit(4)]);
    expect(statusOf(await exchange(bytes))).toBe(status);
  });

  it('gives way to one that is closer', async () => {
    const { exchange } = await behind(place, [bodyLimit(4), bodyLimit(5)]);
    expect(statusOf(await exchange(requestWith('12345', 'POST /echo')))).toBe(200);
    expect(statusOf(await exchange(requestWith('123456', 'POST /echo')))).toBe(413);
  });

  it('accepts more than the server does', async () => {
    const { exchange } = await behind(place, [bodyLimit(4)], undefined, { maxBodySize: 2 });
    expect(statusOf(await exchange(requestWith('1234', 'POST /echo')))).toBe(200);
  });

  it('leaves errors alone, before the answer has begun and after', async () => {
    const { exchange, log } = await behind(place, [bodyLimit(4)]);
    expect(statusOf(await exchange(request('GET /refuses')))).toBe(418);
    expect(await exchange(request('GET /breaks'))).toMatch(/part\r\n$/);
    expect(log).toMatchObject([{ message: 'A request failed while its answer was sent' }]);
  });
});

it('asks for no content that is announced over it (RFC 9110 §10.1.1)', async () => {
  const { exchange } = await behind('server', [bodyLimit(4)]);
  const answer = await exchange(request('POST /echo', 'Content-Length: 5', 'Expect: 100-continue'));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).not.toContain('100 Continue');
});

it('gives way to @MaxBodySize, which is closer', async () => {
  @Controller()
  class Bodies {
    @Post() @MaxBodySize(5) async echo(@Req() req: Request) {
      return req.text();
    }
  }
  await using t = await createApp({ controllers: [Bodies], use: [bodyLimit(4)] }).test();
  expect((await t.post('/', { body: '12345' })).status).toBe(200);
  expect((await t.post('/', { body: '123456' })).status).toBe(413);
});

it('changes nothing for content that was read before', async () => {
  const { exchange } = await serve((server) =>
    server
      .use(async (req, res, next) => {
        await req.bytes();
        return next(req, res);
      })
      .use(bodyLimit(1))
      .post('/', async (req, res) => void res.send(await req.text())),
  );
  expect(statusOf(await exchange(requestWith('1234', 'POST /')))).toBe(200);
});

it.each([[-1], [1.5], [Number.NaN], ['1mb'], [undefined]])('refuses %j when it is made', (bytes) => {
  expect(() => bodyLimit(bytes as never)).toThrow(/^bodyLimit: bytes must be a whole number from 0, got /);
});
