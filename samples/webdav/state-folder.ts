/** Prepares the folder where a store keeps what is no resource. */

import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Its name, in the served folder: so it is of the same file system, and goes wherever the folder goes. */
export const STATE_NAME = '.luminaire-webdav';

export interface StateFolder {
  /** What has been received and not yet placed, each process in a folder of its own. */
  readonly staging: string;
  readonly properties: string;
  /** Tells the folder from others, whatever a name in another case or another Unicode form makes of it. */
  readonly device: bigint;
  readonly inode: bigint;
}

/** Makes it, and removes what processes that are gone left half done. */
export async function prepareStateFolder(folder: string): Promise<StateFolder> {
  const state = join(folder, STATE_NAME);
  const stagings = join(state, 'staging');
  const staging = join(stagings, String(process.pid));
  await mkdir(stagings, { recursive: true });
  for (const name of await readdir(stagings)) {
    if (!isRunning(Number(name))) await rm(join(stagings, name), { recursive: true, force: true });
  }
  await mkdir(staging);
  const { dev, ino } = await stat(state, { bigint: true });
  return { staging, properties: join(state, 'properties'), device: dev, inode: ino };
}

/** Whether another process has that id. One of our own id is of an earlier life. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
