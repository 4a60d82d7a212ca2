import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Class, createApp, Server } from '../../src/index.js';
import { exchange, RawClient } from '../support/raw-client.js';
import { testGuide } from './guide.js';

const guide = await testGuide('http.md');

async function load(file: string, name: string): Promise<Server> {
  const server = (await guide.load<Record<string, Server>>(file))[name];
  await server.setIp('127.0.0.1').listen(0);
  const running = server.run();
  onTestFinished(async () => {
    await server.close({ timeout: 0 });
    await running;
  });
  return server;
}

const request = (line: string, ...fields: string[]) =>
  [`${line} HTTP/1.1`, 'Host: h', ...fields, 'Connection: close', '', ''].join('\r\n');

describe('the guide to HTTP', () => {
  it('hands on what another server streams', async () => {
    const origin = Server.new().get('/', (_req, res) => void res.setStatus(203).setContentType('text/x').send('there'));
    await origin.setIp('127.0.0.1').listen(0);
    void origin.run();
    onTestFinished(() => void origin.close({ timeout: 0 }));
    process.env.ORIGIN = origin.url;
    const { port } = await load('exports.ts', 'exportServer');
    const answer = await exchange(port, request('GET /mirror'));
    expect(answer).toMatch(/^HTTP\/1\.1 203 .*\r\nContent-Type: text\/x\r\n.*\r\nthere\r\n0\r\n\r\n$/s);
  });

  it('sends a digest behind the content', async () => {
    const { port } = await load('digest.ts', 'digestServer');
    const answer = await exchange(port, request('GET /log'));
    const digest = createHash('sha256').update('first\nsecond\n').digest('base64');
    expect(answer).toContain('\r\nTrailer: Content-Digest\r\n');
    expect(answer).toContain(`\r\n0\r\nContent-Digest: sha-256=:${digest}:\r\n\r\n`);
  });

  it('hints before it answers', async () => {
    const { port } = await load('hints.ts', 'hintServer');
    expect(await exchange(port, request('GET /'))).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/style\.css>.*\r\nLink: <\/page\.js>.*\r\n\r\nHTTP\/1\.1 200 OK\r\n/s,
    );
  });

  it('makes, names and shows notes', async () => {
    const { NoteController } = await guide.load<{ NoteController: Class }>('replies.ts');
    await using t = await createApp({ controllers: [NoteController] }).test();
    const created = await t.post('/notes', { json: { text: 'a\nb' } });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/notes/1']);
    const newest = await t.get('/notes/newest');
    expect([newest.status, newest.headers.get('location')]).toEqual([303, '/notes/1']);
    expect(await (await t.get('/notes/1/lines')).text()).toBe('a\nb\n');
    const away = await t.post('/notes/sign-in?next=//evil.example');
    expect(away.headers.get('location')).toBe('/.//evil.example');
    expect((await t.get('/notes/files/package.json')).status).toBe(404);
  });

  it.each([
    [undefined, 'application/json', '[{"item":"lamp","amount":2}]'],
    ['text/csv', 'text/csv; header=present; charset=utf-8', 'item,amount\r\n"lamp",2\r\n'],
    ['application/x-ndjson', 'application/x-ndjson', '{"item":"lamp","amount":2}\n'],
  ])('gives who accepts %s %s', async (accept, type, text) => {
    const { SaleController } = await guide.load<{ SaleController: Class }>('reports.ts');
    await using t = await createApp({ controllers: [SaleController] }).test();
    const answer = await t.get('/sales', accept === undefined ? {} : { headers: { accept } });
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([type, text]);
    expect((await t.get('/sales', { headers: { accept: 'image/png' } })).status).toBe(406);
  });

  it('counts, keeps and returns what is streamed to it', async () => {
    const { MeasurementController } = await guide.load<{ MeasurementController: Class }>('ingest.ts');
    await using t = await createApp({ controllers: [MeasurementController] }).test();
    const counted = await t.post('/measurements', { body: '1.5\n'.repeat(500_000) });
    expect(await counted.json()).toEqual({ lines: 500_000 });

    const folder = await mkdtemp(join(tmpdir(), 'guide-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    process.env.BACKUP = join(folder, 'backup.tar');
    const { url, port } = await load('ingest.ts', 'ingestServer');
    expect((await fetch(`${url}/backup`, { method: 'PUT', body: 'x'.repeat(3_000_000) })).status).toBe(201);
    expect(await readFile(process.env.BACKUP, 'utf8')).toHaveLength(3_000_000);

    const client = await RawClient.tcp(port);
    client.send('POST /shout HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhey\r\n');
    await client.until('HEY');
    client.destroy();
  });

  it('speaks in lines once it has switched', async () => {
    const { port } = await load('lines.ts', 'lineServer');
    expect(await exchange(port, request('GET /lines'))).toMatch(/^HTTP\/1\.1 426 .*\r\nUpgrade: lines\r\n/s);
    const client = await RawClient.tcp(port);
    client.send('GET /lines HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\nabc\n');
    expect(await client.until('cba\n')).toMatch(/^HTTP\/1\.1 101 /);
    client.send('drow\n');
    await client.until('word\n');
    await client.end();
    expect(await client.all()).toBe('');
  });

  it('lets clients through to where they may', async () => {
    const upstream = createServer((socket) => void socket.on('data', (piece) => socket.end(`got ${piece}`)));
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    onTestFinished(() => void upstream.close());
    const { port } = upstream.address() as { port: number };
    const { proxyTo } = await guide.load<{ proxyTo(places: Map<string, object>): Server }>('proxy.ts');
    const places = new Map([
      ['echo:1', { host: '127.0.0.1', port }],
      ['nobody:1', { host: '127.0.0.1', port: 1 }],
    ]);
    const proxy = await proxyTo(places).setIp('127.0.0.1').listen(0);
    void proxy.run();
    const to = (authority: string) => `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
    const first = await RawClient.tcp(proxy.port);
    first.send(`${to('echo:1')}this`);
    expect(await first.all()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\ngot this$/s);
    first.destroy();
    expect(await exchange(proxy.port, to('elsewhere:1'))).toMatch(/^HTTP\/1\.1 403 /);
    expect(await exchange(proxy.port, to('nobody:1'))).toMatch(/^HTTP\/1\.1 502 /);
    // A tunnel that is open does not hold the server up.
    const client = await RawClient.tcp(proxy.port);
    client.send(to('echo:1'));
    await client.until('\r\n\r\n');
    expect(await proxy.close({ timeout: 20_000 })).toEqual({ destroyed: 0 });
    expect(await client.all()).toBe('');
  });

  it('answers with a status line of its own', async () => {
    const { port } = await load('radio.ts', 'radioServer');
    expect(await exchange(port, request('GET /radio'))).toBe('ICY 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n');
  });
});
