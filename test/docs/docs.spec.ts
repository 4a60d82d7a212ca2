import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Application,
  type AppSetup,
  type Class,
  createApp,
  explainRequest,
  type Server,
  type ServerSentEvent,
  type TcpSocket,
  type UdpSocket,
} from '../../src/index.js';
import { Authority } from '../support/certificates.js';
import { command } from '../support/command.js';

// The examples of the guides: each is a file, named by its first line. Compiled by the compiler, and run.

const ROOT = new URL('../../', import.meta.url);
const FOLDER = new URL('test/docs/examples/', ROOT);
const DOCUMENTS = ['controllers.md', 'from-nestjs.md', 'sockets.md'];

interface Example {
  readonly name: string;
  readonly code: string;
}

const guides = new Map<string, string>();
for (const name of DOCUMENTS) guides.set(name, await readFile(new URL(`docs/${name}`, ROOT), 'utf8'));
const examples = [...guides.values()].flatMap(examplesOf);

function examplesOf(guide: string): Example[] {
  return [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => {
    const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];
    if (name === undefined) throw new Error(`An example without the name of its file:\n${code}`);
    return { name, code };
  });
}

/** Runs the example, which is a module: its tests are its statements. */
async function load<Module>(name: string): Promise<Module> {
  return (await import(/* @vite-ignore */ new URL(name, FOLDER).pathname)) as Module;
}

beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true });
  for (const { name, code } of examples) {
    // A module of statements alone is none for the compiler.
    await writeFile(new URL(name, FOLDER), name.endsWith('.test.ts') ? `${code}\nexport {};\n` : code);
  }
  const config = {
    extends: '../../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false },
    include: ['.'],
    exclude: [],
  };
  await writeFile(new URL('tsconfig.json', FOLDER), JSON.stringify(config));
});
afterAll(() => rm(FOLDER, { recursive: true, force: true }));

