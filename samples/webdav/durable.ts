/** Makes changes of the file system outlive a loss of power. */

import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes the entries of a folder to disk: a file that was renamed is found after a crash only then. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    // Some file systems have no sync for folders, and say so in one of these ways.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EINVAL', 'EISDIR', 'EPERM', 'EACCES', 'ENOTSUP', 'ENOENT'].includes(code)) throw error;
  } finally {
    await handle?.close();
  }
}

/** Renames, then syncs the folders of both names. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from));
}

/** Writes a new file and syncs it. It appears under `to` whole, or not at all. `temporary` is of the same file system. */
export async function writeDurably(temporary: string, to: string, content: string): Promise<void> {
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await mkdir(dirname(to), { recursive: true });
  await renameDurably(temporary, to);
}

/** The names that stand for nobody else: one for each call. */
export function namer(folder: string): () => string {
  let count = 0;
  return () => join(folder, String(++count));
}
