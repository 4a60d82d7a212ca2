import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ConnectionOptions, connect, createSecureContext, type TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Server } from '../../src/server/server.js';
import { JoinedSocket } from '../../src/sockets/joined.js';
import { ListenerClosed, type ListenerSocket } from '../../src/sockets/listener-socket.js';
import { MemorySocket } from '../../src/sockets/memory.js';
import { TlsSocket, type TlsSocketOptions } from '../../src/sockets/tls.js';
import { UnixSocket } from '../../src/sockets/unix.js';
import { startBrowser } from '../support/browser.js';
import { Authority } from '../support/certificates.js';
import { command } from '../support/command.js';
import { compiled } from '../support/compiled.js';
import { RawClient } from '../support/raw-client.js';
import { eventually } from '../support/served.js';

const authority = new Authority();
const stranger = new Authority('Another authority');
const localhost = authority.issue('localhost');
const other = authority.issue('other.example');
const ada = authority.issue('ada');
const mallory = stranger.issue('ada');
const ca = authority.own.cert;

/** A server that says over what a request came. */
async function serving(options: Partial<TlsSocketOptions> = {}, under?: ListenerSocket) {
  const failures: Error[] = [];
  const onHandshakeError = (error: Error) => void failures.push(error);
  const { key, cert } = localhost;
  const socket = new TlsSocket({ key, cert, onHandshakeError, ...options }, under);
  const server = Server.newWith(socket);
  server.get('/', (req, res) => {
    res.send(`${req.scheme} ${req.clientCertificate?.subject ?? 'anonymous'}`);
  });
  await server.setIp('127.0.0.1').listen();
  const running = server.run();
  onTestFinished(async () => {
    await server.close({ timeout: 0 });
    await running;
  });
  return { socket, server, port: server.port, failures };
}

async function clientOf(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { servername = 'localhost', ...others } = options;
  const client = connect({
    port,
    host: '127.0.0.1',
    ca,
    allowHalfOpen: true,
    servername,
    ...others,
  } as ConnectionOptions);
  onTestFinished(() => void client.destroy());
  await once(client, 'secureConnect');
  return client;
}

/** Asks for `/`, and gives the content of the answer. */
async function ask(port: number, options: ConnectionOptions = {}): Promise<string> {
  const client = RawClient.over(await clientOf(port, options));
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  return (await client.response()).split('\r\n\r\n')[1] as string;
}

