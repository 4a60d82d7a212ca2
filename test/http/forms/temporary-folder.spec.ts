import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TemporaryFolder } from '../../../src/http/forms/temporary-folder.js';

/** A directory of its own for one test. */
function emptyDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'test-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('a temporary folder', () => {
  it('is made with its first file, for this user alone, and removed with all that is in it', async () => {
    const parent = emptyDirectory();
    const folder = new TemporaryFolder(parent);
    expect(readdirSync(parent)).toEqual([]);
    const first = await folder.pathOfNext();
    const second = await folder.pathOfNext();
    expect(second).not.toBe(first);
    expect(dirname(second)).toBe(dirname(first));
    expect(statSync(dirname(first)).mode & 0o777).toBe(0o700);
    await writeFile(first, 'a');
    await folder.remove();
    expect(readdirSync(parent)).toEqual([]);
    await folder.remove();
  });

  it('is below the directory of the system by default', async () => {
    const folder = new TemporaryFolder();
    const path = await folder.pathOfNext();
    expect(dirname(dirname(path))).toBe(tmpdir());
    await folder.remove();
    expect(existsSync(dirname(path))).toBe(false);
  });

  it('is removed while it is made, and makes no more files then', async () => {
    const parent = emptyDirectory();
    const folder = new TemporaryFolder(parent);
    const making = folder.pathOfNext();
    await folder.remove();
    await making;
    expect(readdirSync(parent)).toEqual([]);
    await expect(folder.pathOfNext()).rejects.toThrow('The exchange is over');
  });

  it('is removed without a word where it could not be made', async () => {
    const folder = new TemporaryFolder(join(emptyDirectory(), 'missing'));
    await expect(folder.pathOfNext()).rejects.toMatchObject({ code: 'ENOENT' });
    await folder.remove();
  });

  it('is removed when the process ends before its exchange does', async () => {
    const parent = emptyDirectory();
    const [before] = [process.listeners('exit').length];
    const folders = [new TemporaryFolder(parent), new TemporaryFolder(parent)];
    for (const folder of folders) await writeFile(await folder.pathOfNext(), 'a');
    expect(process.listeners('exit').length).toBe(before + 1);
    process.listeners('exit').at(-1)?.call(process, 0);
    expect(readdirSync(parent)).toEqual([]);
    for (const folder of folders) await folder.remove();
    expect(process.listeners('exit').length).toBe(before);
  });
});
