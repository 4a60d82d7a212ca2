import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FilePart, joinPieces } from '../../../src/http/forms/form-part.js';

async function* piecesOf(...texts: string[]): AsyncGenerator<Uint8Array, void> {
  for (const text of texts) yield Buffer.from(text, 'latin1');
}

const fileOf = (...texts: string[]) =>
  new FilePart({ name: 'f', filename: 'f.txt', type: 'text/plain' }, piecesOf(...texts));

describe('a file that is still arriving', () => {
  it('tells what it is', () => {
    expect({ ...fileOf() }).toEqual({ kind: 'file', name: 'f', filename: 'f.txt', type: 'text/plain' });
  });

  it('is read piece by piece, or whole', async () => {
    const pieces: string[] = [];
    for await (const piece of fileOf('a', 'b')) pieces.push(String(piece));
    expect(pieces).toEqual(['a', 'b']);
    expect(await fileOf('a', 'b').bytes()).toEqual(Buffer.from('ab'));
    expect(await fileOf('\xc3', '\xa4').text()).toBe('ä');
    await expect(fileOf('\xff').text()).rejects.toMatchObject({ status: 400 });
  });

  it('is read once', async () => {
    const file = fileOf('a');
    await file.bytes();
    await expect(file.text()).rejects.toThrow('The file "f" was already read');
  });

  it('is saved, and does not replace what is there unless it is told to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'kept');
    expect(await fileOf('ab', 'c').saveTo(path)).toBe(3);
    await expect(fileOf('d').saveTo(path)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(path, 'utf8')).toBe('abc');
    expect(await fileOf('d').saveTo(path, { overwrite: true })).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('d');
  });
});

describe('joinPieces', () => {
  it('gives nothing of nothing', async () => {
    expect(await joinPieces(piecesOf())).toEqual(Buffer.alloc(0));
  });
});