describe('TlsSocket', () => {
  it('serves over TLS, and says so in the request and in its URL', async () => {
    const { server, port } = await serving();
    expect(server.url).toBe(`https://127.0.0.1:${port}`);
    expect(await ask(port)).toBe('https anonymous');
  });

  it('takes the credentials as text, as bytes and as files', async () => {
    const { keyFile, certFile, key, cert } = localhost;
    expect(await ask((await serving({ key: Buffer.from(key), cert: Buffer.from(cert) })).port)).toContain('https');
    expect(await ask((await serving({ key: keyFile, cert: certFile })).port)).toContain('https');
  });

  it.each([
    [true, ['http/1.1', 'h2'], 'h2'],
    [true, ['http/1.1'], 'http/1.1'],
    [true, ['spdy/3'], undefined],
    [false, ['h2', 'http/1.1'], 'http/1.1'],
    [false, ['h2'], undefined],
  ])('with http2: %s chooses of %j %s', async (http2, ALPNProtocols, chosen) => {
    const { port, failures } = await serving({ http2 });
    const client = clientOf(port, { ALPNProtocols });
    if (chosen !== undefined) expect((await client).alpnProtocol).toBe(chosen);
    else await expect(client).rejects.toThrow(/no application protocol/i);
    expect(failures).toHaveLength(chosen === undefined ? 1 : 0);
  });

  it.each([
    ['-tls1', false],
    ['-tls1_1', false],
    ['-tls1_2', true],
    ['-tls1_3', true],
  ])('is spoken to by openssl s_client %s: %s', async (version, isSpoken) => {
    const { port } = await serving();
    const { stdout } = await command(
      'openssl',
      // Security level 0: the client itself would refuse to offer the old ones.
      ['s_client', '-connect', `127.0.0.1:${port}`, version, '-cipher', 'ALL:@SECLEVEL=0', '-ign_eof'],
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    );
    expect(stdout.includes('https anonymous')).toBe(isSpoken);
    expect(stdout.includes('Cipher is (NONE)')).toBe(!isSpoken);
  });

  it('is read by curl, which knows the authority', async () => {
    const { port } = await serving();
    const url = `https://localhost:${port}/`;
    const args = ['--silent', '--show-error', '--noproxy', '*', '--resolve', `localhost:${port}:127.0.0.1`];
    expect(await command('curl', [...args, '--cacert', join(authority.folder, 'ca.pem'), url])).toMatchObject({
      code: 0,
      stdout: 'https anonymous',
    });
    expect(await command('curl', [...args, '--cacert', join(stranger.folder, 'ca.pem'), url])).toMatchObject({
      code: 60,
    });
  });

  it('is read by Chromium', async () => {
    const { port } = await serving();
    const browser = await startBrowser();
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    const response = await page.goto(`https://localhost:${port}/`);
    expect(await response?.text()).toBe('https anonymous');
    expect(await response?.securityDetails()).toMatchObject({ protocol: 'TLS 1.3', subjectName: 'localhost' });
  }, 60_000);

  it('lets a client end its side and still be answered', async () => {
    const { key, cert } = localhost;
    const socket = new TlsSocket({ key, cert });
    onTestFinished(() => void socket.close());
    await socket.bind('127.0.0.1', 0);
    await socket.listen();
    const client = RawClient.over(await clientOf(socket.getsockname().port));
    await client.end();
    const accepted = await socket.accept();
    await once(accepted.resume(), 'end');
    accepted.end('late answer');
    expect(await client.all()).toBe('late answer');
  });

  it('stands on a Unix socket, in memory, and beside a port without TLS', async () => {
    const path = join(authority.folder, 'tls.sock');
    const unix = await serving({}, new UnixSocket(path));
    expect(unix.server.url).toBe(`unix:${path}`);
    const curl = ['--silent', '--cacert', join(authority.folder, 'ca.pem'), '--unix-socket', path, '--noproxy', '*'];
    expect((await command('curl', [...curl, 'https://localhost/'])).stdout).toBe('https anonymous');

    const memory = new MemorySocket();
    await serving({}, memory);
    const client = connect({ socket: memory.connect(), ca, servername: 'localhost' });
    onTestFinished(() => void client.destroy());
    await once(client, 'secureConnect');
    expect(client.authorized).toBe(true);

    const joined = await serving({}, new JoinedSocket(new MemorySocket(), new MemorySocket()));
    expect(joined.server.url).toBe('');
  });

  describe('a client certificate', () => {
    const asked = { requestCert: true, ca };

    it('is in the request once it is verified', async () => {
      const { port } = await serving(asked);
      expect(await ask(port, { key: ada.key, cert: ada.cert })).toBe('https CN=ada');
      expect(await ask(port, { key: ada.key, cert: ada.cert, maxVersion: 'TLSv1.2' })).toBe('https CN=ada');
    });

    it.each([
      ['none', {}],
      ['one of another authority', { key: mallory.key, cert: mallory.cert }],
    ])('turns the client away where there is %s', async (_title, credentials) => {
      const { port, failures } = await serving(asked);
      await expect(ask(port, credentials)).rejects.toThrow();
      await eventually(() => failures.length === 1, 'the handshake has failed');
      expect(await ask(port, { key: ada.key, cert: ada.cert })).toBe('https CN=ada');
    });

    it.each(['TLSv1.2', 'TLSv1.3'] as const)(
      'is in the request where a session of %s is resumed',
      async (maxVersion) => {
        const { port } = await serving(asked);
        const credentials = { key: ada.key, cert: ada.cert, maxVersion };
        const first = await clientOf(port, credentials);
        // With TLS 1.2 it is there by now, with TLS 1.3 it comes later.
        if (maxVersion === 'TLSv1.3') await once(first, 'session');
        const session = first.getSession() as Buffer;
        const resumed = await clientOf(port, { ...credentials, session });
        expect(resumed.isSessionReused()).toBe(true);
        const client = RawClient.over(resumed);
        client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
        expect(await client.response()).toContain('https CN=ada');
      },
    );

    it('that nobody vouches for is no certificate, where it is let in', async () => {
      const { port } = await serving({ ...asked, rejectUnauthorized: false });
      expect(await ask(port, { key: mallory.key, cert: mallory.cert })).toBe('https anonymous');
      expect(await ask(port)).toBe('https anonymous');
      expect(await ask(port, { key: ada.key, cert: ada.cert })).toBe('https CN=ada');
    });
  });

  describe('a failed handshake', () => {
    it('ends neither the process nor the accepting', async () => {
      const { port, failures } = await serving({ handshakeTimeout: 500 });
      const noise = await RawClient.tcp(port);
      noise.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      await noise.all();
      const leaver = await RawClient.tcp(port);
      leaver.send(Buffer.from([0x16, 0x03, 0x01]));
      leaver.destroy();
      await vi.waitFor(() => expect(failures).toHaveLength(2), 5_000);
      expect(failures[0]?.message).toMatch(/http request/i);
      expect(await ask(port)).toBe('https anonymous');
    });

    it('is cut off when its time is up', async () => {
      const { port, failures } = await serving({ handshakeTimeout: 1 });
      const silent = await RawClient.tcp(port);
      expect(await silent.all()).toBe('');
      expect(failures).toMatchObject([{ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }]);
    });

    it('leaves its place to others', async () => {
      const { key, cert } = localhost;
      const server = Server.newWith(new TlsSocket({ key, cert, handshakeTimeout: 60_000 }), { backlog: 2 });
      server.get('/', (_req, res) => void res.send('served'));
      await server.setIp('127.0.0.1').listen();
      void server.run();
      onTestFinished(() => server.close({ timeout: 0 }).then(() => {}));
      const silent = [await RawClient.tcp(server.port), await RawClient.tcp(server.port)];
      const third = await RawClient.tcp(server.port);
      expect(await third.all()).toBe('');
      for (const client of silent) client.send('no handshake\r\n');
      for (const client of silent) await client.all();
      expect(await ask(server.port)).toBe('served');
      expect(await ask(server.port)).toBe('served');
      expect(await ask(server.port)).toBe('served');
    });

    it('does not keep alive a process that has closed its socket, as an accepted client does', async () => {
      const program = `
        const { TlsSocket } = await import(process.argv[1]);
        const socket = new TlsSocket({ key: process.argv[2], cert: process.argv[3], handshakeTimeout: 600000 });
        socket.bind('127.0.0.1', 0);
        await socket.listen();
        process.stdin.once('data', () => { socket.close(); process.stdin.destroy(); console.log('closed'); });
        console.log(socket.getsockname().port);
        const accepted = await socket.accept();
        accepted.on('data', (bytes) => accepted.end('late ' + bytes));
        console.log('accepted');
      `;
      const tls = join(await compiled(), 'dist/src/sockets/tls.js');
      const child = spawn(
        process.execPath,
        ['--input-type=module', '-e', program, tls, localhost.keyFile, localhost.certFile],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      );
      onTestFinished(() => void child.kill());
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      const port = Number((await lines.next()).value);
      const served = RawClient.over(await clientOf(port));
      expect((await lines.next()).value).toBe('accepted');
      const silent = connectTcp(port, '127.0.0.1');
      silent.on('error', () => {});
      await once(silent, 'connect');
      onTestFinished(() => void silent.destroy());
      child.stdin.write('close');
      expect((await lines.next()).value).toBe('closed');
      served.send('ping');
      expect(await served.all()).toBe('late ping');
      served.destroy();
      const [code] = (await once(child, 'close')) as [number];
      expect(code).toBe(0);
    });
  });

  describe('reload', () => {
    const nameOf = async (port: number) => {
      const client = await clientOf(port, { checkServerIdentity: () => undefined });
      return String(client.getPeerCertificate().subject.CN);
    };

    it('reads the files again, and leaves open connections alone', async () => {
      const [key, cert] = [join(authority.folder, 'live.key'), join(authority.folder, 'live.pem')];
      await writeFile(key, localhost.key);
      await writeFile(cert, localhost.cert);
      const { socket, port } = await serving({ key, cert });
      const before = RawClient.over(await clientOf(port));
      await writeFile(key, other.key);
      await writeFile(cert, other.cert);
      expect(await nameOf(port)).toBe('localhost');
      await socket.reload();
      expect(await nameOf(port)).toBe('other.example');
      before.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      expect(await before.response()).toContain('https anonymous');
    });

    it('takes other credentials, and keeps the old ones where they do not fit', async () => {
      const { socket, port } = await serving();
      await expect(socket.reload({ cert: other.cert })).rejects.toThrow(
        'TlsSocket: the credentials cannot be used: error:05800074:x509 certificate routines::key values mismatch',
      );
      await expect(socket.reload({ key: '/nowhere/key.pem' })).rejects.toThrow(
        "TlsSocket: key cannot be read: ENOENT: no such file or directory, open '/nowhere/key.pem'",
      );
      expect(await nameOf(port)).toBe('localhost');
      await socket.reload({ key: other.key, cert: other.cert });
      expect(await nameOf(port)).toBe('other.example');
    });

    it('trusts other authorities from then on, for sessions from before as well', async () => {
      const { socket, port } = await serving({ requestCert: true, ca });
      const credentials = { key: ada.key, cert: ada.cert };
      const client = await clientOf(port, credentials);
      const [session] = (await once(client, 'session')) as [Buffer];
      expect(await ask(port, { ...credentials, session })).toBe('https CN=ada');
      await socket.reload({ ca: stranger.own.cert });
      await expect(ask(port, { ...credentials, session })).rejects.toThrow();
      expect(await ask(port, { key: mallory.key, cert: mallory.cert })).toBe('https CN=ada');
    });

    it('is for a socket that listens', async () => {
      const { key, cert } = localhost;
      await expect(new TlsSocket({ key, cert }).reload()).rejects.toThrow('once the socket listens');
    });
  });

  it('shows other credentials for another name', async () => {
    const { port, failures } = await serving({
      serverName(name) {
        if (name === 'broken.example') throw new Error('no such host');
        return name === 'other.example' ? createSecureContext({ key: other.key, cert: other.cert }) : undefined;
      },
    });
    const nameFor = async (servername: string) =>
      (await clientOf(port, { servername })).getPeerCertificate().subject.CN;
    expect(await nameFor('other.example')).toBe('other.example');
    expect(await nameFor('localhost')).toBe('localhost');
    await expect(clientOf(port, { servername: 'broken.example' })).rejects.toThrow();
    expect(failures.map(({ message }) => message)).toEqual(['no such host']);
  });

  it('tells what is wrong with its options', async () => {
    const { key, cert } = localhost;
    expect(() => new TlsSocket({ cert } as never)).toThrow(
      new TypeError('TlsSocket: key must be PEM text, its bytes or a path, got undefined'),
    );
    expect(() => new TlsSocket({ key, cert, requestCert: true })).toThrow('TlsSocket: requestCert needs ca');
    expect(() => new TlsSocket({ key, cert, handshakeTimeout: 0 })).toThrow('handshakeTimeout must be a whole number');
    await expect(new TlsSocket({ key, cert: '/nowhere' }).listen()).rejects.toThrow('TlsSocket: cert cannot be read');
    await expect(new TlsSocket({ key, cert: key }).listen()).rejects.toThrow('the credentials cannot be used');
  });

  it('is closed once and for all', async () => {
    const { key, cert } = localhost;
    const socket = new TlsSocket({ key, cert });
    await socket.bind('127.0.0.1', 0);
    await socket.listen();
    await expect(socket.listen()).rejects.toThrow('already listening');
    expect(() => socket.setoption('keepalive', true)).toThrow('must be set before listening');
    const waiting = socket.accept();
    socket.close();
    await expect(waiting).rejects.toBeInstanceOf(ListenerClosed);
    await expect(socket.accept()).rejects.toBeInstanceOf(ListenerClosed);
    await expect(socket.listen()).rejects.toBeInstanceOf(ListenerClosed);
  });
});
