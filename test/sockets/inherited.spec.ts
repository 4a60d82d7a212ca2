import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { InheritedSocket, variablesForWorkers } from '../../src/sockets/inherited.js';
import { command } from '../support/command.js';
import { compiled } from '../support/compiled.js';

const folder = mkdtempSync(join(tmpdir(), 'luminaire-inherited-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Serves all that it was passed, says where, and ends when it is told to. */
const PROGRAM = `
  import { InheritedSocket } from './src/sockets/inherited.js';
  import { JoinedSocket } from './src/sockets/joined.js';
  import { Server } from './src/server/server.js';
  const sockets = InheritedSocket.fromSystemd();
  const left = Object.keys(process.env).filter((name) => name.startsWith('LISTEN_'));
  console.log(JSON.stringify({ names: sockets.map(({ name }) => name), left }));
  if (sockets.length > 0) {
    const server = Server.newWith(new JoinedSocket(...sockets));
    server.get('/', (req, res) => void res.send('activated'));
    await server.listen(8080);
    console.log(JSON.stringify({ urls: sockets.map((socket) => socket.getsockname().url ?? socket.getsockname().port) }));
    process.once('SIGTERM', () => server.close());
    await server.run();
  }
`;

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'serve.js'), PROGRAM);
  symlinkSync(join(await compiled(), 'dist/src'), join(folder, 'src'));
});

/** Starts the program as systemd would, with listening descriptors from 3 on; `exec` keeps the process id. */
function activate(fds: readonly number[], variables: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const script = `export LISTEN_PID=$$ ${variables}; exec '${process.execPath}' '${join(folder, 'serve.js')}'`;
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', ...fds] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, lines: createInterface(child.stdout!)[Symbol.asyncIterator]() };
}

/** A socket that this process opens as systemd does, with its descriptor. */
async function opened(where: string | number): Promise<{ server: NetServer; fd: number; where: string | number }> {
  const server = createServer();
  if (typeof where === 'number') server.listen(where, '127.0.0.1');
  else server.listen(where);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { fd } = (server as NetServer & { _handle: { fd: number } })._handle;
  const bound = server.address();
  return { server, fd, where: typeof bound === 'object' ? bound!.port : bound };
}

async function next(lines: AsyncIterator<string>): Promise<unknown> {
  return JSON.parse((await lines.next()).value as string);
}

describe('InheritedSocket', () => {
  it('serves on a port and on a path that systemd has opened, which stay open for the next process', async () => {
    const path = join(folder, 'activated.sock');
    const [port, unix] = [await opened(0), await opened(path)];
    for (let i = 0; i < 2; i++) {
      const { child, lines } = activate([port.fd, unix.fd], 'LISTEN_FDS=2 LISTEN_FDNAMES=web:admin');
      expect(await next(lines)).toEqual({ names: ['web', 'admin'], left: [] });
      expect(await next(lines)).toEqual({ urls: [port.where, 'fd:4'] });
      const curl = ['--silent', '--noproxy', '*'];
      // This process listens too: what it takes, the other one does not get.
      port.server.on('connection', (client) => client.destroy());
      unix.server.on('connection', (client) => client.destroy());
      const answered = async (args: readonly string[]) => {
        for (;;) {
          const { stdout } = await command('curl', [...curl, ...args]);
          if (stdout !== '') return stdout;
        }
      };
      expect(await answered([`http://127.0.0.1:${port.where}/`])).toBe('activated');
      expect(await answered(['--unix-socket', path, 'http://h/'])).toBe('activated');
      child.kill('SIGTERM');
      expect(await once(child, 'close')).toEqual([0, null]);
      expect(existsSync(path)).toBe(true);
    }
  });

  it.each([
    ['another process was meant', 'LISTEN_PID=1 LISTEN_FDS=1'],
    ['there is nothing', 'LISTEN_FDS=0'],
  ])('takes none where %s', async (_title, variables) => {
    const { child, lines } = activate([], variables);
    expect(await next(lines)).toMatchObject({ names: [] });
    await once(child, 'close');
  });

  it('reads what systemd says, once', () => {
    const env = { LISTEN_PID: String(process.pid), LISTEN_FDS: '2', LISTEN_FDNAMES: 'web', PATH: '/bin' };
    const sockets = InheritedSocket.fromSystemd(env);
    expect(sockets.map((socket) => [socket.name, socket.getsockname()])).toEqual([
      ['web', { ip: '', port: 0, url: 'fd:3' }],
      ['', { ip: '', port: 0, url: 'fd:4' }],
    ]);
    expect(env).toEqual({ PATH: '/bin' });
    expect(InheritedSocket.fromSystemd(env)).toEqual([]);
  });

  it('takes in a worker what its supervisor has taken', () => {
    const { LISTEN_PID, ...others } = variablesForWorkers();
    expect(LISTEN_PID).toBe('supervisor');
    expect(others).toEqual({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'web' });
    const env = { ...variablesForWorkers() };
    expect(InheritedSocket.fromSystemd(env).map(({ name }) => name)).toEqual(['web', '']);
    expect(env).toEqual({});
  });

  it('tells what is wrong', async () => {
    const env = { LISTEN_PID: String(process.pid), LISTEN_FDS: 'two' };
    expect(() => InheritedSocket.fromSystemd(env)).toThrow('LISTEN_FDS must be a number, got "two"');
    expect(() => new InheritedSocket(-1)).toThrow('InheritedSocket: fd must be a whole number, got -1');
    expect(() => new InheritedSocket(3).setoption('reuseport', true)).toThrow(
      new TypeError('Unknown option "reuseport": an InheritedSocket knows tcp-nodelay, keepalive'),
    );
    await expect(new InheritedSocket(999).listen()).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
  });
});
