import { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { acceptWebSocket } from '../../../src/http/web-socket/web-socket-acceptor.js';
import { WebSocketConnection } from '../../../src/http/web-socket/web-socket-connection.js';
import { readRaw } from '../../../src/http/web-socket/web-socket-message.js';
import { checkWebSocketOptions, type WebSocketOptions } from '../../../src/http/web-socket/web-socket-options.js';
import { eventually, fakeTime, pass, type Served, serve, settled } from '../../support/served.js';
import { handshake, openSocket, type TestSocket, textFrame } from '../../support/web-socket.js';

/** A served socket whose other end the test holds. */
async function serveSocket(options?: WebSocketOptions) {
  let give: (socket: WebSocketConnection) => void = () => {};
  const given = new Promise<WebSocketConnection>((resolve) => {
    give = resolve;
  });
  const served = await serve((server) =>
    server.get('/', async (req, res) => give(await acceptWebSocket(req, res, options))),
  );
  return { served, given };
}

/** Both ends of a socket. */
async function pair(options?: WebSocketOptions): Promise<[WebSocketConnection, TestSocket, Served]> {
  const { served, given } = await serveSocket(options);
  const client = await openSocket(served);
  return [await given, client, served];
}

/** A socket whose client reads nothing. */
async function deafClient(options?: WebSocketOptions) {
  const { served, given } = await serveSocket(options);
  const client = await served.connect();
  client.send(handshake('/'));
  await client.until('\r\n\r\n');
  client.duplex.pause();
  return [await given, client] as const;
}

/** Takes what is there and what comes, until the socket closes. */
async function readAll(socket: WebSocketConnection): Promise<(string | Buffer)[]> {
  const all: (string | Buffer)[] = [];
  for await (const message of socket) all.push(message);
  return all;
}

describe('messages', () => {
  it('come in order, also those that came before the loop', async () => {
    const [socket, client] = await pair();
    client.ws.send('1');
    client.ws.send('2');
    await settled();
    const all = readAll(socket);
    client.ws.send('3');
    await settled();
    client.ws.close();
    expect(await all).toEqual(['1', '2', '3']);
  });

  it('go on in another loop where one was left', async () => {
    const [socket, client] = await pair();
    for (const text of ['1', '2', '3']) client.ws.send(text);
    for await (const message of socket) {
      expect(message).toBe('1');
      break;
    }
    expect(socket.isOpen).toBe(true);
    client.ws.close();
    expect(await readAll(socket)).toEqual(['2', '3']);
  });

  it('are dropped by a close on this side', async () => {
    const [socket, client] = await pair();
    client.ws.send('1');
    await settled();
    socket.close();
    expect(await readAll(socket)).toEqual([]);
    expect(await client.closed()).toEqual([1000, '']);
  });

  it('that have arrived are still read while the server drains', async () => {
    const [socket, client, { server }] = await pair();
    client.ws.send('1');
    await settled();
    const closing = server.close();
    expect(socket.signal.aborted).toBe(true);
    socket.send('lost');
    expect(await readAll(socket)).toEqual(['1']);
    expect(await client.closed()).toEqual([1001, '']);
    await closing;
  });

  it('are read no faster than they are taken', async () => {
    const [socket, client] = await pair();
    let sent = 0;
    const message = 'x'.repeat(10_000);
    for (let i = 0; i < 200; i++) client.ws.send(message, () => sent++);
    await settled();
    // What one side may hold of 2 MB: some 64 KiB here, the buffers of the streams.
    expect(sent).toBeLessThan(40);
    let read = 0;
    for await (const _ of socket) if (++read === 200) break;
    expect(sent).toBe(200);
  });

  it.each([
    ['too large', Buffer.alloc(1001), 1009],
    ['of the largest size', Buffer.alloc(1000), undefined],
  ])('%s: %#', async (_title, message, code) => {
    const [socket, client] = await pair({ maxMessageSize: 1000 });
    client.ws.send(message);
    if (code === undefined) {
      for await (const got of socket) {
        expect(got).toEqual(message);
        break;
      }
      return;
    }
    expect(await client.closed()).toEqual([code, '']);
    expect(await readAll(socket)).toEqual([]);
  });

  it.each([
    ['text that is no UTF-8 with 1007', '\x81\x81\0\0\0\0\xff', '\x88\x02\x03\xef'],
    ['an unmasked frame with 1002', '\x81\x01a', '\x88\x02\x03\xea'],
    ['a frame of an unknown kind with 1002', '\x83\x80\0\0\0\0', '\x88\x02\x03\xea'],
  ])('close on %s', async (_title, frame, close) => {
    const { served } = await serveSocket();
    const client = await served.connect();
    client.send(handshake('/') + frame);
    await client.until('\r\n\r\n');
    expect(await client.until(close)).toBe(close);
  });
});

describe('send', () => {
  it('gives a promise only where the client is slower, kept once there is room', async () => {
    const [socket, client] = await deafClient();
    expect(socket.send('small')).toBeUndefined();
    const slow = socket.send('x'.repeat(200_000));
    expect(slow).toBeInstanceOf(Promise);
    let hasRoom = false;
    void slow?.then(() => {
      hasRoom = true;
    });
    await settled();
    expect(hasRoom).toBe(false);
    expect(socket.queuedSize).toBeGreaterThan(100_000);
    client.duplex.resume();
    await slow;
    expect(socket.isOpen).toBe(true);
  });

  it('cuts off a client for which too much waits', async () => {
    const [socket, client] = await deafClient({ maxQueueSize: 300_000 });
    let sent = 0;
    while (socket.isOpen && sent < 100) {
      void socket.send('x'.repeat(100_000));
      sent++;
    }
    expect(sent).toBe(4);
    expect(socket.signal.aborted).toBe(true);
    expect(await socket.closed).toEqual({ code: 1006, reason: '' });
    client.destroy();
  });

  it('keeps its promise where the client leaves meanwhile', async () => {
    const [socket, client] = await deafClient();
    const slow = socket.send('x'.repeat(200_000));
    client.destroy();
    await slow;
    expect(socket.isOpen).toBe(false);
  });

  it('hands over the messages of one turn in one write', async () => {
    const writes: string[][] = [];
    const duplex = new Duplex({
      read() {},
      writev(chunks, done) {
        writes.push(chunks.map(({ chunk }) => String(chunk)));
        done();
      },
    });
    const framed = {
      readyState: 1,
      bufferedAmount: 0,
      protocol: '',
      on() {},
      send: (data: string, done: () => void) => void duplex.write(data, done),
    };
    const socket = new WebSocketConnection(framed as never, duplex, readRaw, checkWebSocketOptions());
    for (const text of ['a', 'b', 'c']) void socket.send(text);
    await settled();
    void socket.send('d');
    await settled();
    expect(writes).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('does nothing once the client has left', async () => {
    const [socket, client] = await pair();
    client.ws.terminate();
    await socket.closed;
    expect(socket.send('hi')).toBeUndefined();
    socket.close();
    socket.destroy();
  });

  it.each([[1], [null], [undefined], [{}], [new ArrayBuffer(1)]])('refuses %s', async (data) => {
    const [socket] = await pair();
    expect(() => socket.send(data as never)).toThrow('send: a message is a string or a Uint8Array, got');
  });

  it('sends JSON, and refuses what has none', async () => {
    const [socket, client] = await pair();
    void socket.json({ at: [1, 2] });
    expect(await client.next()).toBe('{"at":[1,2]}');
    expect(() => socket.json(undefined)).toThrow('json: undefined cannot be sent as JSON');
  });
});

describe('close', () => {
  it('sends code and reason', async () => {
    const [socket, client] = await pair();
    socket.close(4000, 'enough');
    expect(socket.isOpen).toBe(false);
    expect(await client.closed()).toEqual([4000, 'enough']);
    expect(await socket.closed).toEqual({ code: 4000, reason: 'enough' });
  });

  it('cuts a reason to 123 bytes, between two characters', async () => {
    const [socket, client] = await pair();
    socket.close(1000, 'ü'.repeat(100));
    expect(await client.closed()).toEqual([1000, 'ü'.repeat(61)]);
  });

  it.each([999, 1004, 1005, 1006, 1015, 2999, 5000])('refuses the code %s', async (code) => {
    const [socket] = await pair();
    expect(() => socket.close(code)).toThrow();
    expect(socket.isOpen).toBe(true);
  });

  it('gets its answer behind messages that nobody reads', async () => {
    const [socket, client] = await pair();
    for (let i = 0; i < 100; i++) client.ws.send('x'.repeat(10_000));
    await settled();
    socket.close();
    expect(await socket.closed).toEqual({ code: 1000, reason: '' });
  });

  it('cuts off a client that does not answer', async () => {
    fakeTime();
    const [socket] = await deafClient({ closeTimeout: 5000 });
    socket.close();
    await pass(4999);
    let isGone = false;
    void socket.closed.then(() => {
      isGone = true;
    });
    await settled();
    expect(isGone).toBe(false);
    await pass(1);
    expect(await socket.closed).toEqual({ code: 1006, reason: '' });
  });
});

describe('time', () => {
  it('keeps a client that answers pings', async () => {
    fakeTime();
    const [socket, client] = await pair();
    let pings = 0;
    client.ws.on('ping', () => pings++);
    for (let i = 0; i < 10; i++) await pass(30_000);
    expect([socket.isOpen, pings]).toEqual([true, 10]);
  });

  it('cuts off a client that answers no ping', async () => {
    fakeTime();
    const { served, given } = await serveSocket();
    const client = await served.connect();
    client.send(handshake('/'));
    await client.until('\r\n\r\n');
    const socket = await given;
    await pass(30_000);
    expect(client.received).toBe('\x89\0');
    await pass(9999);
    expect(socket.isOpen).toBe(true);
    await pass(1);
    expect(socket.isOpen).toBe(false);
    expect(await client.all()).toBe('\x89\0');
  });

  it('keeps a client that sends something else instead', async () => {
    fakeTime();
    const { served, given } = await serveSocket();
    const client = await served.connect();
    client.send(handshake('/'));
    const socket = await given;
    await pass(35_000);
    client.send(textFrame('alive'));
    await pass(5000);
    expect(socket.isOpen).toBe(true);
  });

  it('keeps a client whose messages this side has yet to read', async () => {
    fakeTime();
    const [socket, client] = await pair();
    const messages = socket[Symbol.asyncIterator]();
    client.ws.send('x');
    await messages.next();
    for (let i = 0; i < 100; i++) client.ws.send('x'.repeat(10_000));
    await settled();
    await pass(100_000);
    expect(socket.isOpen).toBe(true);
  });

  it('cuts off a client that fills up a side that never reads', async () => {
    fakeTime();
    const [socket, client] = await pair();
    for (let i = 0; i < 100; i++) client.ws.send('x'.repeat(10_000));
    await settled();
    await pass(40_000);
    expect(socket.isOpen).toBe(false);
  });

  it('sends no pings where it is told not to', async () => {
    fakeTime();
    const [socket] = await deafClient({ pingInterval: Number.POSITIVE_INFINITY });
    await pass(1_000_000);
    expect(socket.isOpen).toBe(true);
  });

  it('closes an idle socket, and counts from the last message', async () => {
    fakeTime();
    const [socket, client] = await pair({ idleTimeout: 60_000 });
    await pass(59_000);
    client.ws.send('hi');
    await pass(59_000);
    expect(socket.isOpen).toBe(true);
    await pass(1000);
    expect(await client.closed()).toEqual([1000, 'idle']);
  });
});

it('leaves no timer behind', async () => {
  fakeTime();
  const [socket, client] = await pair({ idleTimeout: 60_000 });
  const others = vi.getTimerCount();
  client.ws.close();
  await socket.closed;
  await settled();
  // Those of pings and of idleness; the client's own is gone as well.
  expect(others - vi.getTimerCount()).toBeGreaterThanOrEqual(2);
  expect(vi.getTimerCount()).toBe(0);
});

it('aborts its signal once', async () => {
  const [socket, client] = await pair({ idleTimeout: 60_000 });
  const { signal } = socket;
  let aborted = 0;
  signal.addEventListener('abort', () => aborted++);
  client.ws.close();
  await socket.closed;
  await eventually(() => signal.aborted, 'the signal aborts');
  expect([aborted, socket.signal.aborted]).toEqual([1, true]);
});
