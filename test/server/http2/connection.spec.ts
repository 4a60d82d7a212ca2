import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerOptions } from '../../../src/server/opts.js';
import type { Server } from '../../../src/server/server.js';
import { Authority } from '../../support/certificates.js';
import { answerTo, requestOn, serveHttp2, soon } from '../../support/http2.js';
import { END_HEADERS, END_STREAM, fieldSection, frame, getFrame, octets, section } from '../../support/http2-frames.js';
import { fakeTime, pass, settled } from '../../support/served.js';

const NO_ERROR = 0;
const PROTOCOL_ERROR = 1;
const INTERNAL_ERROR = 2;
const REFUSED_STREAM = 7;
const CANCEL = 8;
const ENHANCE_YOUR_CALM = 11;

const localhost = new Authority().issue('localhost');

/** Counts what happens to requests. */
const seen = { begun: 0, gone: 0 };

const routes = (server: Server) =>
  server
    .get('/', (_req, res) => void res.send('hello'))
    .get('/hold', (req, res) => {
      seen.begun++;
      res.holdOpen = true;
      req.signal.addEventListener('abort', () => void seen.gone++);
    })
    .get('/events', (_req, res) => void res.events().send({ data: 'a' }))
    .get('/large', (_req, res) => void res.send(new Uint8Array(200_000)))
    .post('/', async (req, res) => void res.send(`read ${(await req.bytes()).length}`));

const serving = (options: ServerOptions = {}) => {
  Object.assign(seen, { begun: 0, gone: 0 });
  return serveHttp2(localhost, routes, options);
};

/** Resolves once the client sees its connection end. */
const closed = (client: { readonly socket: { readonly destroyed: boolean; readonly readableEnded: boolean } }) =>
  soon(() => client.socket.readableEnded || client.socket.destroyed, 'the connection is closed');

describe('requests', () => {
  it('of one connection are served at one time, up to maxConcurrentStreams', async () => {
    const { frames } = await serving({ maxConcurrentStreams: 2 });
    const client = await frames();
    client.send(getFrame(1, '/hold'), getFrame(3, '/hold'), getFrame(5, '/hold'));
    await soon(() => client.resetOf(5) === REFUSED_STREAM, 'the third is refused');
    expect(seen.begun).toBe(2);
    client.send(frame('RST_STREAM', 0, 1, octets(CANCEL)), getFrame(7));
    await soon(() => client.of('DATA').some(({ stream }) => stream === 7), 'one takes the place of another');
  });

  it('abort where their client resets them, and the others go on', async () => {
    const { connect } = await serving();
    const session = connect();
    const [first, second] = [requestOn(session, { ':path': '/hold' }), requestOn(session, { ':path': '/hold' })];
    await soon(() => seen.begun === 2, 'both have begun');
    first.close(CANCEL);
    await soon(() => seen.gone === 1, 'one has aborted');
    expect((await answerTo(requestOn(session))).content).toBe('hello');
    expect(second.closed).toBe(false);
    session.destroy();
    await soon(() => seen.gone === 2, 'the other has aborted with its connection');
  });

  it.each([
    ['a name in upper case', section('GET /', ['X-A', 'b'])],
    ['Connection', section('GET /', ['connection', 'keep-alive'])],
    ['Keep-Alive', section('GET /', ['keep-alive', '5'])],
    ['Transfer-Encoding', section('GET /', ['transfer-encoding', 'chunked'])],
    ['Upgrade', section('GET /', ['upgrade', 'websocket'])],
    ['a target in absolute-form', section('GET http://other/')],
    ['a pseudo-header field behind others', section('GET /', ['a', 'b'], [':path', '/'])],
    ['no path', fieldSection([':method', 'GET'], [':scheme', 'https'], [':authority', 'h'])],
    ['no authority', fieldSection([':method', 'GET'], [':scheme', 'https'], [':path', '/'])],
    ['an extended CONNECT', section('CONNECT /', [':protocol', 'websocket'])],
  ])('with %s are no requests', async (_title, fields) => {
    const { frames } = await serving();
    const client = await frames();
    client.send(frame('HEADERS', END_STREAM | END_HEADERS, 1, fields), getFrame(3));
    await soon(() => client.resetOf(1) === PROTOCOL_ERROR, 'it is refused');
    await soon(() => client.of('DATA').length === 1, 'the next is served');
  });

  it('of a connection are as many as maxRequestsPerConnection, and those behind can be sent again', async () => {
    const { frames } = await serving({ maxRequestsPerConnection: 2 });
    const client = await frames();
    client.send(getFrame(1), getFrame(3), getFrame(5), getFrame(7));
    await closed(client);
    expect(client.of('DATA').map(({ stream }) => stream)).toEqual([1, 3]);
    expect(client.resetOf(5) ?? REFUSED_STREAM).toBe(REFUSED_STREAM);
    expect(client.goneAway).toContain(NO_ERROR);
  });

  it('are answered 503 on one connection more than maxConnections, which closes', async () => {
    const { connect, ask } = await serving({ maxConnections: 1 });
    const first = connect();
    await answerTo(requestOn(first));
    expect(await ask()).toMatchObject({
      status: 503,
      content: expect.stringContaining('as many connections as it accepts'),
    });
    const second = connect();
    await answerTo(requestOn(second));
    await soon(() => second.closed, 'it closes');
    expect((await answerTo(requestOn(first))).status).toBe(200);
  });
});

