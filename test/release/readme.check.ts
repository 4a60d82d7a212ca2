import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Running } from '../deployment/process.js';
import { RollingLoad } from '../soak/rolling-load.js';
import { get } from '../soak/wire.js';
import { freePort } from '../support/free-port.js';
import { Registry } from './registry.js';
import { runWell } from './stranger.js';

// Follows the README as it is written, from an empty folder. What is another's: the registry, which has the packages that
// are not published yet, and the ports, which others may use.

const SECTIONS = /^## Start a project$(?<start>.*?)^## Deploy two processes behind nginx$(?<deploy>.*?)^## /ms;
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const home = mkdtempSync(join(tmpdir(), 'luminaire-readme-'));
const project = join(home, 'my-app');
/** Free ports in the place of those of the README. */
const ports = new Map<string, string>();
let environment: NodeJS.ProcessEnv;
let registry: Registry;

/** The commands of one part of the README, block by block. */
function blocksOf(part: 'start' | 'deploy'): string[] {
  const text = SECTIONS.exec(readme)?.groups?.[part] ?? '';
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => withPorts(block as string));
}

function withPorts(text: string): string {
  return text.replaceAll(/\b80\d\d\b/g, (port) => ports.get(port) ?? port);
}

/** Runs commands as somebody who stops at the first that fails. Gives what they printed. */
function follow(block: string, cwd = project): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-ec', block], { cwd, env: environment }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(`${block}\n${stdout}${stderr}`));
    });
  });
}

beforeAll(async () => {
  for (const port of ['8080', '8000', '8001', '8002']) ports.set(port, String(await freePort()));
  const packed = join(home, 'packed');
  mkdirSync(packed);
  await runWell('npm', ['pack', '--pack-destination', packed], join(inject('tree'), 'samples/create'));
  const created = readdirSync(packed).map((name) => join(packed, name));
  registry = await Registry.start([inject('tarball'), ...created]);
  // What npm has fetched for others may serve here; what it has of `create-luminaire` is of another day.
  const cache = join(home, 'cache');
  mkdirSync(cache);
  symlinkSync(
    join((await runWell('npm', ['config', 'get', 'cache'], home)).trim(), '_cacache'),
    join(cache, '_cacache'),
  );
  environment = {
    ...process.env,
    npm_config_registry: registry.url,
    npm_config_cache: cache,
    npm_config_prefer_offline: 'true',
    // What npm asks before it runs a package for the first time.
    npm_config_yes: 'true',
    PORT: ports.get('8080'),
    NO_COLOR: '1',
  };
  // What vitest says to all that it starts, and colours.
  for (const name of ['NODE_ENV', 'VITEST', 'FORCE_COLOR']) delete environment[name];
});

afterAll(async () => {
  await Running.killAll();
  // Whatever a test has left running. Where nothing runs it is no fault.
  await follow(withPorts('sh deploy/stop.sh 8001 8002')).catch(() => {});
  await registry[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

describe('who follows the README from an empty folder', () => {
  it('has a project that passes its tests, and answers', async () => {
    const [make = '', ask = '', ...others] = blocksOf('start');
    expect(others).toEqual([]);
    const [, before = ''] = /^(.*)^npm start\n$/ms.exec(make) ?? [];
    expect(before).toMatch(/^npm create luminaire my-app\ncd my-app\nnpm test\n$/);
    const said = await follow(before, home);
    expect(said).toMatch(/my-app is made/);
    expect(said).toMatch(/Tests .* \d+ passed/);
    const started = new Running('sh', ['-c', 'cd "$0" && npm start', project], environment);
    await started.until(/^Serves /m);
    expect(await follow(ask)).toContain('{"text":"Hello Ada!"}{"text":"HELLO ADA!"}');
    await started.kill();
  }, 180_000);

  it('has two processes behind nginx, and replaces both without a GET being lost', async () => {
    const file = join(project, 'deploy/nginx.conf');
    // A test is not for the network.
    writeFileSync(file, withPorts(readFileSync(file, 'utf8')).replace('listen ', 'listen 127.0.0.1:'));
    const [start = '', ask = '', health = '', replace = '', stop = '', ...others] = blocksOf('deploy');
    expect(others).toEqual([]);
    await follow(start);

    const asked = await follow(ask);
    expect(asked).toMatch(/^\{"text":"Hello Ada!"\}\{"text":"Hello Ada!"\}/);
    for (const port of ['8001', '8002'])
      expect(asked).toMatch(new RegExp(`${ports.get(port)}.log <==\n.*GET /greetings`));
    expect(await follow(health)).toContain('{"status":"ok"}{"status":"ok"}');

    const front = Number(ports.get('8000'));
    // nginx sends no POST twice: one that came in the moment in which a port closes would be 502.
    const load = new RollingLoad(front, get('/greetings/Ada'), 2, 4);
    await load.answers(1);
    const greeter = join(project, 'src/greetings/greeter.ts');
    writeFileSync(greeter, readFileSync(greeter, 'utf8').replace('Hello', 'Welcome'));
    expect(await follow(replace)).toContain('{"text":"Welcome Ada!"}');
    await load.answers(1);
    const { failures, resent, contents } = await load.stop();
    expect({ failures, resent }).toEqual({ failures: [], resent: 0 });
    expect([...contents.keys()].toSorted()).toEqual(['{"text":"Hello Ada!"}', '{"text":"Welcome Ada!"}']);

    await follow(stop);
    await expect(fetch(`http://127.0.0.1:${front}/`)).rejects.toThrow('fetch failed');
  }, 120_000);

  it('can check and list what was built, as the README of the project says', async () => {
    expect(await follow('npm run check && npx luminaire check dist/app.js')).toContain('The application can start');
    expect(await follow('npx luminaire routes dist/app.js')).toContain('/greetings/:name');
  }, 60_000);
});
