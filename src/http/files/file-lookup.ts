/** Decides which files below a folder may be served. */

import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';

/**
 * What becomes of symbolic links below the root: `inside` are followed where they lead to a place below it, `follow`
 * wherever they lead, `refuse` not at all. The root itself may be one.
 */
export type SymbolicLinks = 'inside' | 'follow' | 'refuse';

/**
 * Whether `path`, decoded and relative to a root, names something below it: segments between single slashes, none of
 * them `.` or `..`, none with a backslash, which other systems read as a slash, or NUL; and, unless `dotFiles`, none
 * that starts with a dot. The empty path names the root.
 */
export function isBelowRoot(path: string, dotFiles: boolean): boolean {
  if (path === '') return true;
  if (path.includes('\0') || path.includes('\\')) return false;
  return path
    .split('/')
    .every((segment) => segment !== '' && segment !== '.' && segment !== '..' && (dotFiles || segment[0] !== '.'));
}

/** Whether the file at `path`, of which `found` was told, may be served from below `root`. Both paths are absolute. */
export async function isWithin(root: string, path: string, found: Stats, links: SymbolicLinks): Promise<boolean> {
  if (links === 'follow') return true;
  const [realRoot, realFile] = await Promise.all([realpath(root), realpath(path)]);
  const below = realRoot.endsWith(sep) ? realRoot : realRoot + sep;
  if (!realFile.startsWith(below)) return false;
  if (links === 'refuse' && relative(realRoot, realFile) !== relative(root, path)) return false;
  // A link that was turned elsewhere in between leads to another file.
  return isSameFile(found, await stat(realFile));
}

/** Whether two statuses are of one file, whatever it was called. */
export function isSameFile(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}
