import { describe, expect, it, onTestFinished } from 'vitest';
import { Server } from '../../src/server/server.js';
import { JoinedSocket } from '../../src/sockets/joined.js';
import { ListenerClosed, type ListenerSocket } from '../../src/sockets/listener-socket.js';
import { MemorySocket } from '../../src/sockets/memory.js';
import { TcpSocket } from '../../src/sockets/tcp.js';
import { exchange, RawClient } from '../support/raw-client.js';
import { settled } from '../support/served.js';

/** A port that was given out. */
function tcp(port = 0): TcpSocket {
  const socket = new TcpSocket();
  onTestFinished(() => socket.close());
  socket.bind('127.0.0.1', port);
  return socket;
}

describe('JoinedSocket', () => {
  it('serves the clients of each with one Server, named by the first', async () => {
    const [first, second, memory] = [tcp(), tcp(), new MemorySocket()];
    const joined = new JoinedSocket(first, second, memory);
    const server = Server.newWith(joined);
    server.get('/', (_req, res) => void res.send('one server'));
    await server.setIp('127.0.0.1').listen();
    void server.run();
    onTestFinished(() => server.close({ timeout: 0 }).then(() => {}));
    expect(server.port).toBe(first.getsockname().port);
    expect(server.url).toBe(`http://127.0.0.1:${first.getsockname().port}`);
    expect(second.getsockname().port).toBeGreaterThan(0);
    const request = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
    for (const where of [first.getsockname().port, second.getsockname().port, memory.connect()]) {
      expect(await exchange(where, request)).toContain('one server');
    }
    await server.close();
    for (const { port } of [first.getsockname(), second.getsockname()]) {
      await expect(RawClient.tcp(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it('binds and sets the first one alone', async () => {
    const [first, second] = [new TcpSocket(), new TcpSocket()];
    const joined = new JoinedSocket(first, second);
    joined.bind('127.0.0.1', 1234);
    joined.setoption('keepalive', true);
    expect(first.getsockname()).toEqual({ ip: '127.0.0.1', port: 1234 });
    expect(second.getsockname()).toEqual({ ip: '0.0.0.0', port: 0 });
    expect(() => joined.setoption('nothing', true)).toThrow('a TcpSocket knows');
  });

  it('closes all where one of them cannot listen', async () => {
    const taken = tcp();
    await taken.listen();
    const first = tcp();
    const joined = new JoinedSocket(first, tcp(taken.getsockname().port));
    await expect(joined.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(RawClient.tcp(first.getsockname().port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(joined.listen()).rejects.toBeInstanceOf(ListenerClosed);
  });

  it('goes on when one of them is closed, and ends with the last', async () => {
    const [first, second] = [new MemorySocket(), new MemorySocket()];
    const joined = new JoinedSocket(first, second);
    await joined.listen();
    first.close();
    const waiting = joined.accept();
    second.connect();
    await waiting;
    const last = joined.accept();
    second.close();
    await expect(last).rejects.toBeInstanceOf(ListenerClosed);
  });

  it('gives an error of one of them to accept, and goes on', async () => {
    const memory = new MemorySocket();
    let failures = 1;
    const failing: ListenerSocket = {
      bind() {},
      listen() {},
      getsockname: () => ({ ip: 'failing', port: 0 }),
      setoption() {},
      close() {},
      accept: () => (failures-- > 0 ? Promise.reject(new Error('accept EMFILE')) : memory.accept()),
    };
    memory.listen();
    const joined = new JoinedSocket(failing);
    await joined.listen();
    await expect(joined.accept()).rejects.toThrow('accept EMFILE');
    const waiting = joined.accept();
    memory.connect();
    await expect(waiting).resolves.toHaveProperty('destroyed', false);
  });

  it('drops whoever finds the backlog full', async () => {
    const memory = new MemorySocket();
    const joined = new JoinedSocket(memory);
    await joined.listen(1);
    const clients = [];
    for (let i = 0; i < 2; i++) {
      clients.push(RawClient.over(memory.connect()));
      await settled();
    }
    expect(clients.map(({ closed }) => closed)).toEqual([false, true]);
  });

  it('tells of all that cannot be closed, and closes the others', async () => {
    const memory = new MemorySocket();
    const joined = new JoinedSocket(
      Object.assign(new MemorySocket(), {
        close() {
          throw new Error('stuck');
        },
      }),
      memory,
    );
    await joined.listen();
    await expect(joined.close()).rejects.toMatchObject({ errors: [{ message: 'stuck' }] });
    expect(() => memory.connect()).toThrow(ListenerClosed);
  });

  it('refuses to listen twice, and to join nothing', async () => {
    const joined = new JoinedSocket(new MemorySocket());
    await joined.listen();
    await expect(joined.listen()).rejects.toThrow('already listening');
    expect(() => Reflect.construct(JoinedSocket, [])).toThrow('JoinedSocket: expected a socket, got none');
  });
});
