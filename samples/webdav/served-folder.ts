/** Finds the files that paths name, and never one outside of the served folder. */

import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { clientError, isMissing } from './file-errors.js';
import type { ResourcePath } from './path.js';
import { STATE_NAME, type StateFolder } from './state-folder.js';
import type { Resource } from './store.js';

/** Looked at in one go while a collection is listed. */
const BATCH = 32;

/**
 * Files and folders are resources. Symbolic links are not followed, wherever they lead, and neither shown nor written
 * through; devices, sockets and pipes are left out as well, and so is the folder of the state.
 */
export class ServedFolder {
  constructor(
    readonly folder: string,
    private readonly state: StateFolder,
  ) {}

  /** The name in the file system. That it may be used has been seen to by {@link stats} or {@link parentOf}. */
  nameOf(path: ResourcePath): string {
    return join(this.folder, ...path.segments);
  }

  /** What is at `path`, where it is a file or a folder and all above it are folders. */
  async stats(path: ResourcePath): Promise<BigIntStats | undefined> {
    let name = this.folder;
    let stats = await this.#look(name);
    for (const segment of path.segments) {
      if (!stats?.isDirectory()) return undefined;
      name = join(name, segment);
      stats = await this.#look(name);
    }
    return stats;
  }

  async find(path: ResourcePath): Promise<Resource | undefined> {
    const stats = await this.stats(path);
    return stats === undefined ? undefined : resourceOf(stats, path);
  }

  async *members(path: ResourcePath): AsyncGenerator<Resource> {
    const names = (await readdir(this.nameOf(path)).catch(refuse)).sort();
    for (let i = 0; i < names.length; i += BATCH) {
      const batch = names.slice(i, i + BATCH).map(async (name) => {
        const stats = await this.#look(join(this.nameOf(path), name));
        return stats === undefined ? undefined : resourceOf(stats, path.child(name));
      });
      for (const resource of await Promise.all(batch)) if (resource !== undefined) yield resource;
    }
  }

  /** Opens a file for reading. */
  async open(path: ResourcePath): Promise<{ handle: FileHandle; resource: Resource } | undefined> {
    if (!(await this.stats(path))?.isFile()) return undefined;
    // What was a file may have become a link or a pipe meanwhile: the one is refused, the other does not block.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(this.nameOf(path), flags).catch(refuse);
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return { handle, resource: resourceOf(stats, path) };
    await handle.close();
    return undefined;
  }

  async #look(name: string): Promise<BigIntStats | undefined> {
    try {
      const stats = await lstat(name, { bigint: true });
      const isState = stats.ino === this.state.inode && stats.dev === this.state.device;
      return (stats.isFile() || stats.isDirectory()) && !isState ? stats : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw clientError(error);
    }
  }
}

/** Whether a new resource may have that name: not where the state is. */
export function isReserved(path: ResourcePath): boolean {
  return path.segments[0]?.toLowerCase() === STATE_NAME;
}

function refuse(error: unknown): never {
  throw clientError(error);
}

function resourceOf(stats: BigIntStats, path: ResourcePath): Resource {
  const { ino, size, mtimeNs, birthtimeMs } = stats;
  return {
    path,
    isCollection: stats.isDirectory(),
    size: stats.isFile() ? Number(size) : 0,
    // Each PUT makes a file of its own; a file that is changed in place has another time.
    etag: `"${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}"`,
    created: new Date(Number(birthtimeMs || stats.mtimeMs)),
    modified: stats.mtime,
  };
}
