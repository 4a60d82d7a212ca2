import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { bootstrap } from '../../src/bootstrap/bootstrap.js';
import { Controller } from '../../src/decorators/controller.js';
import { Get } from '../../src/decorators/route.js';
import { Server } from '../../src/server/server.js';
import { ListenerClosed } from '../../src/sockets/listener-socket.js';
import { UnixSocket, type UnixSocketOptions } from '../../src/sockets/unix.js';
import { command } from '../support/command.js';
import { RawClient } from '../support/raw-client.js';

const folder = mkdtempSync(join(tmpdir(), 'luminaire-unix-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let paths = 0;

function freshPath(): string {
  return join(folder, `${++paths}.sock`);
}

async function listening(path = freshPath(), options?: UnixSocketOptions): Promise<UnixSocket> {
  const socket = new UnixSocket(path, options);
  onTestFinished(() => socket.close());
  await socket.listen();
  return socket;
}

async function clientOf(path: string): Promise<RawClient> {
  const socket = connect({ path, allowHalfOpen: true });
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  return RawClient.over(socket);
}

/** Leaves the file of a socket behind, as a killed process does. */
async function leaveStale(path: string): Promise<void> {
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', program]), 'close');
  expect(statSync(path).isSocket()).toBe(true);
}

describe('UnixSocket', () => {
  it('accepts clients with bytes both ways, also those that have ended their side', async () => {
    const path = freshPath();
    const socket = await listening(path);
    const client = await clientOf(path);
    client.send('ping');
    await client.end();
    const accepted = await socket.accept();
    accepted.pipe(accepted);
    expect(await client.all()).toBe('ping');
  });

  it('is named by its path, whatever it is bound to', async () => {
    const path = freshPath();
    const socket = await listening(path);
    socket.bind('127.0.0.1', 8080);
    expect(socket.getsockname()).toEqual({ ip: path, port: 0, url: `unix:${path}` });
  });

  it('serves an application, which knows no address of its clients', async () => {
    @Controller()
    class PathController {
      @Get('/')
      show(): string {
        return 'by path';
      }
    }
    const path = freshPath();
    const seen: string[] = [];
    const app = await bootstrap({
      controllers: [PathController],
      socket: new UnixSocket(path),
      use: [
        (req, res, next) => {
          seen.push(`${req.scheme} ${JSON.stringify(req.remoteAddress)}`);
          return next(req, res);
        },
      ],
    });
    onTestFinished(() => app.close().then(() => {}));
    expect(app.url).toBe(`unix:${path}`);
    const { stdout } = await command('curl', ['--silent', '--noproxy', '*', '--unix-socket', path, 'http://h/']);
    expect(stdout).toBe('by path');
    expect(seen).toEqual(['http ""']);
    await app.close();
    expect(existsSync(path)).toBe(false);
  });

  it('serves behind nginx', async () => {
    const path = freshPath();
    const server = Server.newWith(new UnixSocket(path));
    server.post(
      '/echo',
      async (req, res) => void res.send(`${req.headers.get('x-forwarded-proto')} ${await req.text()}`),
    );
    await server.listen();
    void server.run();
    onTestFinished(() => server.close({ timeout: 0 }).then(() => {}));
    const front = join(folder, 'front.sock');
    const config = join(folder, 'nginx.conf');
    writeFileSync(
      config,
      `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
      events {}
      http {
        access_log off;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        upstream app { server unix:${path}; keepalive 4; }
        server {
          listen unix:${front};
          location / {
            proxy_pass http://app;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-Proto $scheme;
          }
        }
      }`,
    );
    const nginx = spawn('nginx', ['-c', config, '-e', join(folder, 'error.log')], { stdio: 'inherit' });
    onTestFinished(async () => {
      nginx.kill();
      await once(nginx, 'close');
    });
    await once(nginx, 'spawn');
    await vi.waitFor(() => expect(existsSync(front)).toBe(true), 10_000);
    const echo = ['--silent', '--noproxy', '*', '--unix-socket', front, '--data-binary', 'words', 'http://h/echo'];
    for (let i = 0; i < 3; i++) {
      expect(await command('curl', echo)).toMatchObject({ stdout: 'http words', code: 0 });
    }
    expect(readFileSync(join(folder, 'error.log'), 'utf8')).not.toContain('error');
  });

  it.each([0o600, 0o660, 0o666])('lets in whom the mode %o lets in', async (mode) => {
    const path = freshPath();
    await listening(path, { mode });
    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  it('takes the place of a file that a killed process left behind', async () => {
    const path = freshPath();
    await leaveStale(path);
    const socket = await listening(path, { mode: 0o600 });
    const client = await clientOf(path);
    (await socket.accept()).end('fresh');
    expect(await client.all()).toBe('fresh');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('leaves alone a socket on which somebody listens', async () => {
    const path = freshPath();
    const first = await listening(path);
    const second = new UnixSocket(path);
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    second.close();
    const client = await clientOf(path);
    // Whoever found the path in use has asked whether somebody listens: that was a client too.
    for (let i = 0; i < 2; i++) (await first.accept()).end('first');
    expect(await client.all()).toBe('first');
  });

  it('leaves alone a file that is no socket', async () => {
    const path = freshPath();
    writeFileSync(path, 'precious');
    await expect(new UnixSocket(path).listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it.each([{}, { mode: 0o600 }])('rejects where there is no folder, with options %j', async (options) => {
    // libuv says EACCES for the system's ENOENT.
    await expect(new UnixSocket(join(folder, 'none', 'a.sock'), options).listen()).rejects.toMatchObject({
      code: 'EACCES',
    });
  });

  it('removes its file on close, and leaves accepted clients alone', async () => {
    const path = freshPath();
    const socket = await listening(path);
    const client = await clientOf(path);
    const accepted = await socket.accept();
    socket.close();
    socket.close();
    expect(existsSync(path)).toBe(false);
    await expect(socket.accept()).rejects.toBeInstanceOf(ListenerClosed);
    await expect(socket.listen()).rejects.toBeInstanceOf(ListenerClosed);
    accepted.end('still here');
    expect(await client.all()).toBe('still here');
  });

  it.runIf(process.platform === 'linux')('listens on an abstract name of Linux, which is no file', async () => {
    const path = `\0luminaire-test-${process.pid}`;
    const socket = await listening(path, { mode: 0o600 });
    expect(socket.getsockname()).toEqual({ ip: `@${path.slice(1)}`, port: 0, url: `unix:@${path.slice(1)}` });
    await expect(new UnixSocket(path).listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const client = await clientOf(path);
    // There is no file to be stale: nobody has asked whether somebody listens.
    (await socket.accept()).end('abstract');
    expect(await client.all()).toBe('abstract');
  });

  it.each([
    ['', undefined, 'the path must have 1 to 107 bytes, got 0'],
    // The system would cut it off, and listen on another name.
    [`/${'x'.repeat(107)}`, undefined, 'the path must have 1 to 107 bytes, got 108'],
    ['/a\0b', undefined, 'must not have a NUL'],
    ['/a', 0o1777, 'mode must be from 0 to 0o777, got 1023'],
    ['/a', 1.5, 'mode must be from 0 to 0o777, got 1.5'],
  ])('refuses the path %j with mode %s', (path, mode, message) => {
    expect(() => new UnixSocket(path, mode === undefined ? {} : { mode })).toThrow(message);
  });

  it('has no options', () => {
    expect(() => new UnixSocket('/a').setoption('keepalive', true)).toThrow(
      new TypeError('Unknown option "keepalive": a UnixSocket knows none'),
    );
  });
});
