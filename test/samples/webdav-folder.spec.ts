import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FolderStore } from '../../samples/webdav/folder-store.js';
import { prepareStateFolder, STATE_NAME } from '../../samples/webdav/state-folder.js';
import { RawClient } from '../support/raw-client.js';
import { Dav, listen, readMultistatus, temporaryFolder } from './support/dav.js';

// What is special to a folder: links, what others do to it, what is left of the last time.

describe('links', () => {
  it('are not followed, shown, or written through, wherever they lead', async () => {
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'secret'), 'secret');
    const dav = await Dav.start('folder');
    await dav.mkcol('c');
    await dav.put('c/f');
    await symlink(join(outside, 'secret'), join(dav.folder, 'file-link'));
    await symlink(outside, join(dav.folder, 'folder-link'));
    await symlink('c', join(dav.folder, 'inner-link'));
    await symlink('/nowhere', join(dav.folder, 'broken-link'));
    expect(await dav.members('')).toEqual(['/files/c/']);
    for (const path of [
      'file-link',
      'folder-link',
      'folder-link/secret',
      'inner-link',
      'inner-link/f',
      'broken-link',
    ]) {
      expect(await dav.status('GET', path), path).toBe(404);
      expect(await dav.status('DELETE', path), path).toBe(404);
      expect(await dav.status('PROPFIND', path, { headers: { depth: '0' } }), path).toBe(404);
      const refused = path.includes('/') ? 409 : 403;
      expect(await dav.status('PUT', path, { body: 'x' }), path).toBe(refused);
      expect(await dav.status('MKCOL', path), path).toBe(refused);
      expect(await dav.copy('c/f', path), path).toBe(refused);
      expect(await dav.move('c/f', path), path).toBe(refused);
    }
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect(await readdir(outside)).toEqual(['secret']);
  });

  it('are left out of a copy, and go with the collection they are in', async () => {
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'kept'), 'kept');
    const dav = await Dav.start('folder');
    await dav.mkcol('c');
    await dav.put('c/f');
    await symlink(outside, join(dav.folder, 'c', 'link'));
    expect(await dav.copy('c', 'copy')).toBe(201);
    expect(await readdir(join(dav.folder, 'copy'))).toEqual(['f']);
    await dav.expect(204, 'DELETE', 'c');
    expect(await readdir(outside)).toEqual(['kept']);
  });

  it('may lead to the folder itself', async () => {
    const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await symlink(folder, join(elsewhere, 'link'));
    const dav = await Dav.start('folder', join(elsewhere, 'link'));
    await dav.put('f');
    expect(await readFile(join(folder, 'f'), 'utf8')).toBe('f');
  });

  it('and pipes are no resources: a GET does not wait for a writer', async () => {
    const dav = await Dav.start('folder');
    execFileSync('mkfifo', [join(dav.folder, 'pipe')]);
    expect(await dav.status('GET', 'pipe')).toBe(404);
    expect(await dav.members('')).toEqual([]);
  });
});

describe('the state folder', () => {
  it.each([STATE_NAME, STATE_NAME.toUpperCase()])('is no resource as %s, nor can one have its name', async (name) => {
    const dav = await Dav.start('folder');
    await dav.put('f');
    await dav.mkcol('c');
    expect(await dav.members('')).toEqual(['/files/c/', '/files/f']);
    for (const path of [name, `${name}/staging`, `${name}/properties/x`]) {
      expect(await dav.status('GET', path)).toBe(404);
      expect(await dav.status('DELETE', path)).toBe(404);
      for (const method of ['PUT', 'MKCOL', 'COPY', 'MOVE']) {
        const headers = { destination: `/files/${path}` };
        const source = method === 'COPY' || method === 'MOVE' ? 'f' : path;
        expect(await dav.status(method, source, { headers }), `${method} ${path}`).toBe(path === name ? 403 : 409);
      }
    }
  });

  it('may be the name of anything below', async () => {
    const dav = await Dav.start('folder');
    await dav.mkcol('c', `c/${STATE_NAME}`);
    expect(await dav.members('c')).toEqual([`/files/c/${STATE_NAME}/`]);
  });

  it('loses what a process that is gone had half done, and what its own had', async () => {
    const folder = await temporaryFolder();
    const stagings = join(folder, STATE_NAME, 'staging');
    const gone = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    for (const pid of [gone, String(process.pid), '1', 'x']) {
      await mkdir(join(stagings, pid), { recursive: true });
      await writeFile(join(stagings, pid, '1'), 'half');
    }
    const { staging } = await prepareStateFolder(folder);
    expect((await readdir(stagings)).sort()).toEqual(['1', String(process.pid)].sort());
    expect(await readdir(staging)).toEqual([]);
  });

  it('is empty of what was staged after each request, whatever became of it', async () => {
    const dav = await Dav.start('folder');
    await dav.mkcol('c');
    await dav.put('c/f');
    await dav.setProperties('c', '<x:p>1</x:p>');
    await dav.expect(204, 'PUT', 'c/f', { body: 'new' });
    expect(await dav.copy('c', 'd')).toBe(201);
    expect(await dav.copy('c', 'd')).toBe(204);
    expect(await dav.copy('c', 'd', { overwrite: 'F' })).toBe(412);
    expect(await dav.move('c', 'd')).toBe(204);
    expect(await dav.status('PUT', 'd', { body: 'x' })).toBe(405);
    expect(await readdir(join(dav.folder, STATE_NAME, 'staging', String(process.pid)))).toEqual([]);
  });
});

