import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { site } from '../../samples/site/site.js';
import { checkApp, createApp } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'site-sample-'));
mkdirSync(join(folder, 'more'));
writeFileSync(join(folder, 'index.html'), `<h1>First</h1>${'<p>word</p>'.repeat(200)}`);
writeFileSync(join(folder, '404.html'), '<h1>No such page</h1>');
afterAll(() => rmSync(folder, { recursive: true }));

describe('the sample of a site', () => {
  it('is proved without a finding', () => {
    expect(checkApp(site(folder))).toEqual({ errors: [], warnings: [] });
  });

  it('sends pages compressed, under a policy that lets nothing in', async () => {
    await using t = await createApp(site(folder, { write() {} })).test();
    const page = await t.get('/', { headers: { 'accept-encoding': 'gzip' } });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-encoding')).toBe('gzip');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
  });

  it('sends what a browser holds already as 304', async () => {
    await using t = await createApp(site(folder, { write() {} })).test();
    const { headers } = await t.get('/index.html');
    const again = await t.get('/index.html', { headers: { 'if-none-match': headers.get('etag') ?? '' } });
    expect([headers.get('cache-control'), again.status]).toEqual(['no-cache', 304]);
  });

  it.each(['/nothing', '/more/', '/more/nothing.html', '/..%2fsecret'])(
    'answers %s with its page for 404',
    async (path) => {
      await using t = await createApp(site(folder, { write() {} })).test();
      const answer = await t.get(path);
      expect([answer.status, await answer.text()]).toEqual([404, '<h1>No such page</h1>']);
      expect((await t.head(path)).status).toBe(404);
    },
  );

  it('answers what is no reading without a page', async () => {
    await using t = await createApp(site(folder, { write() {} })).test();
    const answer = await t.post('/nothing');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  });

  it('tells probes that it is ready', async () => {
    await using t = await createApp(site(folder, { write() {} })).test();
    expect((await t.get('/readyz')).status).toBe(200);
  });
});
