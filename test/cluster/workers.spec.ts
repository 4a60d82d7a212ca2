import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RollingLoad } from '../soak/rolling-load.js';
import { get } from '../soak/wire.js';
import { Authority } from '../support/certificates.js';
import { command } from '../support/command.js';
import { freePort } from '../support/free-port.js';
import { RawClient } from '../support/raw-client.js';
import { request } from '../support/served.js';
import { compileApplication, WorkersProcess } from '../support/workers-process.js';

compileApplication();

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await command('curl', ['--noproxy', '*', '--silent', '--max-time', '20', ...args]);
  return stdout;
}

/** Asks on a connection of its own. Gives the whole answer, or what came of it before the connection closed. */
async function ask(port: number, path: string): Promise<string> {
  const client = await RawClient.tcp(port);
  client.send(request(`GET ${path}`, 'Connection: close'));
  return client.all();
}

const contentOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);

/** The workers that answer, each on a connection of its own. */
async function pidsOf(port: number, clients = 6): Promise<Set<number>> {
  const answers = await Promise.all(Array.from({ length: clients }, () => ask(port, '/pid')));
  return new Set(answers.map((answer) => Number(contentOf(answer))));
}

/** A folder that is gone after the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'luminaire-workers-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const STATE = (wanted: number, ready: number, restarts: number) =>
  new RegExp(`^state ${JSON.stringify({ wanted, ready, restarts }).replaceAll(/[{}]/g, '\\$&')}$`, 'm');

describe('bootstrap with workers', () => {
  it('serves one port from each of them, and from the first process nothing', async () => {
    const app = await WorkersProcess.start();
    expect(await pidsOf(app.port)).toEqual(new Set(app.pids()));
    expect(app.pids()).toHaveLength(2);
    expect(app.pids()).not.toContain(app.child.pid);
    expect(app.count(/^runs /gm)).toBe(3);
    app.say('close');
    await app.until(/^closed \{"destroyed":0\}$/m);
    expect(await app.exitCode()).toBe(0);
    expect(app.count(/^disposed /gm)).toBe(2);
  });

  it('starts as many as the machine runs at one time', async () => {
    const app = await WorkersProcess.start({ WORKERS: 'auto' });
    app.say('state');
    const { wanted, ready } = JSON.parse((await app.until(/^state (.*)$/m))[1] as string);
    expect(ready).toBe(wanted);
    expect(await app.untilServes(wanted)).toHaveLength(wanted);
  });

  it('says once what is wrong with the application, starts no other worker, and ends with code 1', async () => {
    const app = WorkersProcess.spawn({ WORKERS: '4', FAILS_IF: folder() });
    expect(await app.exitCode()).toBe(1);
    expect(app.count(/Error: there is no database/g)).toBe(1);
    expect(app.count(/^Error: A worker could not start, so nothing is served\. It has said why\./gm)).toBe(1);
    expect(app.count(/^runs /gm)).toBe(2);
  });

  it('says so where the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const app = WorkersProcess.spawn({ PORT: String((taken.address() as { port: number }).port) });
    expect(await app.exitCode()).toBe(1);
    expect(app.errors).toContain('EADDRINUSE');
    expect(app.count(/^runs /gm)).toBe(2);
  });

  it('prints the route table once', async () => {
    const app = await WorkersProcess.start({ WORKERS: '3', DEBUG_ROUTES: '1' });
    expect(app.count(/GET +\/pid/g)).toBe(1);
  });

  it('tells by health how all of them are', async () => {
    const app = await WorkersProcess.start();
    expect(JSON.parse(contentOf(await ask(app.port, '/readyz')))).toEqual({
      status: 'ok',
      workers: { wanted: 2, ready: 2, restarts: 0 },
    });
  });
});

describe('a Server with workers', () => {
  it('runs in each of them, and is closed in all', async () => {
    const app = await WorkersProcess.start({ KIND: 'server' });
    expect((await pidsOf(app.port)).size).toBe(2);
    app.say('close');
    expect(await app.exitCode()).toBe(0);
    expect(app.output).toContain(`has run ${app.child.pid}`);
    expect(app.count(/^has run /gm)).toBe(3);
  });
});

describe('a worker that ends', () => {
  it('by an error that nobody catches is replaced', async () => {
    const app = await WorkersProcess.start();
    expect(await ask(app.port, '/throw')).toBe('');
    const pids = await app.untilServes(3);
    expect(app.errors).toContain('nobody catches this');
    expect(app.errors).toMatch(/A worker has ended, and is replaced worker=\d+ how="code 1"/);
    expect(await ask(app.port, '/pid')).toContain(' 200 OK');
    expect(pids.filter(isAlive)).toHaveLength(2);
  });

  it('by SIGKILL fails the requests that run in it, and no others', async () => {
    const app = await WorkersProcess.start();
    const clients = Array.from({ length: 8 }, () => ask(app.port, '/slow/3000'));
    await app.until(/slow in/, 8);
    const killed = Number(/slow in (\d+)/.exec(app.output)?.[1]);
    const lost = app.count(new RegExp(`slow in ${killed}$`, 'gm'));
    const load = new RollingLoad(app.port, get('/pid'), 4, 0);
    process.kill(killed, 'SIGKILL');
    const pids = await app.untilServes(3);
    const answers = await Promise.all(clients);
    expect(answers.filter((answer) => answer === '')).toHaveLength(lost);
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200 OK'))).toHaveLength(8 - lost);
    const { failures, answered } = await load.stop();
    expect(answered).toBeGreaterThan(0);
    // At most what each client of the load had in the worker that was killed.
    expect(failures.length).toBeLessThanOrEqual(4);
    expect(await pidsOf(app.port)).toEqual(new Set(pids.filter((pid) => pid !== killed)));
  });

  it('by nothing, as its event loop stands still, is killed and replaced', async () => {
    const app = await WorkersProcess.start({ HANG_TIMEOUT: '1000' });
    const hanging = ask(app.port, '/hang');
    const [, hangs] = await app.until(/^hangs in (\d+)$/m);
    const [, , fresh] = await app.untilServes(3);
    expect(await hanging).toBe('');
    expect(app.errors).toContain(`The event loop of a worker stands still: it is killed worker=${hangs} silentMs=2000`);
    expect((await pidsOf(app.port)).has(fresh as number)).toBe(true);
  });

  it('by SIGTERM finishes what runs in it, and is replaced', async () => {
    const app = await WorkersProcess.start({ WORKERS: '1' });
    const running = ask(app.port, '/slow/300');
    await app.until(/slow in/);
    const [first] = app.pids() as [number];
    process.kill(first, 'SIGTERM');
    expect(contentOf(await running)).toBe(String(first));
    const [, second] = await app.untilServes(2);
    expect(await app.until(/how="code 0"/)).toBeTruthy();
    await app.until(new RegExp(`^serves ${second}`, 'm'));
  });

  it('again and again ends it all: one line says why, and the code is 1', async () => {
    const path = join(folder(), 'ends');
    const app = await WorkersProcess.start({ WORKERS: '1', ENDS_AT_ONCE_IF: path, IMPATIENT: '1' });
    writeFileSync(path, '');
    process.kill(app.pids()[0] as number, 'SIGKILL');
    expect(await app.exitCode()).toBe(1);
    expect(app.count(/Gives up: workers in a row have ended too soon after their start/g)).toBe(1);
    expect(app.errors).toContain('how="code 3"');
    expect(app.pids()).toHaveLength(10);
    // Eleven starts, one after the other.
  }, 90_000);
});

describe('a rolling restart', () => {
  it('at SIGHUP replaces all workers, and no request is lost', async () => {
    const app = await WorkersProcess.start();
    const load = new RollingLoad(app.port, get('/pid'), 8, 8);
    await load.answers(200);
    app.signal('SIGHUP');
    await app.until(/All workers are replaced/);
    await load.answers(200);
    const { failures, contents } = await load.stop();
    expect(failures).toEqual([]);
    expect(new Set(contents.keys())).toEqual(new Set(app.pids().map(String)));
    expect(app.pids()).toHaveLength(4);
    expect(await pidsOf(app.port)).toEqual(new Set(app.pids().slice(2)));
  });

  it('lets an old worker finish, and stays ready meanwhile', async () => {
    const app = await WorkersProcess.start({ WORKERS: '1', DRAIN_DELAY: '60000' });
    const running = ask(app.port, '/slow/1000');
    const kept = await RawClient.tcp(app.port);
    kept.send(request('GET /slow/500') + request('GET /readyz'));
    await app.until(/slow in/, 2);
    app.say('restart');
    await app.until(/restart: done/);
    const [old, fresh] = app.pids();
    expect(contentOf(await running)).toBe(String(old));
    expect(await kept.all()).toMatch(/"status":"ok"/);
    expect(await pidsOf(app.port)).toEqual(new Set([fresh]));
  });

  it('stops where a new worker cannot start, and the old ones go on', async () => {
    const path = join(folder(), 'fails');
    const app = await WorkersProcess.start({ FAILS_IF: path });
    writeFileSync(path, '');
    app.say('restart');
    await app.until(/restart: A new worker could not start; the old ones go on/);
    expect(await pidsOf(app.port)).toEqual(new Set(app.pids()));
    expect(app.pids()).toHaveLength(2);
    app.say('state');
    await app.until(STATE(2, 2, 0));
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('lets all workers finish, then none listens, and the code is 0', async () => {
    const app = await WorkersProcess.start();
    const clients = Array.from({ length: 4 }, () => ask(app.port, '/slow/300'));
    await app.until(/slow in/, 4);
    app.signal(signal);
    const answers = await Promise.all(clients);
    expect(answers.filter((answer) => app.pids().includes(Number(contentOf(answer))))).toHaveLength(4);
    expect(await app.exitCode()).toBe(0);
    expect(app.count(/^disposed /gm)).toBe(2);
    await expect(RawClient.tcp(app.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the end', () => {
  it('cuts off what is not finished within the shutdown timeout', async () => {
    const app = await WorkersProcess.start({ SHUTDOWN_TIMEOUT: '100' });
    const client = ask(app.port, '/slow/2000');
    await app.until(/slow in/);
    app.say('close');
    expect(await client).toBe('');
    await app.until(/^closed \{"destroyed":1\}$/m);
  });

  it('of the supervisor by SIGKILL lets the workers finish, and ends them', async () => {
    const app = await WorkersProcess.start();
    const client = ask(app.port, '/slow/500');
    await app.until(/slow in/);
    app.signal('SIGKILL');
    expect(app.pids()).toContain(Number(contentOf(await client)));
    // What closes its standard output is the end of the last worker.
    expect(await app.exitCode()).toBe('SIGKILL');
    expect(app.count(/^disposed /gm)).toBe(2);
  });
});

describe('on other sockets', () => {
  const authority = new Authority();

  it('speaks TLS in each worker, through a restart', async () => {
    const { keyFile, certFile } = authority.issue('localhost');
    const app = await WorkersProcess.start({ TLS_KEY: keyFile, TLS_CERT: certFile });
    const pid = () => curl('--cacert', authority.own.certFile, `https://localhost:${app.port}/pid`);
    const said = async () => new Set([await pid(), await pid(), await pid(), await pid()]);
    expect(await said()).toEqual(new Set(app.pids().map(String)));
    app.say('restart');
    await app.until(/restart: done/);
    expect(await said()).toEqual(new Set(app.pids().slice(2).map(String)));
  });

  it('shares a Unix socket with its mode, through a restart, and removes it', async () => {
    const path = join(folder(), 'app.sock');
    const app = await WorkersProcess.start({ SOCKET_PATH: path });
    const pid = () => curl('--unix-socket', path, 'http://localhost/pid');
    const said = async () => new Set([await pid(), await pid(), await pid(), await pid()]);
    expect(await said()).toEqual(new Set(app.pids().map(String)));
    expect(statSync(path).mode & 0o777).toBe(0o660);
    app.say('restart');
    await app.until(/restart: done/);
    expect(await said()).toEqual(new Set(app.pids().slice(2).map(String)));
    expect(statSync(path).mode & 0o777).toBe(0o660);
    app.say('close');
    expect(await app.exitCode()).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('replaces the file that a killed supervisor has left', async () => {
    const path = join(folder(), 'app.sock');
    const before = await WorkersProcess.start({ SOCKET_PATH: path });
    before.signal('SIGKILL');
    await before.exitCode();
    expect(existsSync(path)).toBe(true);
    const app = await WorkersProcess.start({ SOCKET_PATH: path });
    expect(app.pids().map(String)).toContain(await curl('--unix-socket', path, 'http://localhost/pid'));
  });

  it('lets each worker bind the port, where the socket is told to and the runtime can', async () => {
    const port = await freePort();
    const app = await WorkersProcess.start({ REUSE_PORT: '1', PORT: String(port) });
    expect(app.port).toBe(port);
    expect(await pidsOf(port, 40)).toEqual(new Set(app.pids()));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
