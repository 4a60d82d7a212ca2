import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { acceptWebSocket } from '../../../src/http/web-socket/web-socket-acceptor.js';
import type { Server } from '../../../src/server/server.js';
import { holds, startBrowser } from '../../support/browser.js';
import { Authority } from '../../support/certificates.js';
import { command } from '../../support/command.js';
import { serveHttp2 } from '../../support/http2.js';

const authority = new Authority();
const localhost = authority.issue('localhost');

const routes = (server: Server) =>
  server
    .get('/', (req, res) => void res.setContentType('text/html').send(`<title>${req.httpVersion}</title>`))
    .get('/large', (_req, res) => void res.send(new Uint8Array(100_000)))
    .post('/', async (req, res) => void res.send(`${(await req.bytes()).length}`))
    .post('/none', (_req, res) => void res.setStatus(401).send('no'))
    .get('/hinted', async (_req, res) => {
      res.writeEarlyHints({ Link: '</large>; rel=preload; as=fetch' });
      await turn();
      res.setContentType('text/html').send('<title>hinted</title>');
    })
    .get('/events', (_req, res) => void res.events().send({ data: 'told' }))
    .get('/socket', async (req, res) => void (await acceptWebSocket(req, res)).send(req.httpVersion));

const serving = () => serveHttp2(localhost, routes, { maxBodySize: 10_000_000 });

describe('h2load', () => {
  it.each([
    ['many requests of few clients', ['-n', '10000', '-c', '10', '-m', '100'], '/', 10_000],
    ['many clients', ['-n', '500', '-c', '100', '-m', '5'], '/', 500],
    ['content of many windows', ['-n', '200', '-c', '4', '-m', '20'], '/large', 200],
    ['uploads', ['-n', '200', '-c', '4', '-m', '10', '-d', localhost.certFile], '/', 200],
  ])(
    'is answered each time: %s',
    async (_title, options, path, count) => {
      const { server } = await serving();
      const { stdout } = await command('h2load', [...options, `${server.url}${path}`]);
      expect(stdout).toContain('Application protocol: h2');
      expect(stdout).toContain(`${count} done, ${count} succeeded, 0 failed, 0 errored, 0 timeout`);
      expect(stdout).toContain(`status codes: ${count} 2xx`);
      expect(await server.close()).toEqual({ destroyed: 0 });
    },
    60_000,
  );
});

describe('curl', () => {
  it.each([
    ['asks', ['--http2'], '/', '<title>2.0</title> 2'],
    ['asks over HTTP/1.1', ['--http1.1'], '/', '<title>1.1</title> 1.1'],
    ['uploads', ['--http2', '--data-binary', '@-'], '/', '1000000 2'],
    ['uploads where nobody reads', ['--http2', '--data-binary', '@-'], '/none', 'no 2'],
  ])('%s', async (_title, options, path, said) => {
    const { server } = await serving();
    const trusting = ['--silent', '--show-error', '--noproxy', '*', '--cacert', join(authority.folder, 'ca.pem')];
    const args = [
      ...trusting,
      '--max-time',
      '9',
      '--write-out',
      ' %{http_version}',
      ...options,
      `${server.url}${path}`,
    ];
    expect(await command('curl', args, 'a'.repeat(1_000_000))).toEqual({ code: 0, stdout: said, stderr: '' });
  });
});

describe('Chromium', () => {
  it('speaks it: pages, hints, events, uploads, what it leaves; and WebSockets beside it', async () => {
    const { server } = await serving();
    const browser = await startBrowser();
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    const origin = `https://localhost:${server.port}`;
    await page.goto(`${origin}/hinted`);
    await page.goto(`${origin}/`);
    expect(await page.title()).toBe('2.0');
    expect(await page.evaluate(`performance.getEntriesByType('navigation')[0].nextHopProtocol`)).toBe('h2');
    expect(
      await page.evaluate(`(async () => {
        const told = [];
        told.push(await new Promise((resolve) => {
          new EventSource('/events').onmessage = ({ data }) => resolve(data);
        }));
        const body = new Uint8Array(3_000_000);
        told.push(await (await fetch('/', { method: 'POST', body })).text());
        told.push((await fetch('/none', { method: 'POST', body })).status);
        const abort = new AbortController();
        const left = fetch('/events', { signal: abort.signal }).then((answer) => answer.text());
        setTimeout(() => abort.abort(), 10);
        told.push(await left.catch((error) => error.name));
        told.push((await Promise.all(Array.from({ length: 150 }, () => fetch('/large').then((answer) => answer.arrayBuffer())))).length);
        told.push(await new Promise((resolve) => {
          new WebSocket('wss://' + location.host + '/socket').onmessage = ({ data }) => resolve(data);
        }));
        return told;
      })()`),
    ).toEqual(['told', '3000000', 401, 'AbortError', 150, '1.1']);
    await holds(page, 'document.title');
  }, 60_000);
});
