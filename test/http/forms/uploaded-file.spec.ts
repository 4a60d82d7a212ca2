import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { UploadedFile, writePieces } from '../../../src/http/forms/uploaded-file.js';

const DESCRIPTION = { name: 'avatar', filename: 'a.txt', type: 'text/plain' };
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'test-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
});

function inMemory(): UploadedFile {
  return new UploadedFile(DESCRIPTION, Buffer.from('häy'));
}

function onDisk(): UploadedFile {
  const path = join(directory, 'temporary');
  writeFileSync(path, 'häy');
  return new UploadedFile(DESCRIPTION, { path, size: 4 });
}

async function contentOf(file: UploadedFile): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of file.stream()) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

describe.each([
  ['in memory', inMemory],
  ['on disk', onDisk],
])('a file %s', (_where, make) => {
  it('tells what it is, and gives its content as often as it is asked', async () => {
    const file = make();
    expect({ ...file }).toEqual({ ...DESCRIPTION, size: 4 });
    expect(await file.bytes()).toEqual(Buffer.from('häy'));
    expect(await file.text()).toBe('häy');
    expect(await contentOf(file)).toBe('häy');
    expect(await contentOf(file)).toBe('häy');
  });

  it('is saved, and stays readable', async () => {
    const file = make();
    const path = join(directory, 'kept');
    await file.saveTo(path);
    expect(readFileSync(path, 'utf8')).toBe('häy');
    expect(file.path).toBe(path);
    expect(await file.text()).toBe('häy');
    expect(existsSync(join(directory, 'temporary'))).toBe(false);
    const second = join(directory, 'second');
    await file.saveTo(second);
    expect(readFileSync(second, 'utf8') + readFileSync(path, 'utf8')).toBe('häyhäy');
  });

  it('does not replace what is there, unless it is told to', async () => {
    const path = join(directory, 'kept');
    writeFileSync(path, 'old');
    const file = make();
    await expect(file.saveTo(path)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(await file.text()).toBe('häy');
    await file.saveTo(path, { overwrite: true });
    expect(readFileSync(path, 'utf8')).toBe('häy');
  });

  it('is not lost where it cannot be saved', async () => {
    const file = make();
    await expect(file.saveTo(join(directory, 'missing', 'kept'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await file.text()).toBe('häy');
  });
});

describe('a file', () => {
  it('has a path on disk only', () => {
    expect(inMemory().path).toBeUndefined();
    expect(onDisk().path).toBe(join(directory, 'temporary'));
  });

  it('is saved on another file system', async () => {
    const elsewhere = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/test-') : directory;
    if (elsewhere !== directory) onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    const file = onDisk();
    await file.saveTo(join(elsewhere, 'kept'));
    expect(readFileSync(join(elsewhere, 'kept'), 'utf8')).toBe('häy');
    expect(existsSync(join(directory, 'temporary'))).toBe(false);
  });

  it('needs a name only', () => {
    const file = new UploadedFile({ name: 'avatar' }, new Uint8Array([1, 2]));
    expect({ ...file }).toEqual({ name: 'avatar', filename: '', type: 'application/octet-stream', size: 2 });
  });

  it('is no text where it is not UTF-8', async () => {
    const file = new UploadedFile({ name: 'avatar' }, new Uint8Array([0xff]));
    await expect(file.text()).rejects.toMatchObject({ status: 400, message: 'The content is not valid UTF-8.' });
  });
});

describe('writePieces', () => {
  it('writes what comes, and counts it', async () => {
    expect(await writePieces(join(directory, 'a'), [Buffer.from('ab'), Buffer.from('c')])).toBe(3);
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('abc');
  });

  it('leaves no file behind where the pieces fail', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array, void> {
      yield Buffer.from('ab');
      throw new Error('lost');
    }
    await expect(writePieces(join(directory, 'a'), pieces())).rejects.toThrow('lost');
    expect(readdirSync(directory)).toEqual([]);
  });
});
