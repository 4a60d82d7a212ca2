import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Class, createApp, type Server } from '../../src/index.js';
import { testGuide } from './guide.js';

const guide = await testGuide('uploads.md');

describe('the guide to uploads', () => {
  const home = process.cwd();
  let folder = '';

  // What an upload is saved to is relative to where the application was started.
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guide-'));
    process.chdir(folder);
  });
  afterEach(async () => {
    process.chdir(home);
    await rm(folder, { recursive: true });
  });

  it('keeps photos under names of its own', async () => {
    const { AlbumController } = await guide.load<{ AlbumController: Class }>('photos.ts');
    await mkdir('photos');
    await using t = await createApp({ controllers: [AlbumController] }).test();
    const form = new FormData();
    for (const name of ['a.png', 'b.png']) form.append('photo', new Blob([name]), name);
    const added = await t.post('/albums/photos', { form });
    const ids = (await added.json()) as string[];
    expect(await Promise.all(ids.map((id) => readFile(`photos/${id}`, 'utf8')))).toEqual(['a.png', 'b.png']);
    expect((await t.post('/albums/photos', { form: new FormData() })).status).toBe(400);
    expect((await t.post('/albums', { json: {} })).status).toBe(415);
  });

  it('sums up what arrives', async () => {
    const { BackupController } = await guide.load<{ BackupController: Class }>('backups.ts');
    await using t = await createApp({ controllers: [BackupController] }).test();
    const bytes = randomBytes(3_000_000);
    const form = new FormData();
    form.append('note', 'of today');
    form.append('backup', new Blob([bytes]), 'all.tar');
    const received = await t.post('/backups', { form });
    expect(await received.json()).toEqual({ 'all.tar': createHash('sha256').update(bytes).digest('hex') });
  });

  it('reads forms without controllers', async () => {
    const { server } = await guide.load<{ server: Server }>('uploads.ts');
    const form = new FormData();
    form.append('file', new Blob(['abc']), 'a.txt');
    const encoded = new Response(form);
    const request = {
      method: 'POST',
      headers: { 'content-type': encoded.headers.get('content-type') as string },
      body: new Uint8Array(await encoded.arrayBuffer()),
    };
    expect(await (await server.inject({ ...request, url: '/forms' })).json()).toEqual({ sizes: [3] });
    expect(await (await server.inject({ ...request, url: '/parts' })).text()).toBe('3');
  });
});