describe('the guides', () => {
  it('name each of their files once', () => {
    const names = examples.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(15);
  });

  it('compile', async () => {
    const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', ROOT));
    const { stdout } = await promisify(execFile)(tsc, ['-p', fileURLToPath(FOLDER)]).catch((error) => error);
    expect(stdout).toBe('');
  }, 60_000);

  it.each(examples.filter(({ name }) => name.endsWith('.test.ts')))('run the test $name', async ({ name }) => {
    await load(name);
  });

  it.each([...guides])('link within %s to what is there', (_name, guide) => {
    const anchors = [...guide.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, anchor] of guide.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});

describe('the guide to controllers', () => {
  it('starts its application', async () => {
    process.env.PORT = '0';
    const { app } = await load<{ app: AppSetup }>('app.ts');
    await load('main.ts');
    const running = await app;
    expect(await (await fetch(`${running.url}/todos`)).json()).toEqual([]);
    await running.close();
  });

  it('explains a request as it says', async () => {
    const { app } = await load<{ app: AppSetup }>('app.ts');
    const said = explainRequest(app, 'GET /todos/1').replaceAll(/ +$/gm, '');
    expect(guides.get('controllers.md')).toContain(`\`\`\`text\n${said}\`\`\``);
  });

  it.each([
    ['/search?q=a', { q: 'a', tags: [], sort: 'title' }],
    ['/search?q=a&tag=x&tag=y&since=2026-11-22&sort=age', { q: 'a', tags: ['x', 'y'], since: '2026-11-22T00:00:00.000Z', sort: 'age' }], // biome-ignore format: one row
    ['/search/pages?page=2', { page: 2, size: 20 }],
    ['/search/in/a/b', { path: 'a/b' }],
  ])('reads %s', async (url, value) => {
    const { SearchController } = await load<{ SearchController: Class }>('search.ts');
    await using t = await createApp({ controllers: [SearchController] }).test();
    expect(await (await t.get(url)).json()).toEqual(value);
  });

  it('goes on with events from where the client left off', async () => {
    const { SearchController } = await load<{ SearchController: Class<{ live(id?: string): AsyncGenerator<ServerSentEvent> }> }>('search.ts'); // biome-ignore format: one line
    await using t = await createApp({ controllers: [SearchController] }).test();
    expect(await (await t.of(SearchController).live('2')).text()).toBe(':\n\nid: 3\ndata: result 3\n\n');
  });

  it('injects what its providers say', async () => {
    const { app } = await load<{ app: AppSetup }>('mailer.ts');
    await using t = await app.test();
    expect(await (await t.get('/mail')).text()).toBe('ada by localhost');
  });

  it('makes a tenant for each request', async () => {
    const { WhoAmIController } = await load<{ WhoAmIController: Class }>('scoped.ts');
    await using t = await createApp({ controllers: [WhoAmIController] }).test();
    expect(await (await t.get('/whoami', { headers: { 'x-tenant': 'acme' } })).text()).toBe('acme');
    expect(await (await t.get('/whoami')).text()).toBe('nobody');
  });

  it('limits time and content, and keeps the context', async () => {
    const { app } = await load<{ app: AppSetup }>('around.ts');
    const silent = { error() {}, warn() {}, info() {} };
    await using t = await createApp({ ...app.options, logger: silent }).test();
    const slow = await t.get('/work/slow');
    expect([slow.status, slow.headers.has('x-request-id')]).toEqual([503, true]);
    const uploaded = await t.post('/work/upload', { body: 'x'.repeat(2_000_000) });
    expect(await uploaded.json()).toEqual({ bytes: 2_000_000, id: true });
    expect((await t.post('/work/upload', { body: 'x'.repeat(5_000_001) })).status).toBe(413);
  });

  it('traces requests with OpenTelemetry', async () => {
    const { traceRequests } = await load<{ traceRequests(tracer: unknown): () => void }>('tracing.ts');
    const { OrderController, onError } = await load<{ OrderController: Class; onError: never }>('orders.ts');
    const spans: unknown[][] = [];
    const startSpan = (name: string, { attributes }: { attributes: object }) => {
      const said: unknown[] = [name, attributes];
      spans.push(said);
      const span: Record<string, (...args: unknown[]) => unknown> = {};
      for (const method of ['recordException', 'setStatus', 'updateName', 'setAttribute', 'end']) {
        span[method] = (...args) => {
          said.push([method, ...args]);
          return span;
        };
      }
      return span;
    };
    const stop = traceRequests({ startSpan });
    await using t = await createApp({ controllers: [OrderController], onError }).test();
    await t.get('/orders/book');
    await t.get('/orders/yacht');
    stop();
    await t.get('/orders/book');
    const named = [
      ['updateName', 'GET /orders/:item'],
      ['setAttribute', 'http.route', '/orders/:item'],
    ];
    expect(spans).toEqual([
      ['GET', { 'url.path': '/orders/book' }, ...named, ['setAttribute', 'http.response.status_code', 200], ['end']],
      [
        'GET',
        { 'url.path': '/orders/yacht' },
        ['recordException', expect.objectContaining({ message: 'declined' })],
        ['setStatus', { code: 2 }],
        ...named,
        ['setAttribute', 'http.response.status_code', 402],
        ['end'],
      ],
    ]);
  });
});

describe('the guide to sockets', () => {
  const authority = new Authority();
  const { keyFile, certFile } = authority.issue('localhost');
  const ada = authority.issue('ada');
  const path = `${authority.folder}/app.sock`;
  Object.assign(process.env, { TLS_KEY: keyFile, TLS_CERT: certFile, TLS_CA: authority.own.certFile });
  process.env.SOCKET_PATH = path;

  async function curl(...args: readonly string[]): Promise<string> {
    const trusting = [
      '--cacert',
      authority.own.certFile,
      '--noproxy',
      '*',
      '--silent',
      '--show-error',
      '--max-time',
      '9',
    ];
    return (await command('curl', [...trusting, ...args])).stdout;
  }

  it.each(['keepalive.ts', 'https.ts', 'unix.ts'])('starts the application of %s', async (name) => {
    const before = process.listeners('SIGHUP');
    const { app } = await load<{ app: Application }>(name);
    const said = {
      'keepalive.ts': () => curl(app.url),
      'https.ts': () => curl(app.url),
      'unix.ts': () => curl('--unix-socket', path, 'http://localhost/'),
    }[name];
    expect(await said?.()).toBe({ 'keepalive.ts': 'hello', 'https.ts': 'over https', 'unix.ts': 'by path' }[name]);
    await app.close();
    for (const listener of process.listeners('SIGHUP')) {
      if (!before.includes(listener)) process.off('SIGHUP', listener);
    }
  });

  it('knows clients by their certificate', async () => {
    const { server } = await load<{ server: Server }>('client-certificates.ts');
    await server.setIp('127.0.0.1').listen();
    void server.run();
    const withAda = ['--key', ada.keyFile, '--cert', ada.certFile];
    expect(await curl(`${server.url}/`)).toBe('for everybody');
    expect(await curl(`${server.url}/private`)).toContain('A certificate is needed here.');
    expect(await curl(...withAda, `${server.url}/private`)).toBe('only for CN=ada');
    await server.close();
  });

  it.each([
    ['activated.ts', 'active'],
    ['one-by-one.ts', 'your turn'],
  ])('serves with %s', async (name, said) => {
    const { server } = await load<{ server: Server }>(name);
    void server.run();
    expect(await Promise.all([curl(server.url), curl(server.url)])).toEqual([said, said]);
    await server.close();
  });

  it('serves on two ports', async () => {
    const { server, inside } = await load<{ server: Server; inside: TcpSocket }>('joined.ts');
    void server.run();
    const { port } = inside.getsockname();
    expect(port).not.toBe(server.port);
    expect([await curl(server.url), await curl(`http://127.0.0.1:${port}`)]).toEqual(['on both', 'on both']);
    await server.close();
  });

  it('is discovered', async () => {
    const { app, socket } = await load<{ app: Application; socket: UdpSocket }>('discovery.ts');
    const peer = createSocket('udp4');
    const { port } = socket.getsockname();
    for (const target of ['upnp:nobody', 'ssdp:all']) {
      peer.send(`M-SEARCH * HTTP/1.1\r\nHost: h\r\nST: ${target}\r\n\r\n`, port, '127.0.0.1');
    }
    const [answer] = (await once(peer, 'message')) as [Buffer];
    expect(String(answer)).toContain('ST: ssdp:all\r\n');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    peer.close();
    await app.close();
  });
});
