import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiled } from '../support/compiled.js';
import { describeAnswer, describeRow, ROWS } from '../support/wire-rows.js';

/** A folder with the npm packages `bun`, `deno` and `workerd`: `.ci/runtimes` makes one, and runs this. */
const RUNTIMES = process.env.LUMINAIRE_RUNTIMES;
if (RUNTIMES === undefined)
  throw new Error('LUMINAIRE_RUNTIMES must name a folder with the runtimes: run .ci/runtimes');

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await compiled();
  for (const file of ['worker.rolldown.mjs', 'worker.capnp']) {
    await copyFile(join(ROOT, 'test/runtimes', file), join(folder, file));
  }
  const rolldown = join(ROOT, 'node_modules/.bin/rolldown');
  await run(rolldown, ['-c', 'worker.rolldown.mjs'], { cwd: folder });
}, 120_000);

interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
  /** Gives the address, from what is printed. */
  readonly listening: RegExp;
  readonly address: string;
}

const MAINS = 'dist/test/runtimes';
const ALL: readonly Runtime[] = [
  {
    name: 'bun',
    command: [`${MAINS}/bun-main.js`],
    listening: /http:\S+:(\d+)/,
    address: '127.0.0.1',
  },
  {
    name: 'deno',
    command: ['run', '-A', '--no-lock', `${MAINS}/deno-main.js`],
    listening: /http:\S+:(\d+)/,
    address: '127.0.0.1',
  },
  {
    name: 'workerd',
    command: ['serve', '--control-fd=1', 'worker.capnp'],
    listening: /"port":(\d+)/,
    address: '',
  },
];

describe.each(ALL)('on $name', (runtime) => {
  let child: ChildProcess;
  let url: string;
  let said = '';

  beforeAll(async () => {
    child = spawn(join(RUNTIMES, 'node_modules/.bin', runtime.name), runtime.command, { cwd: folder });
    const listening = new Promise<string>((resolve, reject) => {
      const hear = (piece: Buffer) => {
        said += piece.toString();
        const port = runtime.listening.exec(said)?.[1];
        if (port !== undefined) resolve(port);
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.on('exit', () => reject(new Error(`${runtime.name} has ended: ${said}`)));
    });
    url = `http://127.0.0.1:${await listening}`;
  });
  afterAll(() => void child?.kill());

  const OF_RUNTIME: readonly string[] = ['date', 'connection', 'keep-alive', 'transfer-encoding'];

  it.each(ROWS.map((row, i) => ({ ...row, i })))('$returned becomes $status', async (row) => {
    for (const path of ['now', 'later']) {
      const answer = await fetch(`${url}/rows/${row.i}/${path}`, { redirect: 'manual' });
      // Bun tells the length of a stream that ended before its head had left.
      const isOurs = (name: string) => !OF_RUNTIME.includes(name) && !(row.isChunked && name === 'content-length');
      expect(await describeAnswer(answer, isOurs)).toBe(describeRow(row));
    }
  });

  it('serves the sample', async () => {
    const content = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const texts = [
      fetch(url),
      fetch(`${url}/hello/%C3%A9`),
      fetch(`${url}/hello?name=b`),
      fetch(`${url}/hello`, { ...content, body: '{"name":"c"}' }),
      fetch(`${url}/fail`),
      fetch(`${url}/hello`, { ...content, body: '{"name":""}' }),
    ].map(async (answer) => [(await answer).status, (await (await answer).text()).slice(0, 16)]);
    expect(await Promise.all(texts)).toEqual([
      [200, 'Hello world!'],
      [200, 'Hello é!'],
      [200, 'Hello b!'],
      [200, 'Hello c!'],
      [500, '{"title":"Intern'],
      [422, '{"title":"Unproc'],
    ]);
  });

  it.each([
    ['HEAD', '/', 200, null],
    ['PUT', '/', 405, 'GET, HEAD, OPTIONS'],
    ['OPTIONS', '/hello', 204, 'GET, HEAD, OPTIONS, POST'],
    ['GET', '/nothing', 404, null],
    ['GET', '/%zz', 400, null],
  ])('answers %s %s with %d', async (method, path, status, allow) => {
    const answer = await fetch(url + path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([status, allow]);
    if (method === 'HEAD') expect(answer.headers.get('content-length')).toBe('12');
  });

  it('runs middleware that takes a package', async () => {
    const ask = (path: string, headers = {}) => fetch(`${url}/packages/${path}`, { headers });
    const compressed = await ask('compress', { 'accept-encoding': 'gzip' });
    expect([compressed.headers.get('content-encoding'), await compressed.text()]).toEqual(['gzip', 'a'.repeat(10_000)]);
    const etag = (await ask('conditional')).headers.get('etag') as string;
    expect(etag).toMatch(/^W\/"/);
    expect((await ask('conditional', { 'if-none-match': etag })).status).toBe(304);
    const limited = [await ask('rate-limit'), await ask('rate-limit'), await ask('rate-limit')];
    expect(limited.map(({ status }) => status)).toEqual([200, 200, 429]);
    const forwarded = { 'x-forwarded-for': '192.0.2.1', 'cf-connecting-ip': '2001:db8::1' };
    expect(await (await ask('trust-proxy', forwarded)).text()).toBe('192.0.2.1');
  });

  it('streams both ways', async () => {
    const pieces = Array.from({ length: 100 }, (_, i) => Buffer.alloc(65_536, i));
    const answer = await fetch(`${url}/bytes`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.concat(pieces))).toBe(true);
    const sent = await fetch(`${url}/size`, { method: 'POST', body: ReadableStream.from(pieces), duplex: 'half' });
    expect(await sent.json()).toBe(6_553_600);
  });

  it('knows its client, and ends what one has left', async () => {
    expect(await (await fetch(`${url}/address`)).text()).toBe(runtime.address);
    const left = async () => Number(await (await fetch(`${url}/left`)).text());
    const before = await left();
    const events = await fetch(`${url}/events`);
    const reader = (events.body as ReadableStream<Uint8Array>).getReader();
    let seen = '';
    while (!seen.includes('data: 3\n')) seen += Buffer.from((await reader.read()).value ?? []).toString();
    await reader.cancel();
    while ((await left()) === before);
  });
});
