import { createSocket, type RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Server } from '../../src/server/server.js';
import { ListenerClosed } from '../../src/sockets/listener-socket.js';
import { UdpSocket, type UdpSocketOptions } from '../../src/sockets/udp.js';
import { type LogEntry, loggerInto, request, undated } from '../support/served.js';

const GROUP = '239.255.77.77';

async function listening(options?: UdpSocketOptions, prepare?: (socket: UdpSocket) => void): Promise<UdpSocket> {
  const socket = new UdpSocket(options);
  onTestFinished(() => socket.close());
  socket.bind('127.0.0.1', 0);
  prepare?.(socket);
  await socket.listen();
  return socket;
}

/** One end that sends datagrams and keeps those that come. */
class Peer {
  readonly #socket = createSocket('udp4');
  readonly received: string[] = [];

  static async open(): Promise<Peer> {
    const peer = new Peer();
    peer.#socket.on('message', (bytes) => peer.received.push(bytes.toString('latin1')));
    peer.#socket.bind(0, '127.0.0.1');
    await once(peer.#socket, 'listening');
    peer.#socket.setMulticastInterface('127.0.0.1');
    onTestFinished(() => void peer.#socket.close());
    return peer;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(bytes: string, port: number, address = '127.0.0.1'): void {
    this.#socket.send(Buffer.from(bytes, 'latin1'), port, address);
  }

  async next(): Promise<string> {
    if (this.received.length === 0) await once(this.#socket, 'message');
    return this.received.shift() as string;
  }
}

/** A server on datagrams: what it logs, and one peer. */
async function serving(configure: (server: Server) => void, options?: UdpSocketOptions) {
  const log: LogEntry[] = [];
  const socket = new UdpSocket(options);
  const server = Server.newWith(socket, { logger: loggerInto(log) });
  server.get('/known', (_req, res) => void res.send('known'));
  configure(server);
  await server.setIp('127.0.0.1').listen();
  const running = server.run();
  onTestFinished(async () => {
    await server.close({ timeout: 0 });
    await running;
  });
  const peer = await Peer.open();
  /** Sends what is to be met with silence, and then what is not: nothing else may have come. */
  const isSilentTo = async (bytes: string) => {
    peer.send(bytes, server.port);
    peer.send(request('GET /known'), server.port);
    return (await peer.next()).endsWith('known') && peer.received.length === 0;
  };
  const ask = (bytes: string) => {
    peer.send(bytes, server.port);
    return peer.next();
  };
  return { server, peer, log, isSilentTo, ask };
}

describe('UdpSocket', () => {
  it('gives each datagram as a client that has ended its side, and sends its answer as one', async () => {
    const socket = await listening();
    const { port } = socket.getsockname();
    expect(socket.getsockname().url).toBe(`udp://127.0.0.1:${port}`);
    const peer = await Peer.open();
    peer.send('one', port);
    peer.send('two', port);
    for (const text of ['one', 'two']) {
      const client = await socket.accept();
      expect(client).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: peer.port });
      let bytes = '';
      client.on('data', (chunk: Buffer) => {
        bytes += chunk;
      });
      await once(client, 'end');
      client.write('HTTP/1.1 ');
      client.end(`200 ${bytes}`);
      await once(client, 'close');
      expect(await peer.next()).toBe(`HTTP/1.1 200 ${text}`);
    }
  });

  it('serves requests whose whole answer is one datagram', async () => {
    const { ask, log } = await serving((server) =>
      server.mSearch('*', async (req, res) => {
        await sleep(1);
        res.addHeader('ST', req.headers.get('st') ?? '').send();
      }),
    );
    expect(undated(await ask('M-SEARCH * HTTP/1.1\r\nHost: h\r\nST: ssdp:all\r\n\r\n'))).toBe(
      'HTTP/1.1 200 OK\r\nDate: -\r\nST: ssdp:all\r\nContent-Length: 0\r\n\r\n',
    );
    expect(log).toEqual([]);
  });

  it('joins streamed content into one datagram', async () => {
    const { ask } = await serving(
      (server) =>
      server.get('/pieces', (_req, res) => res.stream((async function* () { yield 'a'; await sleep(1); yield 'b'; })())), // biome-ignore format: one line
    );
    expect(await ask(request('GET /pieces'))).toMatch(/\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n$/);
  });

  describe('says nothing', () => {
    it.each([
      ['to what is no request', 'noise'],
      ['to a malformed head', 'GET /known HTTP/1.1\r\nHost : h\r\n\r\n'],
      ['to half a head', 'GET /known HTTP/1.1\r\n'],
      ['to an empty datagram', ''],
      ['to an unknown path', request('GET /unknown')],
      ['to a method that is not allowed', request('POST /known')],
      ['where the handler ends without sending', request('NOTIFY *')],
      ['where the handler destroys the response', request('M-SEARCH *')],
      ['where the handler throws', request('GET /throws')],
    ])('%s', async (_title, bytes) => {
      const { isSilentTo } = await serving((server) =>
        server
          .notify('*', () => {})
          .mSearch('*', (_req, res) => res.destroy())
          .get('/throws', () => {
            throw new Error('thrown');
          }),
      );
      expect(await isSilentTo(bytes)).toBe(true);
    });

    it('to all but those statuses it is told to answer', async () => {
      const { ask, isSilentTo } = await serving(() => {}, { answers: (status) => status === 404 || status === 200 });
      expect(await ask(request('GET /unknown'))).toMatch(/^HTTP\/1\.1 404 /);
      expect(await isSilentTo('noise')).toBe(true);
    });
  });

  it('names and logs an answer that is too large, and sends none of it', async () => {
    const { isSilentTo, log, peer } = await serving(
      (server) => server.get('/large', (_req, res) => void res.send('x'.repeat(1_000))),
      { maxAnswerSize: 500 },
    );
    expect(await isSilentTo(request('GET /large'))).toBe(true);
    expect(log).toMatchObject([
      {
        level: 'error',
        message: 'The listening socket reported an error',
        fields: {
          err: {
            name: 'DatagramTooLarge',
            message: `The answer to 127.0.0.1 port ${peer.port} has more than the 500 bytes of a datagram`,
          },
        },
      },
    ]);
  });

  it('sends as much as UDP can carry, and no byte more', async () => {
    const { ask, log, isSilentTo } = await serving((server) =>
      server.get('/:size', (req, res) => void res.removeHeader('Date').send('x'.repeat(Number(req.params.size)))),
    );
    const head = (await ask(request('GET /10000'))).indexOf('\r\n\r\n') + 4;
    const largest = 65_507 - head;
    expect((await ask(request(`GET /${largest}`))).length).toBe(65_507);
    expect(log).toEqual([]);
    expect(await isSilentTo(request(`GET /${largest + 1}`))).toBe(true);
    expect(log).toHaveLength(1);
  });

  it('drops what comes beyond the datagrams that are served', async () => {
    const socket = await listening({ maxDatagrams: 2 });
    const { port } = socket.getsockname();
    const peer = await Peer.open();
    for (const text of ['one', 'two', 'three']) peer.send(text, port);
    const first = await socket.accept();
    const second = await socket.accept();
    // On loopback the order holds: behind this one nothing is under way.
    await socket.send('HTTP/1.1 200 mark', peer.port, '127.0.0.1');
    await peer.next();
    first.resume().end('HTTP/1.1 200 one');
    await finished(first);
    expect(await peer.next()).toBe('HTTP/1.1 200 one');
    peer.send('four', port);
    const fourth = await socket.accept();
    expect(String(fourth.read())).toBe('four');
    second.destroy();
    fourth.destroy();
  });

  it('hears what is sent to a group that it has joined, and speaks to it', async () => {
    const join = (socket: UdpSocket) => {
      socket.bind('0.0.0.0', 0);
      socket.setoption('reuseaddr', true);
      socket.setoption('ip-multicast-if', '127.0.0.1');
      socket.setoption('ip-multicast-ttl', 2);
    };
    // Once more, as each worker does on the socket that they share.
    const socket = await listening({ groups: [GROUP, GROUP] }, join);
    const { port } = socket.getsockname();
    const neighbour = await listening({ groups: [GROUP] }, (other) => {
      join(other);
      other.bind('0.0.0.0', port);
    });
    const peer = await Peer.open();
    peer.send('to all', port, GROUP);
    for (const each of [socket, neighbour]) expect(String((await each.accept()).read())).toBe('to all');
    await socket.send('NOTIFY', port, GROUP);
    expect(String((await neighbour.accept()).read())).toBe('NOTIFY');
    expect(String((await socket.accept()).read())).toBe('NOTIFY');
  });

  it('sets what it is told about multicast', async () => {
    const loopback = vi.spyOn(Socket.prototype, 'setMulticastLoopback');
    const ttl = vi.spyOn(Socket.prototype, 'setMulticastTTL');
    onTestFinished(() => void vi.restoreAllMocks());
    await listening();
    await listening({}, (socket) => {
      // Between two sockets on the loopback interface all is heard, whatever this says.
      socket.setoption('ip-multicast-loop', false);
      socket.setoption('ip-multicast-ttl', 4);
    });
    expect(loopback.mock.calls).toEqual([[true], [false]]);
    expect(ttl.mock.calls).toEqual([[1], [4]]);
  });

  it('answers what is being served when it closes, and then frees the port', async () => {
    let finish = () => {};
    const { server, peer } = await serving((each) =>
      each.get('/slow', async (_req, res) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        res.send('late');
      }),
    );
    peer.send(request('GET /slow'), server.port);
    peer.send(request('GET /known'), server.port);
    await peer.next();
    const closed = server.close();
    await new Promise((resolve) => setImmediate(resolve));
    finish();
    expect(await closed).toEqual({ destroyed: 0 });
    expect(await peer.next()).toMatch(/late$/);
    const again = new UdpSocket();
    onTestFinished(() => again.close());
    again.bind('127.0.0.1', server.port);
    await again.listen();
  });

  it('rejects listen with the system error, and may listen elsewhere then', async () => {
    const taken = await listening();
    const socket = new UdpSocket({ groups: [GROUP] });
    onTestFinished(() => socket.close());
    socket.bind('127.0.0.1', taken.getsockname().port);
    await expect(socket.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    socket.bind('127.0.0.1', 0);
    socket.setoption('ip-multicast-if', '192.0.2.1');
    await expect(socket.listen()).rejects.toThrow(/EADDRNOTAVAIL|ENODEV/);
    socket.setoption('ip-multicast-if', '127.0.0.1');
    await socket.listen();
    expect(socket.getsockname().port).toBeGreaterThan(0);
  });

  it('listens on IPv6', async () => {
    const socket = new UdpSocket();
    onTestFinished(() => socket.close());
    socket.bind('::1', 0);
    await socket.listen();
    const { port, url } = socket.getsockname();
    expect(url).toBe(`udp://[::1]:${port}`);
    const peer = createSocket('udp6');
    onTestFinished(() => void peer.close());
    peer.send('ping', port, '::1');
    (await socket.accept()).resume().end('HTTP/1.1 200 pong');
    const [answer] = (await once(peer, 'message')) as [Buffer, RemoteInfo];
    expect(String(answer)).toBe('HTTP/1.1 200 pong');
  });

  it('is closed once and for all', async () => {
    const socket = await listening();
    await expect(socket.listen()).rejects.toThrow('already listening');
    const waiting = socket.accept();
    socket.close();
    socket.close();
    await expect(waiting).rejects.toBeInstanceOf(ListenerClosed);
    await expect(socket.listen()).rejects.toBeInstanceOf(ListenerClosed);
    await expect(socket.send('late', 1, '127.0.0.1')).rejects.toThrow('The socket does not listen');
  });

  it.each([
    ['before it is bound', () => {}],
    ['while its name is looked up', () => new Promise((resolve) => setImmediate(resolve))],
  ])('stops a listen that close overtakes %s', async (_title, wait) => {
    const socket = new UdpSocket();
    socket.bind('localhost', 0);
    const starting = socket.listen();
    const stopped = expect(starting).rejects.toBeInstanceOf(ListenerClosed);
    await wait();
    socket.close();
    await stopped;
  });

  it('refuses unknown options, wrong values and late ones', async () => {
    const socket = new UdpSocket();
    onTestFinished(() => socket.close());
    expect(() => socket.setoption('linger', true)).toThrow(
      'Unknown option "linger": a UdpSocket knows reuseaddr, ipv6-v6only, broadcast, ip-multicast-loop, ip-multicast-ttl, ip-multicast-if',
    );
    expect(() => socket.setoption('ip-multicast-ttl', '4')).toThrow('must be a number, got string');
    expect(() => new UdpSocket({ maxDatagrams: 0 })).toThrow('maxDatagrams must be a whole number from 1, got 0');
    expect(() => new UdpSocket({ maxAnswerSize: 1.5 })).toThrow('maxAnswerSize must be a whole number from 1');
    socket.setoption('broadcast', true);
    socket.bind('127.0.0.1', 0);
    await socket.listen();
    expect(() => socket.setoption('broadcast', false)).toThrow('must be set before listening');
  });
});
