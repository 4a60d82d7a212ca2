/** Makes folders of files for one spec file each, and removes them after it. */

import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

/** When the files of {@link folderOf} were modified. */
export const MODIFIED = new Date('2026-01-02T03:04:05Z');

/** A new folder with `files`, by their paths, all of them modified long ago. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'luminaire-files-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) writeFile(folder, path, content);
  return folder;
}

export function writeFile(folder: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
  utimesSync(join(folder, path), MODIFIED, MODIFIED);
}

/** How many descriptors of this process lead below `folder`; Linux tells. */
export function openFilesIn(folder: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(folder);
    } catch {
      // It was that of the listing itself.
      return false;
    }
  }).length;
}
