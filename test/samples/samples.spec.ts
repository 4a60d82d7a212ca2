import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket as Client } from 'ws';
import { SampleProcess } from '../support/sample-process.js';

/** Keeps what the page shows each time it is told to clear, before it does. */
const OBSERVED = `
  window.shown = [];
  window.EventSource = class extends EventSource {
    constructor(url) {
      super(url);
      this.addEventListener('clear', () => {
        shown.push([...document.querySelectorAll('li')].map((item) => item.textContent));
      });
    }
  };
`;

describe('hello', () => {
  let sample: SampleProcess;
  let url: string;

  beforeAll(async () => {
    sample = await SampleProcess.start('hello');
    url = await sample.url();
  }, 60_000);
  afterAll(() => sample.stop());

  it('greets the world at /', async () => {
    const response = await fetch(`${url}/`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('Hello world!');
  });

  it.each([
    ['/hello/Ada', 'Hello Ada!'],
    ['/hello/J%C3%B6rg', 'Hello Jörg!'],
    ['/hello?name=Grace+Hopper', 'Hello Grace Hopper!'],
  ])('greets by name at %s', async (path, greeting) => {
    expect(await (await fetch(url + path)).text()).toBe(greeting);
  });

  it('greets the name in a JSON body', async () => {
    const response = await post('{"name":"Ada"}');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('Hello Ada!');
  });

  it('answers 422 to a body without a name, and says so', async () => {
    const response = await post('{}');
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 422, errors: [{ pointer: '/name' }] });
  });

  it('answers 400 to a body that is no JSON, with the offset', async () => {
    const response = await post('{"name":}');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ offset: 8 });
  });

  it('answers 400 to a query without a name, and says so', async () => {
    const response = await fetch(`${url}/hello`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ status: 400, errors: [{ in: 'query', name: 'name' }] });
  });

  it('shows the debug page to a browser, and a problem document to others', async () => {
    const page = await fetch(`${url}/fail`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(500);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('This route always fails');
    const problem = await fetch(`${url}/fail`);
    expect(problem.status).toBe(500);
    expect(await problem.json()).toMatchObject({ status: 500, detail: 'This route always fails' });
  });

  it('logs each request in the combined format, with real status and bytes', async () => {
    await fetch(`${url}/hello/log?x=%22`, {
      headers: { referer: 'http://from.example/', 'user-agent': 'a "quoted" agent' },
    });
    const [line] = await sample.until(/.*GET \/hello\/log.*\n/);
    expect(line).toMatch(
      /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET \/hello\/log\?x=%22 HTTP\/1\.1" 200 10 "http:\/\/from\.example\/" "a \\x22quoted\\x22 agent"\n$/,
    );
  });

  it('counts down in a browser, clears at the named event, and stops when the browser leaves', async () => {
    const browser = await chromium.launch({
      executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
    });
    try {
      const page = await browser.newPage();
      // Kept in the page: whoever looks from outside may look too late.
      await page.addInitScript({ content: OBSERVED });
      await page.goto(`${url}/dynamic`);
      await page.waitForSelector('body[data-cleared="1"]');
      const shown = await page.evaluate<string[][]>('shown');
      expect(shown[0]).toEqual(['10', '9', '8', '7', '6', '5', '4', '3', '2', '1']);
      await page.waitForSelector('li');
      expect(await page.locator('li').first().textContent()).toBe('10');
      expect(sample.output).not.toContain('GET /sse');
    } finally {
      await browser.close();
    }
    // The line is written when the exchange has ended: because the browser left.
    await sample.until(/GET \/sse HTTP\/1\.1" 200/);
  }, 60_000);

  function post(body: string): Promise<Response> {
    return fetch(`${url}/hello`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }
});

describe('auth', () => {
  let sample: SampleProcess;
  let url: string;

  beforeAll(async () => {
    sample = await SampleProcess.start('auth');
    url = await sample.url();
  }, 60_000);
  afterAll(() => sample.stop());

  it('serves the open page to everybody', async () => {
    expect((await fetch(`${url}/`)).status).toBe(200);
  });

  it.each([
    ['no credentials', undefined],
    ['a wrong password', basic('ada:byron')],
    ['an unknown user', basic('charles:lovelace')],
    ['an empty name', basic(':')],
    ['another scheme', 'Bearer YWRhOmxvdmVsYWNl'],
    ['a token that is no pair', 'Basic ????'],
  ])('asks for credentials when there are %s', async (_title, authorization) => {
    const response = await fetch(`${url}/protected`, { headers: authorization === undefined ? {} : { authorization } });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="auth sample", charset="UTF-8"');
  });

  it('serves the protected page to its user', async () => {
    const response = await fetch(`${url}/protected`, { headers: { authorization: basic('ada:lovelace') } });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('Only for you, ada.');
  });

  function basic(credentials: string): string {
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
});

describe('live', () => {
  it('serves its page, and closes what is open with 1001 when it ends', async () => {
    const sample = await SampleProcess.start('live');
    const url = await sample.url();
    expect(await (await fetch(url)).text()).toContain('<title>Live board</title>');
    expect((await fetch(`${url}/board.js`)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const changes = await fetch(`${url}/changes`);
    const socket = new Client(`${url.replace('http', 'ws')}/cursors?name=Ada`);
    const [welcome] = await once(socket, 'message');
    expect(JSON.parse(String(welcome))).toMatchObject({ kind: 'welcome', you: { name: 'Ada' } });
    const closed = once(socket, 'close');
    await sample.stop('SIGTERM');
    expect((await closed)[0]).toBe(1001);
    expect(await changes.text()).toContain('event: board');
    expect(sample.output).toMatch(/"GET \/cursors\?name=Ada HTTP\/1.1" 101 /);
    expect(sample.output).not.toContain('    at ');
  }, 60_000);
});

describe('todos', () => {
  it('holds what it has acknowledged when it is killed, an import that was under way among it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'todos-killed-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const start = async () => {
      const sample = await SampleProcess.start('todos', { TODOS_FOLDER: folder });
      onTestFinished(() => sample.stop('SIGKILL'));
      return [sample, `${await sample.url()}/api`] as const;
    };
    const [killed, before] = await start();
    expect(killed.output).toContain('migration 5 of 5');
    const send = async (url: string, body: object | FormData, cookie = '') => {
      const isForm = body instanceof FormData;
      const headers = { cookie, ...(isForm ? {} : { 'content-type': 'application/json' }) };
      return fetch(url, { method: 'POST', headers, body: isForm ? body : JSON.stringify(body) });
    };
    const signedUp = await send(`${before}/users`, { name: 'ada', password: 'correct horse' });
    const cookie = signedUp.headers.get('set-cookie')?.split(';')[0] as string;
    const list = (await (await send(`${before}/lists`, { title: 'Kept' }, cookie)).json()) as { id: number };
    const form = new FormData();
    form.append('file', new Blob([Array.from({ length: 3_000 }, (_none, i) => `Line ${i}`).join('\n')]), 'a.txt');
    const location = (await send(`${before}/lists/${list.id}/imports`, form, cookie)).headers.get('location') as string;
    await killed.until(/import \d+: 100 of 3000/);
    await killed.stop('SIGKILL');

    const [again, after] = await start();
    await again.until(/import \d+: 3000 of 3000/);
    expect(killed.output).not.toContain('3000 of 3000');
    expect(again.output).not.toContain('migration');
    const get = async (path: string) => (await fetch(new URL(path, after), { headers: { cookie } })).json();
    expect(await get(location)).toMatchObject({ done: 3_000, total: 3_000 });
    const titles: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page = (await get(`/api/lists/${list.id}/todos?limit=100${next}`)) as {
        items: { title: string }[];
        next?: string;
      };
      titles.push(...page.items.map(({ title }) => title));
      next = page.next === undefined ? undefined : `&after=${page.next}`;
    }
    expect([titles.length, new Set(titles).size]).toEqual([3_000, 3_000]);
  }, 120_000);
});

describe('webdav', () => {
  let sample: SampleProcess;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webdav-sample-'));
    sample = await SampleProcess.start('webdav', { WEBDAV_FOLDER: folder });
    url = await sample.url();
  }, 60_000);
  afterAll(async () => {
    await sample.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('says what it serves, where, to whom', async () => {
    await sample.until(/Mount .*\n/);
    expect(sample.output).toContain(
      `Mount ${url}/files/ as ada, password lovelace. All is kept in the folder ${folder}. ${url}/ shows what is going on.\n`,
    );
  });

  it('stores and lists as its README does with curl', async () => {
    const curl = (...args: string[]) =>
      execFileSync('curl', ['-sS', '-u', 'ada:lovelace', ...args], { encoding: 'utf8' });
    await writeFile(join(folder, 'outside.txt'), 'notes');
    curl('-T', join(folder, 'outside.txt'), `${url}/files/notes.txt`);
    expect(curl(`${url}/files/notes.txt`)).toBe('notes');
    const listed = curl('-X', 'PROPFIND', '-H', 'Depth: 1', `${url}/files/`);
    expect([...listed.matchAll(/<D:response><D:href>([^<]*)/g)].map(([, href]) => href)).toEqual([
      '/files/',
      '/files/notes.txt',
      '/files/outside.txt',
    ]);
  });

  it('says in one line that the folder is not there', async () => {
    const other = await SampleProcess.start('webdav', { WEBDAV_FOLDER: '/nowhere' });
    expect(await other.exitCode()).toBe(1);
    expect(other.output).toContain('WEBDAV_FOLDER must be a folder that is there, got "/nowhere"\n');
    expect(other.output).not.toContain('    at ');
  }, 60_000);
});

// Compiles into the tree, so that it is here alone.
describe('site', () => {
  it('says in one line that nothing is built yet, and how to build it', async () => {
    const sample = await SampleProcess.start('site', { SITE_FOLDER: '/nowhere' });
    expect(await sample.exitCode()).toBe(1);
    expect(sample.output).toContain(
      'SITE_FOLDER must be a folder of built pages, got "/nowhere": npm run docs builds the guides\n',
    );
    expect(sample.output).not.toContain('    at ');
  }, 60_000);
});

describe('npm start', () => {
  it('names the samples where the name is unknown', async () => {
    const sample = SampleProcess.npmStart(['--', 'nothing']);
    expect(await sample.exitCode()).toBe(1);
    expect(sample.output).toMatch(
      /There is no sample "nothing"; there are auth, hello, live, site, todos, upnp, webdav\.\n/,
    );
  }, 60_000);

  it('says in one line that the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const sample = SampleProcess.npmStart([], { PORT: String(port) });
    expect(await sample.exitCode()).toBe(1);
    expect(sample.output).toContain(`Port ${port} is in use: choose another with PORT=8081 npm start\n`);
    expect(sample.output).not.toContain('    at ');
    taken.close();
  }, 60_000);

  it('says in one line that PORT is no port', async () => {
    const sample = SampleProcess.npmStart([], { PORT: 'eighty' });
    expect(await sample.exitCode()).toBe(1);
    expect(sample.output).toContain('PORT must be a number from 0 to 65535, got "eighty"\n');
  }, 60_000);

  it('drains and ends with code 0 at SIGTERM', async () => {
    const sample = SampleProcess.npmStart();
    await sample.url();
    await sample.stop('SIGTERM');
    expect(sample.output).not.toContain('    at ');
  }, 60_000);
});
