import { once } from 'node:events';
import { Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ListenerClosed } from '../../src/sockets/listener-socket.js';
import { TcpSocket } from '../../src/sockets/tcp.js';
import { RawClient } from '../support/raw-client.js';

const opened: TcpSocket[] = [];

async function listening(prepare?: (socket: TcpSocket) => void): Promise<TcpSocket> {
  const socket = new TcpSocket();
  opened.push(socket);
  socket.bind('127.0.0.1', 0);
  prepare?.(socket);
  await socket.listen();
  return socket;
}

afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
  vi.restoreAllMocks();
});

describe('TcpSocket', () => {
  it('accepts clients with bytes both ways', async () => {
    const socket = await listening();
    const client = await RawClient.tcp(socket.getsockname().port);
    const accepted = await socket.accept();
    accepted.pipe(accepted);
    client.send('\0ping\xff');
    expect(await client.until('\xff')).toBe('\0ping\xff');
    await client.end();
    expect(await client.all()).toBe('');
  });

  it('tells the address asked for, then the bound one, and keeps it when closed', async () => {
    const socket = new TcpSocket();
    expect(socket.getsockname()).toEqual({ ip: '0.0.0.0', port: 0 });
    socket.bind('127.0.0.1', 0);
    expect(socket.getsockname()).toEqual({ ip: '127.0.0.1', port: 0 });
    await socket.listen();
    const name = socket.getsockname();
    expect(name).toEqual({ ip: '127.0.0.1', port: expect.any(Number) });
    expect(name.port).toBeGreaterThan(0);
    socket.close();
    expect(socket.getsockname()).toEqual(name);
  });

  it('lets a client end its side and still be answered', async () => {
    const socket = await listening();
    const client = await RawClient.tcp(socket.getsockname().port);
    await client.end();
    const accepted = await socket.accept();
    await once(accepted.resume(), 'end');
    accepted.end('late answer');
    expect(await client.all()).toBe('late answer');
  });

  it('rejects listen with the system error, and may listen elsewhere then', async () => {
    const taken = await listening();
    const socket = new TcpSocket();
    opened.push(socket);
    socket.bind('127.0.0.1', taken.getsockname().port);
    await expect(socket.listen()).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' });
    socket.bind('127.0.0.1', 0);
    await socket.listen();
    expect(socket.getsockname().port).toBeGreaterThan(0);
  });

  it('frees the port on close without waiting for accepted clients, which stay', async () => {
    const socket = await listening();
    const { port } = socket.getsockname();
    const client = await RawClient.tcp(port);
    const accepted = await socket.accept();
    socket.close();
    socket.close();
    await expect(RawClient.tcp(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    accepted.end('still here');
    expect(await client.all()).toBe('still here');
    client.destroy();
  });

  it('destroys clients nobody accepted, and rejects accept, on close', async () => {
    const socket = await listening();
    const client = await RawClient.tcp(socket.getsockname().port);
    const accepted = await socket.accept();
    const waiting = socket.accept();
    socket.close();
    await expect(waiting).rejects.toBeInstanceOf(ListenerClosed);
    await expect(socket.accept()).rejects.toBeInstanceOf(ListenerClosed);
    await expect(socket.listen()).rejects.toBeInstanceOf(ListenerClosed);
    accepted.destroy();
    client.destroy();

    const unattended = await listening();
    const queued = await RawClient.tcp(unattended.getsockname().port);
    await vi.waitFor(async () => {
      unattended.close();
      expect(queued.closed).toBe(true);
    });
  });

  it('stops a listen that close overtakes', async () => {
    const socket = new TcpSocket();
    socket.bind('127.0.0.1', 0);
    const starting = socket.listen();
    socket.close();
    await expect(starting).rejects.toBeInstanceOf(ListenerClosed);
  });

  it('refuses to listen twice', async () => {
    const socket = await listening();
    await expect(socket.listen()).rejects.toThrow('already listening');
  });

  it('gives an error of the listening socket to the next accept', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    const socket = await listening();
    const waiting = socket.accept();
    (listen.mock.contexts[0] as Server).emit('error', new Error('accept EMFILE'));
    await expect(waiting).rejects.toThrow('accept EMFILE');
  });

  it('sets TCP_NODELAY unless told otherwise', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    await listening();
    await listening((socket) => {
      socket.setoption('tcp-nodelay', false);
      socket.setoption('keepalive', true);
    });
    // Servers keep their options, which Node applies to the handle of each client before anything sees it.
    expect(listen.mock.contexts).toMatchObject([
      { noDelay: true, keepAlive: false, allowHalfOpen: true },
      { noDelay: false, keepAlive: true, allowHalfOpen: true },
    ]);
  });

  it('hands over sockets that know their peer', async () => {
    const socket = await listening();
    const client = await RawClient.tcp(socket.getsockname().port);
    const accepted = (await socket.accept()) as Socket;
    expect(accepted.remoteAddress).toBe('127.0.0.1');
    client.destroy();
    accepted.destroy();
  });

  it('refuses unknown options, wrong values and late ones', async () => {
    const socket = await listening();
    expect(() => socket.setoption('linger', true)).toThrow(
      new TypeError('Unknown option "linger": a TcpSocket knows tcp-nodelay, keepalive, reuseport, ipv6-v6only'),
    );
    expect(() => socket.setoption('toString', true)).toThrow(TypeError);
    expect(() => socket.setoption('keepalive', 1)).toThrow('Option "keepalive" must be a boolean, got number');
    expect(() => socket.setoption('keepalive', true)).toThrow('must be set before listening');
  });
});
