import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Application, Server, TcpSocket, UdpSocket } from '../../src/index.js';
import { Authority } from '../support/certificates.js';
import { command } from '../support/command.js';
import { testGuide } from './guide.js';

const guide = await testGuide('sockets.md');

describe('the guide to sockets', () => {
  const authority = new Authority();
  const { keyFile, certFile } = authority.issue('localhost');
  const ada = authority.issue('ada');
  const path = `${authority.folder}/app.sock`;
  Object.assign(process.env, { TLS_KEY: keyFile, TLS_CERT: certFile, TLS_CA: authority.own.certFile });
  process.env.SOCKET_PATH = path;

  async function curl(...args: readonly string[]): Promise<string> {
    const trusting = [
      '--cacert',
      authority.own.certFile,
      '--noproxy',
      '*',
      '--silent',
      '--show-error',
      '--max-time',
      '9',
    ];
    return (await command('curl', [...trusting, ...args])).stdout;
  }

  it.each(['keepalive.ts', 'https.ts', 'unix.ts'])('starts the application of %s', async (name) => {
    const before = process.listeners('SIGHUP');
    const { app } = await guide.load<{ app: Application }>(name);
    const said = {
      'keepalive.ts': () => curl(app.url),
      'https.ts': () => curl(app.url),
      'unix.ts': () => curl('--unix-socket', path, 'http://localhost/'),
    }[name];
    expect(await said?.()).toBe({ 'keepalive.ts': 'hello', 'https.ts': 'over https', 'unix.ts': 'by path' }[name]);
    await app.close();
    for (const listener of process.listeners('SIGHUP')) {
      if (!before.includes(listener)) process.off('SIGHUP', listener);
    }
  });

  it('speaks HTTP/2, or not', async () => {
    const { apps } = await guide.load<{ apps: Application[] }>('http2.ts');
    expect(await Promise.all(apps.map(({ url }) => curl(url)))).toEqual(['HTTP/2.0', 'HTTP/1.1']);
    for (const app of apps) await app.close();
  });

  it('knows clients by their certificate', async () => {
    const { server } = await guide.load<{ server: Server }>('client-certificates.ts');
    await server.setIp('127.0.0.1').listen();
    void server.run();
    const withAda = ['--key', ada.keyFile, '--cert', ada.certFile];
    expect(await curl(`${server.url}/`)).toBe('for everybody');
    expect(await curl(`${server.url}/private`)).toContain('A certificate is needed here.');
    expect(await curl(...withAda, `${server.url}/private`)).toBe('only for CN=ada');
    await server.close();
  });

  it.each([
    ['activated.ts', 'active'],
    ['one-by-one.ts', 'your turn'],
  ])('serves with %s', async (name, said) => {
    const { server } = await guide.load<{ server: Server }>(name);
    void server.run();
    expect(await Promise.all([curl(server.url), curl(server.url)])).toEqual([said, said]);
    await server.close();
  });

  it('serves on two ports', async () => {
    const { server, inside } = await guide.load<{ server: Server; inside: TcpSocket }>('joined.ts');
    void server.run();
    const { port } = inside.getsockname();
    expect(port).not.toBe(server.port);
    expect([await curl(server.url), await curl(`http://127.0.0.1:${port}`)]).toEqual(['on both', 'on both']);
    await server.close();
  });

  it('is discovered', async () => {
    const { app, socket } = await guide.load<{ app: Application; socket: UdpSocket }>('discovery.ts');
    const peer = createSocket('udp4');
    const { port } = socket.getsockname();
    for (const target of ['upnp:nobody', 'ssdp:all']) {
      peer.send(`M-SEARCH * HTTP/1.1\r\nHost: h\r\nST: ${target}\r\n\r\n`, port, '127.0.0.1');
    }
    const [answer] = (await once(peer, 'message')) as [Buffer];
    expect(String(answer)).toContain('ST: ssdp:all\r\n');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    peer.close();
    await app.close();
  });
});