describe('a client that leaves in the middle of an upload', () => {
  it.each(['new', 'old'])('leaves nothing behind, and no half file: %s', async (name) => {
    const { app, folder } = await listen('folder');
    const staging = join(folder, STATE_NAME, 'staging', String(process.pid));
    await writeFile(join(folder, 'old'), 'before');
    const client = await RawClient.tcp(app.server.port);
    const authorization = `Basic ${Buffer.from('ada:lovelace').toString('base64')}`;
    client.send(
      `PUT /files/${name} HTTP/1.1\r\nHost: h\r\nAuthorization: ${authorization}\r\nContent-Length: 1000\r\n\r\nhalf`,
    );
    while ((await readdir(staging)).length === 0) await nextTurn();
    client.destroy();
    while ((await readdir(staging)).length > 0) await nextTurn();
    expect((await readdir(folder)).sort()).toEqual([STATE_NAME, 'old']);
    expect(await readFile(join(folder, 'old'), 'utf8')).toBe('before');
  });
});

describe('a restart', () => {
  it('keeps dead properties', async () => {
    const before = await Dav.start('folder');
    await before.mkcol('c');
    await before.put('c/f');
    await before.setProperties('c/f', '<x:p>kept</x:p>');
    await before.setProperties('c', '<x:p>kept too</x:p>');
    await before.stop();
    const after = await Dav.start('folder', before.folder);
    expect([await after.property('c/f', 'p'), await after.property('c', 'p')]).toEqual(['kept', 'kept too']);
  });
});

describe('what others do', () => {
  it('is seen at once, with another entity tag', async () => {
    const dav = await Dav.start('folder');
    await writeFile(join(dav.folder, 'f'), 'one');
    const one = await dav.request('GET', 'f');
    await rm(join(dav.folder, 'f'));
    await writeFile(join(dav.folder, 'f'), 'two');
    const two = await dav.request('GET', 'f');
    expect([one.text, two.text]).toEqual(['one', 'two']);
    expect(one.headers.get('etag')).not.toBe(two.headers.get('etag'));
  });

  it('to a resource leaves no properties for the next of that name', async () => {
    const dav = await Dav.start('folder');
    await dav.put('f');
    await dav.mkcol('c');
    for (const name of ['f', 'c']) {
      await dav.setProperties(name, '<x:p>old</x:p>');
      await rm(join(dav.folder, name), { recursive: true });
    }
    await dav.put('f');
    await dav.mkcol('c');
    expect([await dav.property('f', 'p'), await dav.property('c', 'p')]).toEqual([undefined, undefined]);
  });

  it('may leave a name that has no URL: its collection cannot be removed, and 207 says so', async () => {
    const dav = await Dav.start('folder');
    await dav.mkcol('c', 'c/d');
    await dav.put('c/f');
    await writeFile(Buffer.concat([Buffer.from(join(dav.folder, 'c', 'd/')), Buffer.from([0xff])]), 'x');
    const said = readMultistatus((await dav.expect(207, 'DELETE', 'c')).text);
    expect([...said].map(([href, { status }]) => [href, status])).toEqual([['/files/c/d', 403]]);
    expect(await dav.members('c')).toEqual(['/files/c/d/']);
    expect(await dav.status('DELETE', 'c/d')).toBe(403);
  });
});

describe('new content', () => {
  it('has the mode of what it replaces', async () => {
    const dav = await Dav.start('folder');
    await dav.put('script');
    await chmod(join(dav.folder, 'script'), 0o750);
    await dav.expect(204, 'PUT', 'script', { body: 'new' });
    expect((await stat(join(dav.folder, 'script'))).mode & 0o777).toBe(0o750);
  });
});

describe('names that the file system does not take', () => {
  it('are refused, and nobody finds them', async () => {
    const dav = await Dav.start('folder');
    const name = 'x'.repeat(256);
    expect(await dav.status('PUT', name, { body: 'x' })).toBe(403);
    expect(await dav.status('MKCOL', name)).toBe(403);
    expect(await dav.status('GET', name)).toBe(404);
    expect(await dav.members('')).toEqual([]);
  });
});

describe('a folder that cannot be served', () => {
  it.each(['/nowhere', '/etc/passwd'])('stops the start: %s', async (folder) => {
    await expect(new FolderStore(folder).onStart()).rejects.toThrow(
      `WEBDAV_FOLDER must be a folder that is there, got "${folder}"`,
    );
  });
});