describe('a connection', () => {
  it.each([
    ['that brings nothing', []],
    ['whose first head does not end', [frame('HEADERS', END_STREAM, 1, section('GET /'))]],
  ])('%s is closed after headersTimeout', async (_title, bytes) => {
    fakeTime();
    const { frames } = await serving({ headersTimeout: 10_000, keepAliveTimeout: 60_000 });
    const client = await frames();
    client.send(...bytes);
    await soon(() => client.of('SETTINGS').length > 0, 'it has begun');
    await pass(9_000);
    expect(client.goneAway).toEqual([]);
    await pass(8_000);
    await closed(client);
    expect(client.goneAway).toContain(NO_ERROR);
  });

  it('whose later head does not end is closed after headersTimeout', async () => {
    fakeTime();
    const { frames } = await serving({ headersTimeout: 10_000, keepAliveTimeout: 60_000 });
    const client = await frames();
    client.send(getFrame(1), frame('HEADERS', END_STREAM, 3, section('GET /')));
    await soon(() => client.of('DATA').length === 1, 'the first is answered');
    await pass(9_000);
    expect(client.goneAway).toEqual([]);
    await pass(8_000);
    await closed(client);
    expect(client.goneAway).toContain(NO_ERROR);
  });

  it('without a request is closed after keepAliveTimeout, and not with one', async () => {
    fakeTime();
    const { frames } = await serving({ keepAliveTimeout: 20_000 });
    const client = await frames();
    client.send(getFrame(1, '/hold'));
    await soon(() => seen.begun === 1, 'it is served');
    await pass(60_000);
    expect(client.goneAway).toEqual([]);
    client.send(frame('RST_STREAM', 0, 1, octets(CANCEL)));
    await soon(() => seen.gone === 1, 'it is left');
    await pass(19_000);
    expect(client.goneAway).toEqual([]);
    await pass(2_500);
    await closed(client);
    expect(client.goneAway).toEqual([NO_ERROR]);
  });

  it('whose client does not close it is destroyed soon after', async () => {
    fakeTime();
    const { frames, server } = await serving({ maxRequestsPerConnection: 1 });
    const client = await frames();
    client.socket.allowHalfOpen = true;
    client.send(getFrame(1));
    await closed(client);
    const closing = server.close({ timeout: 60_000 });
    await pass(4_000);
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('that takes nothing is closed soon after writeTimeout', async () => {
    fakeTime();
    const { frames, ask } = await serveHttp2(
      localhost,
      (server) =>
        server
          .get('/', (_req, res) => void res.send(new Uint8Array(20_000_000)))
          .get('/small', (_req, res) => void res.send()),
      { writeTimeout: 5_000, maxConnections: 1 },
    );
    // Its windows are as wide as can be: what stops is the socket.
    const client = await frames(Buffer.concat([Buffer.from([0, 4]), octets(0x7fff_ffff)]));
    client.send(frame('WINDOW_UPDATE', 0, 0, octets(0x7fff_0000)), getFrame(1));
    await soon(() => client.of('HEADERS').length === 1, 'it is answered');
    client.socket.pause();
    for (let i = 0; i < 20; i++) await settled();
    expect((await ask({ ':path': '/small' })).status).toBe(503);
    await pass(15_000);
    expect((await ask({ ':path': '/small' })).status).toBe(200);
  });

  it('ends with the side of its client', async () => {
    const { frames } = await serving();
    const client = await frames();
    client.send(getFrame(1, '/hold'));
    await soon(() => seen.begun === 1, 'it is served');
    client.socket.end();
    await soon(() => seen.gone === 1, 'it is left');
  });

  it.each([
    ['no HTTP/2', Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n')],
    ['a frame that is too long', frame('DATA', 0, 1, Buffer.alloc(20_000))],
    ['content of no request', frame('DATA', 0, 1, Buffer.alloc(1))],
    ['a field section that is none', frame('HEADERS', END_HEADERS, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]))],
  ])('of %s is told so, closed after headersTimeout at the latest, and no other', async (_title, bytes) => {
    fakeTime();
    const { frames, ask } = await serving();
    const client = await frames();
    client.send(bytes);
    await soon(() => client.goneAway.length > 0, 'it is told');
    await pass(11_000);
    await closed(client);
    expect((await ask()).status).toBe(200);
  });
});

describe('a server that closes', () => {
  it('lets running requests finish, and tells clients which was the last', async () => {
    let answer = () => {};
    const { server, frames } = await serveHttp2(localhost, (server) =>
      server
        .get('/slow', async (_req, res) => {
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
          res.send('slow');
        })
        .get('/', (_req, res) => void res.send('hello')),
    );
    const client = await frames();
    const answered = () => client.of('DATA').map(({ stream, payload }) => [stream, payload.toString()]);
    client.send(getFrame(1, '/slow'), getFrame(3));
    await soon(() => answered().length === 1, 'one is answered');
    const closing = server.close();
    await soon(() => client.goneAway.length === 1, 'it is told');
    expect(client.of('GOAWAY')[0]?.payload.readUInt32BE(0)).toBe(3);
    client.send(getFrame(5));
    await settled();
    answer();
    await closed(client);
    expect(answered()).toEqual([
      [3, 'hello'],
      [1, 'slow'],
    ]);
    expect(new Set(client.goneAway)).toEqual(new Set([NO_ERROR]));
    expect(await closing).toEqual({ destroyed: 0 });
  });

  it('closes idle connections and ends streams of events at once', async () => {
    const { server, connect } = await serving();
    const [idle, events] = [connect(), connect()];
    await answerTo(requestOn(idle));
    const stream = requestOn(events, { ':path': '/events' });
    const [headers] = await once(stream, 'response');
    expect(headers['content-type']).toBe('text/event-stream');
    const answered = answerTo(stream);
    expect(await server.close()).toEqual({ destroyed: 0 });
    expect((await answered).content).toContain('data: a');
  });

  it('destroys what is not finished in time', async () => {
    const { server, connect } = await serving();
    const stream = requestOn(connect(), { ':path': '/hold' });
    await soon(() => seen.begun === 1, 'it is served');
    expect(await server.close({ timeout: 10 })).toEqual({ destroyed: 1 });
    await soon(() => stream.destroyed, 'the client sees it');
    expect(seen.gone).toBe(1);
  });

  it('takes one more request of each connection during drainDelay', async () => {
    fakeTime();
    const { server, frames } = await serving({ drainDelay: 60_000 });
    const client = await frames();
    client.send(getFrame(1));
    await soon(() => client.of('DATA').length === 1, 'it is answered');
    const closing = server.close();
    const late = await frames();
    late.send(getFrame(1));
    client.send(getFrame(3));
    for (const each of [client, late]) {
      await closed(each);
      expect(new Set(each.goneAway)).toEqual(new Set([NO_ERROR]));
    }
    expect([client.of('DATA').length, late.of('DATA').length]).toEqual([2, 1]);
    await pass(65_000);
    expect(await closing).toEqual({ destroyed: 0 });
  });
});

describe('a flood', () => {
  const many = (count: number, bytes: (i: number) => Uint8Array) => Array.from({ length: count }, (_, i) => bytes(i));
  const POSTED = frame('HEADERS', END_HEADERS, 1, section('POST /'));

  it.each([
    // CVE-2023-44487
    ['of requests that are reset', many(300, (i) => Buffer.concat([getFrame(2 * i + 1, '/hold'), frame('RST_STREAM', 0, 2 * i + 1, octets(CANCEL))]))], // biome-ignore format: one row
    ['of requests that are answered and reset', many(300, (i) => Buffer.concat([getFrame(2 * i + 1), frame('RST_STREAM', 0, 2 * i + 1, octets(CANCEL))]))], // biome-ignore format: one row
    // CVE-2025-8671: the server is made to reset them.
    ['of requests that are broken', many(300, (i) => Buffer.concat([getFrame(2 * i + 1, '/hold'), frame('WINDOW_UPDATE', 0, 2 * i + 1, octets(0))]))], // biome-ignore format: one row
  ])('%s ends the connection', async (_title, bytes) => {
    const { frames, ask } = await serving();
    const client = await frames();
    client.send(...bytes);
    await closed(client);
    // Node finds some out first, and tells so in its way, or tells nothing.
    expect([undefined, PROTOCOL_ERROR, INTERNAL_ERROR, ENHANCE_YOUR_CALM]).toContain(client.goneAway[0]);
    expect(seen.begun).toBeLessThanOrEqual(201);
    expect((await ask()).status).toBe(200);
  });

  it.each([
    // CVE-2024-27316, CVE-2024-28182
    ['CONTINUATION', [frame('HEADERS', 0, 1, section('GET /')), ...many(50, (i) => frame('CONTINUATION', 0, 1, fieldSection([`a${i}`, 'b'])))]], // biome-ignore format: one row
    ['empty CONTINUATION', [frame('HEADERS', 0, 1, section('GET /')), ...many(50, () => frame('CONTINUATION', 0, 1))]],
    // CVE-2019-9515
    ['SETTINGS', many(5_000, () => frame('SETTINGS', 0, 0))],
    // CVE-2019-9518
    ['empty DATA', [POSTED, ...many(5_000, () => frame('DATA', 0, 1))]],
    ['over maxConcurrentStreams', many(400, (i) => getFrame(2 * i + 1, '/hold'))],
  ])('of %s ends the connection at once', async (_title, bytes) => {
    const { frames, ask } = await serving();
    const client = await frames();
    client.send(...bytes);
    await closed(client);
    expect((await ask()).status).toBe(200);
  });

  it.each([
    // CVE-2019-9512
    ['PING', frame('PING', 0, 0, Buffer.alloc(8))],
    ['WINDOW_UPDATE', frame('WINDOW_UPDATE', 0, 0, octets(1))],
    // CVE-2019-9513
    ['PRIORITY', frame('PRIORITY', 0, 1, Buffer.from([0, 0, 0, 0, 1]))],
    ['of an unknown type', Buffer.from([0, 0, 1, 0xfa, 0, 0, 0, 0, 0, 0])],
  ])('of %s frames ends the connection, at the next look at the latest', async (_title, bytes) => {
    fakeTime();
    const { frames, ask } = await serving();
    const client = await frames();
    const piece = Buffer.concat(many(1_000, () => bytes));
    let sent = 0;
    while (sent < 1_500_000 && !client.socket.destroyed) {
      client.send(piece);
      sent += piece.length;
      await settled();
    }
    await pass(1_000);
    await closed(client);
    // Node tells nothing where it finds out first.
    expect([undefined, INTERNAL_ERROR, ENHANCE_YOUR_CALM]).toContain(client.goneAway[0]);
    expect((await ask()).status).toBe(200);
  });

  it('is no steady use: many requests, large content, streams that are left now and then', async () => {
    fakeTime();
    const { connect } = await serving({ maxBodySize: 10_000_000 });
    const session = connect();
    onTestFinished(() => session.destroy());
    const content = Buffer.alloc(3_000_000);
    for (let i = 0; i < 4; i++) {
      const uploads = [content, content].map((each) => answerTo(requestOn(session, { ':method': 'POST' }, each)));
      const downloads = Array.from({ length: 20 }, () => answerTo(requestOn(session, { ':path': '/large' })));
      const left = requestOn(session, { ':path': '/hold' });
      expect((await Promise.all(uploads)).map((answer) => answer.content)).toEqual(['read 3000000', 'read 3000000']);
      await Promise.all(downloads);
      left.close(CANCEL);
      await pass(500);
    }
    expect(session.closed).toBe(false);
  });
});
