import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RollingLoad } from '../soak/rolling-load.js';
import { get, Wire } from '../soak/wire.js';
import { command } from '../support/command.js';
import { freePort } from '../support/free-port.js';
import { activated, Place, Running } from './process.js';
import { recipe } from './recipe.js';

const place = Place.forSpec();
afterAll(() => Running.killAll());

const NODE = { '/usr/bin/node': process.execPath };
const UNITS = ['app.service', 'app.socket', 'app@8001.service', 'app@8001.socket'];
/** 0 is as safe as can be, 100 is not at all. */
const MOST_EXPOSURE = 15;

/** The settings of a unit, in its order. */
function settings(unit: string): readonly (readonly [name: string, value: string])[] {
  return [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);
}

function valuesOf(unit: string, name: string): string[] {
  return settings(unit).flatMap(([found, value]) => (found === name ? [value] : []));
}

describe('the units', () => {
  beforeAll(async () => {
    // The instance of a template is known by its name.
    for (const unit of UNITS) {
      const file = unit.replace('8001', '');
      await place.write(unit, recipe(file, file.endsWith('.service') ? NODE : {}));
    }
  });

  it.each(UNITS)('%s is what systemd understands', async (unit) => {
    const { code, stdout, stderr } = await command('systemd-analyze', ['verify', join(place.folder, unit)]);
    expect({ code, said: stdout + stderr }).toEqual({ code: 0, said: '' });
  });

  it.each(['app.service', 'app@8001.service'])('%s leaves little that an intruder could reach', async (unit) => {
    const args = ['security', '--offline=true', `--threshold=${MOST_EXPOSURE}`, join(place.folder, unit)];
    const { code, stdout, stderr } = await command('systemd-analyze', args);
    expect(code, stdout + stderr).toBe(0);
  });

  it.each(['app.service', 'app@.service'])('%s waits longer than a close may take', (file) => {
    const unit = recipe(file);
    const drainDelay = Number(/^Environment=DRAIN_DELAY=(\d+)$/m.exec(unit)?.[1] ?? 0);
    // A second for last requests, shutdownTimeout, and what a worker has to dispose things.
    expect(Number.parseInt(valuesOf(unit, 'TimeoutStopSec')[0] as string, 10) * 1000).toBeGreaterThan(
      drainDelay + 16_000,
    );
    expect(valuesOf(unit, 'KillMode')).toEqual(['mixed']);
  });
});

/** Runs ExecStart of app.service on the port of app.socket; `changed` are variables that it does not set. */
async function activate(changed: Readonly<Record<string, string>>): Promise<{ port: number; service: Running }> {
  const port = await freePort();
  const socket = recipe('app.socket', { 'ListenStream=0.0.0.0:80': `ListenStream=127.0.0.1:${port}` });
  const unit = recipe('app.service', { ...NODE, 'dist/main.js': place.script });
  const variables = [
    ...valuesOf(unit, 'Environment'),
    ...Object.entries(changed).map(([name, value]) => `${name}=${value}`),
  ];
  const [address = ''] = valuesOf(socket, 'ListenStream');
  const service = activated(address, variables, (valuesOf(unit, 'ExecStart')[0] as string).split(' '));
  onTestFinished(() => service.kill());
  await service.until(/Listening on/);
  return { port, service };
}

async function ask(port: number, path: string): Promise<string> {
  const wire = await Wire.connect(port);
  wire.send(get(path));
  const { content } = await wire.response();
  wire.leave();
  return content.toString();
}

describe('on a socket that systemd has opened', () => {
  it('a process is started by the first client, and replaced without a client noticing', async () => {
    const { port, service } = await activate({ WORKERS: '' });
    expect(service.output).not.toContain('serves');
    const first = await ask(port, '/pid');
    const load = new RollingLoad(port, get('/pid'), 4, 4);
    for (let n = 2; n <= 3; n++) {
      process.kill(Number(service.all(/^serves \S+ as (\d+)$/gm).at(-1)?.[1]), 'SIGTERM');
      await service.until(/^serves /m, n);
      await load.answers(200);
    }
    const { failures, contents } = await load.stop();
    expect(failures).toEqual([]);
    expect(contents.size).toBe(3);
    expect(contents.has(first)).toBe(true);
  });

  it('workers are replaced by ExecReload without a client noticing', async () => {
    const { port, service } = await activate({});
    const reload = valuesOf(recipe('app.service'), 'ExecReload')[0] as string;
    expect(Number(await ask(port, '/pid'))).toBeGreaterThan(0);
    const [, supervisor = ''] = await service.until(/^supervises \S+ as (\d+)$/m);
    const load = new RollingLoad(port, get('/pid'), 4, 4);
    await load.answers(200);
    await command('sh', ['-c', reload.replace('$MAINPID', supervisor)]);
    await service.until(/All workers are replaced/);
    await load.answers(200);
    const { failures, contents } = await load.stop();
    expect(failures).toEqual([]);
    expect([...contents.keys()].sort()).toEqual(
      service
        .all(/^serves \S+ as (\d+)$/gm)
        .map(([, pid]) => pid)
        .sort(),
    );
    expect(contents.size).toBe(4);
  });

  it('a client that comes while workers and supervisor are gone waits for the next ones', async () => {
    const { port, service } = await activate({});
    const first = await ask(port, '/pid');
    const [, supervisor = ''] = await service.until(/^supervises \S+ as (\d+)$/m);
    process.kill(Number(supervisor), 'SIGTERM');
    await service.until(/^ended$/m);
    expect(await ask(port, '/pid')).not.toBe(first);
  });

  it('workers that all end at once are started anew on it', async () => {
    const { port, service } = await activate({ WORKERS: '1' });
    const first = await ask(port, '/pid');
    await service.until(/^supervises /m);
    process.kill(Number(first), 'SIGKILL');
    await service.until(/^supervises /m, 2);
    expect(await ask(port, '/pid')).not.toBe(first);
    expect(service.output).toMatch(
      /Gives up: no worker is left, and the socket that was inherited closed with the last/,
    );
  });
});
