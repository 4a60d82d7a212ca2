import { execFileSync } from 'node:child_process';
import { brotliCompressSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compress, conditional, files, Server } from '../../src/index.js';
import { folderOf, writeFile } from '../support/files.js';

// Beside the samples, because it needs a browser as they do.

const SCRIPT = 'window.loaded = true;\n'.repeat(300);
const ROOT = folderOf({
  'index.html': '<!doctype html><title>t</title><link rel="icon" href="data:,"><script src="/app.js"></script>',
  'app.js': SCRIPT,
  'tone.wav': wave(60),
});

/** A tone of some seconds: 88 KB each. */
function wave(seconds: number): Buffer {
  const samples = 44_100 * seconds;
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF');
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(44_100, 24);
  bytes.writeUInt32LE(88_200, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) bytes.writeInt16LE(Math.round(Math.sin(i / 20) * 8_000), 44 + i * 2);
  return bytes;
}

describe('files in Chromium', () => {
  /** Each request, with its status and the coding of its answer. */
  const seen: string[] = [];
  let server: Server;
  let browser: Browser;
  let page: Page;
  let url: string;

  beforeAll(async () => {
    server = Server.new()
      .use((req, res, next) => {
        res.onFinish(() => {
          const coding = res.getHeader('content-encoding');
          seen.push(`${req.url.path} ${res.status}${coding === undefined ? '' : ` ${coding}`}`);
        });
        return next(req, res);
      })
      .use(compress())
      .use(conditional())
      .use(files(ROOT, { precompressed: true }))
      .get('/items', (_req, res) => void res.json(Array.from({ length: 300 }, (_, i) => ({ id: i }))))
      .get('/broken', async (_req, res) => {
        await res.setContentType('text/plain').write('x'.repeat(9_999));
        await new Promise((resolve) => setImmediate(resolve));
        res.destroy();
      });
    await server.setIp('127.0.0.1').listen();
    void server.run();
    url = `http://127.0.0.1:${server.port}`;
    browser = await chromium.launch({
      executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    });
    page = await (await browser.newContext()).newPage();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.close({ timeout: 0 });
  });

  it('are loaded compressed, and held: a reload is answered 304', async () => {
    await page.goto(`${url}/`);
    expect(await page.evaluate('window.loaded')).toBe(true);
    expect(seen.splice(0)).toEqual(['/ 200', '/app.js 200 br']);
    await page.reload();
    expect(await page.evaluate('window.loaded')).toBe(true);
    expect(seen.splice(0)).toEqual(['/ 304', '/app.js 304']);
  });

  it('are taken from a sibling that was compressed before', async () => {
    writeFile(ROOT, 'app.js.br', brotliCompressSync(SCRIPT.replace('true', '"sibling"')));
    await page.reload();
    expect(await page.evaluate('window.loaded')).toBe(true);
    expect(await page.evaluate('performance.getEntriesByType("resource").at(-1).decodedBodySize')).toBe(
      SCRIPT.length + '"sibling"'.length - 'true'.length,
    );
    expect(seen.splice(0)).toEqual(['/ 304', '/app.js 200 br']);
  });

  it('are played in ranges', async () => {
    const sought = await page.evaluate(`(async () => {
      const audio = new Audio('/tone.wav');
      await new Promise((resolve, reject) => {
        audio.oncanplay = resolve;
        audio.onerror = () => reject(new Error(audio.error.message));
      });
      audio.currentTime = 55;
      await new Promise((resolve) => (audio.onseeked = resolve));
      return [audio.duration, audio.currentTime];
    })()`);
    expect(sought).toEqual([60, 55]);
    expect(seen.splice(0)[0]).toBe('/tone.wav 206');
  });

  it('and JSON beside them: compressed, and 304 when it is asked for again', async () => {
    const length = `fetch('/items').then((answer) => answer.json()).then((items) => items.length)`;
    expect([await page.evaluate(length), await page.evaluate(length)]).toEqual([300, 300]);
    expect(seen.filter((one) => one.startsWith('/items'))).toEqual(['/items 200 br', '/items 304']);
  });

  it('and an answer that is cut off while it is compressed is an error, and not its beginning', async () => {
    const outcome = `fetch('/broken').then((answer) => answer.text()).then((text) => text.length, () => 'failed')`;
    expect(await page.evaluate(outcome)).toBe('failed');
  });
});
