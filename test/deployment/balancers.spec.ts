import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { RollingLoad } from '../soak/rolling-load.js';
import { get, headOf, Wire } from '../soak/wire.js';
import { freePort } from '../support/free-port.js';
import { activated, Place, Running } from './process.js';
import { recipe } from './recipe.js';

/** Longer than a balancer that looks needs to find out. */
const DRAIN_DELAY = 1_000;
const BALANCERS = ['nginx', 'haproxy'] as const;

const place = Place.forSpec();
afterAll(() => Running.killAll());

const ports: number[] = [];
const pair: Running[] = [];
const front = { nginx: 0, haproxy: 0 };
const balancers: Running[] = [];

/** Runs app@.service on the port of app@.socket, and waits until it serves. */
async function start(port: number): Promise<Running> {
  const [, address = ''] = /^ListenStream=(.*)$/m.exec(recipe('app@.socket', { '%i': String(port) })) ?? [];
  const unit = recipe('app@.service', {
    '%i': String(port),
    'DRAIN_DELAY=4000': `DRAIN_DELAY=${DRAIN_DELAY}`,
    '/usr/bin/node dist/main.js': `${process.execPath} ${place.script}`,
  });
  const variables = [...unit.matchAll(/^Environment=(.*)$/gm)].map(([, variable = '']) => variable);
  const service = activated(address, variables, /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? []);
  await service.until(/Listening on/);
  await ask(port, get('/pid'));
  return service;
}

/** The process ids that a service has had. */
function pidsOf(service: Running): string[] {
  return service.all(/^serves \S+ as (\d+)$/gm).map(([, pid = '']) => pid);
}

/** `docs/deployment/nginx.conf` in what Debian's nginx.conf has around it. */
async function startNginx(port: number, [one, two]: readonly number[]): Promise<Running> {
  const { folder } = place;
  const app = await place.write(
    'app.conf',
    recipe('nginx.conf', {
      '127.0.0.1:8001': `127.0.0.1:${one}`,
      '127.0.0.1:8002': `127.0.0.1:${two}`,
      'listen 80;': `listen 127.0.0.1:${port};`,
    }),
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (what) => `${what}_temp_path ${folder}/${what};`,
  );
  const main = await place.write(
    'nginx.conf',
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr warn; ${process.getuid?.() === 0 ? 'user root;' : ''}
     events { worker_connections 1024; }
     http { access_log off; ${temporary.join(' ')} include ${app}; }`,
  );
  return new Running('nginx', ['-e', 'stderr', '-p', folder, '-c', main]);
}

async function startHaproxy(port: number, [one, two]: readonly number[]): Promise<Running> {
  const file = await place.write(
    'haproxy.cfg',
    recipe('haproxy.cfg', {
      '127.0.0.1:8001': `127.0.0.1:${one}`,
      '127.0.0.1:8002': `127.0.0.1:${two}`,
      'bind :80': `bind 127.0.0.1:${port}`,
    }),
  );
  return new Running('haproxy', ['-db', '-f', file]);
}

/** Asks on a connection of its own. */
async function ask(port: number, bytes: string): Promise<{ status: number; content: string }> {
  const wire = await Wire.connect(port);
  wire.send(bytes);
  const { status, content } = await wire.response();
  wire.leave();
  return { status, content: content.toString() };
}

/** Resolves when the balancer at `port` has sent requests to each of the processes. */
async function untilBothServe(port: number): Promise<void> {
  const missing = new Set(pair.map((service) => pidsOf(service).at(-1) as string));
  while (missing.size > 0) missing.delete((await ask(port, get('/pid')).catch(() => ({ content: '' }))).content);
}

beforeAll(async () => {
  ports.push(await freePort(), await freePort());
  pair.push(...(await Promise.all(ports.map(start))));
  front.nginx = await freePort();
  front.haproxy = await freePort();
  balancers.push(await startNginx(front.nginx, ports), await startHaproxy(front.haproxy, ports));
  await Promise.all(BALANCERS.map((name) => untilBothServe(front[name])));
});

describe.each(BALANCERS)('behind %s', (name) => {
  it('the client is who it is, and not who it says it is', async () => {
    const { content } = await ask(
      front[name],
      [
        'GET /seen HTTP/1.1',
        'Host: example.com',
        'X-Forwarded-For: 192.0.2.1',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: other.example',
        '',
        '',
      ].join('\r\n'),
    );
    expect(JSON.parse(content)).toEqual({ address: '127.0.0.1', scheme: 'http', authority: 'example.com' });
  });

  it('an event comes at once', async () => {
    const wire = await Wire.connect(front[name]);
    wire.send(get('/events'));
    // The stream stays open and says no more: what a proxy holds back would never come.
    expect((await wire.takeThrough('data: first\n\n')).toString()).toMatch(/^HTTP\/1\.1 200 /);
    wire.leave();
  });

  it('a WebSocket talks', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${front[name]}/socket`);
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('hello');
    socket.close();
    await once(socket, 'close');
  });

  it('content may be as large as the process lets it, and no larger', async () => {
    const send = (size: number) =>
      ask(front[name], `${headOf('POST', '/size', `Content-Length: ${size}`)}${'x'.repeat(size)}`);
    expect(await send(1_048_576)).toEqual({ status: 200, content: '1048576' });
    expect((await send(1_048_577)).status).toBe(413);
  });

  it('the probes are not for the world', async () => {
    expect((await ask(front[name], get('/readyz'))).status).toBe(404);
    expect((await ask(front[name], get('/livez'))).status).toBe(404);
  });
});

describe('each process restarted in turn, under load', () => {
  it('loses no request, through either balancer', async () => {
    const loads = BALANCERS.flatMap((name) => [
      new RollingLoad(front[name], get('/pid'), 1, 2),
      new RollingLoad(front[name], `${headOf('POST', '/pid', 'Content-Length: 5')}hello`, 1, 2),
    ]);
    // A load that has not met a process yet would not tell what its restart does.
    const eachMeets = async (processes: number) => {
      for (const load of loads) {
        while (load.contents.size < processes && load.failures.length === 0) await load.answers(1);
      }
    };
    await eachMeets(2);
    const haproxy = balancers[1] as Running;
    for (const i of [0, 1]) {
      const service = pair[i] as Running;
      process.kill(Number(pidsOf(service)[0]), 'SIGTERM');
      // It has left the rotation before it closes: haproxy has seen its 503, and it still answers.
      await haproxy.until(new RegExp(`Server app/${['one', 'two'][i]} is DOWN.*code: 503`));
      expect((await ask(ports[i] as number, get('/readyz'))).status).toBe(503);
      await service.until(/^serves /m, 2);
      await Promise.all(BALANCERS.map((name) => untilBothServe(front[name])));
      await eachMeets(3 + i);
    }
    for (const load of loads) {
      const { failures, resent, contents } = await load.stop();
      expect({ failures, resent }).toEqual({ failures: [], resent: 0 });
      expect(contents.size).toBe(4);
    }
  }, 60_000);
});
