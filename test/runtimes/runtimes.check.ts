import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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

/** Starts it; gives where it listens. It ends with the tests of the caller. */
async function start(runtime: Runtime, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const child: ChildProcess = spawn(join(RUNTIMES as string, 'node_modules/.bin', runtime.name), runtime.command, {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  children.push(child);
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    const hear = (piece: Buffer) => {
      said += piece.toString();
      const told = runtime.listening.exec(said)?.[1];
      if (told !== undefined) resolve(told);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('exit', () => reject(new Error(`${runtime.name} has ended: ${said}`)));
  });
  return `http://127.0.0.1:${port}`;
}

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill();
});

describe.each(ALL)('on $name', (runtime) => {
  let url: string;

  beforeAll(async () => {
    url = await start(runtime);
  });

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
    await vi.waitFor(async () => expect(await left()).toBeGreaterThan(before), 20_000);
  });
});

// A Worker has no files, and neither the database of this sample.
describe.each(ALL.filter(({ name }) => name !== 'workerd'))('the sample todos on $name', (runtime) => {
  let url: string;
  let cookie = '';
  let kept: string;

  beforeAll(async () => {
    kept = await mkdtemp(join(tmpdir(), 'todos-runtime-'));
    url = await start(runtime, { SAMPLE: 'todos', TODOS_FOLDER: kept });
  }, 60_000);
  afterAll(() => rm(kept, { recursive: true, force: true }));

  async function post(path: string, body: object | FormData): Promise<Response> {
    const isForm = body instanceof FormData;
    const headers = { cookie, ...(isForm ? {} : { 'content-type': 'application/json' }) };
    const answer = await fetch(url + path, { method: 'POST', headers, body: isForm ? body : JSON.stringify(body) });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer;
  }

  it('keeps lists, and imports from a file', async () => {
    expect((await post('/api/lists', { title: 'No' })).status).toBe(401);
    expect((await post('/api/users', { name: 'ada', password: 'correct horse' })).status).toBe(201);
    expect(await (await post('/api/lists', { title: 'Kept' })).json()).toMatchObject({ id: 1, role: 'owner' });
    expect((await post('/api/lists/1/todos', { title: '' })).status).toBe(422);
    expect((await post('/api/lists/1/todos', { title: 'Milk' })).status).toBe(201);
    const form = new FormData();
    form.append('file', new Blob(['Bread\nButter\n']), 'list.txt');
    expect((await post('/api/lists/1/imports', form)).status).toBe(202);
    const titles = async () => {
      const page = await fetch(`${url}/api/lists/1/todos`, { headers: { cookie } });
      return ((await page.json()) as { items: { title: string }[] }).items.map(({ title }) => title);
    };
    await vi.waitFor(async () => expect(await titles()).toEqual(['Butter', 'Bread', 'Milk']), 20_000);
  });

  it('serves its page and that of its API, compressed, with a tag', async () => {
    const page = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(await page.text()).toMatch(/^<!doctype html>/);
    const etag = page.headers.get('etag') as string;
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect(await (await fetch(`${url}/docs`)).text()).toContain('swagger-ui');
  });
});
