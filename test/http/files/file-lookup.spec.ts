import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isBelowRoot, isWithin, type SymbolicLinks } from '../../../src/http/files/file-lookup.js';

describe('isBelowRoot', () => {
  it.each(['', 'a', 'a/b.txt', 'a b/ü', 'a..b', 'C:/x'])('takes %j', (path) => {
    expect(isBelowRoot(path, false)).toBe(true);
  });

  it.each(['/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b', 'a/..', 'a\\b', '..\\a', 'a\0', '//a'])(
    'refuses %j',
    (path) => {
      expect(isBelowRoot(path, true)).toBe(false);
    },
  );

  it.each(['.env', '.git/config', 'a/.b', '...'])('takes the dot file %j only where it is told', (path) => {
    expect([isBelowRoot(path, false), isBelowRoot(path, true)]).toEqual([false, true]);
  });
});

describe('isWithin', () => {
  const base = mkdtempSync(join(tmpdir(), 'luminaire-lookup-'));
  afterAll(() => rmSync(base, { recursive: true }));
  mkdirSync(join(base, 'root/sub'), { recursive: true });
  writeFileSync(join(base, 'root/sub/file'), 'inside');
  writeFileSync(join(base, 'secret'), 'outside');
  mkdirSync(join(base, 'root-too'));
  writeFileSync(join(base, 'root-too/file'), 'outside');
  symlinkSync('sub/file', join(base, 'root/in'));
  symlinkSync('../secret', join(base, 'root/out'));
  symlinkSync('../root-too', join(base, 'root/too'));
  symlinkSync('sub', join(base, 'root/folder'));
  symlinkSync('root', join(base, 'current'));

  const within = (root: string, path: string, links: SymbolicLinks) => {
    const at = join(base, root, path);
    return isWithin(join(base, root), at, statSync(at), links);
  };

  it.each<[root: string, path: string, links: SymbolicLinks, expected: boolean]>([
    ['root', 'sub/file', 'inside', true],
    ['root', 'sub/file', 'refuse', true],
    ['root', 'in', 'inside', true],
    ['root', 'in', 'refuse', false],
    ['root', 'folder/file', 'inside', true],
    ['root', 'folder/file', 'refuse', false],
    ['root', 'out', 'inside', false],
    ['root', 'out', 'refuse', false],
    ['root', 'out', 'follow', true],
    ['root', 'too/file', 'inside', false],
    ['current', 'sub/file', 'refuse', true],
    ['current', 'out', 'inside', false],
  ])('below %s: %s, links %s: %s', async (root, path, links, expected) => {
    expect(await within(root, path, links)).toBe(expected);
  });

  it('refuses what led elsewhere when it was found', async () => {
    const found = statSync(join(base, 'secret'));
    expect(await isWithin(join(base, 'root'), join(base, 'root/in'), found, 'inside')).toBe(false);
  });
});
