import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ListenerClosed } from '../../src/sockets/listener-socket.js';
import { MemorySocket } from '../../src/sockets/memory.js';
import { RawClient } from '../support/raw-client.js';

async function connected() {
  const socket = new MemorySocket();
  socket.listen();
  const client = RawClient.over(socket.connect());
  return { socket, client, server: await socket.accept() };
}

describe('MemorySocket', () => {
  it('connects two ends', async () => {
    const { client, server } = await connected();
    server.pipe(server);
    client.send('ping');
    expect(await client.until('ping')).toBe('ping');
  });

  it('lets a client end its side and still be answered', async () => {
    const { client, server } = await connected();
    await client.end();
    await once(server.resume(), 'end');
    server.end('late answer');
    expect(await client.all()).toBe('late answer');
  });

  it('tells the address it was given', () => {
    const socket = new MemorySocket();
    expect(socket.getsockname()).toEqual({ ip: 'memory', port: 0 });
    socket.bind('10.0.0.1', 80);
    socket.listen();
    expect(socket.getsockname()).toEqual({ ip: '10.0.0.1', port: 80 });
  });

  it('delivers what was sent before the server destroyed its end', async () => {
    const { client, server } = await connected();
    server.write('last words');
    server.destroy();
    expect(await client.all()).toBe('last words');
  });

  it('tells the server that the client is gone, though it is not reading', async () => {
    const { client, server } = await connected();
    client.destroy();
    await once(server, 'close');
    expect(server.destroyed).toBe(true);
  });

  it('tells a server that is writing that the client is gone', async () => {
    const { client, server } = await connected();
    client.duplex.pause();
    server.write(Buffer.alloc(1 << 20));
    server.write('more');
    client.destroy();
    await once(server, 'close');
    expect(server.destroyed).toBe(true);
  });

  it('refuses connections before listening and after closing', () => {
    const socket = new MemorySocket();
    expect(() => socket.connect()).toThrow('Nothing listens');
    socket.listen();
    expect(() => socket.listen()).toThrow('already listening');
    socket.close();
    expect(() => socket.connect()).toThrow(ListenerClosed);
    expect(() => socket.listen()).toThrow(ListenerClosed);
  });

  it('closes the clients nobody accepted, and those beyond the backlog', async () => {
    const socket = new MemorySocket();
    socket.listen(1);
    const [queued, beyond] = [RawClient.over(socket.connect()), RawClient.over(socket.connect())];
    expect(await beyond.all()).toBe('');
    expect(queued.closed).toBe(false);
    const waiting = [socket.accept(), socket.accept()];
    expect(await waiting[0]).toBeDefined();
    const late = RawClient.over(socket.connect());
    socket.close();
    await waiting[1];
    await expect(socket.accept()).rejects.toBeInstanceOf(ListenerClosed);
    expect(late.closed).toBe(false);

    const other = new MemorySocket();
    other.listen();
    const unattended = RawClient.over(other.connect());
    other.close();
    expect(await unattended.all()).toBe('');
  });

  it('knows no options', () => {
    expect(() => new MemorySocket().setoption('keepalive', true)).toThrow(TypeError);
  });
});
