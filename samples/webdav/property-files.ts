/** Keeps dead properties in files, in a tree of their own that mirrors the one of the resources. */

import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DeadProperty } from './dead-property.js';
import { syncFolder, writeDurably } from './durable.js';
import { isMissing } from './file-errors.js';
import type { ResourcePath } from './path.js';

/** What holds the properties of one resource. */
const OWN = 'properties.json';

/** What holds the folders of its members: beside {@link OWN}, so that no member's name clashes with it. */
const MEMBERS = 'm';

/**
 * A resource has a folder here only if it, or something below it, has properties. Moving a collection renames one
 * folder, whatever is below it.
 */
export class PropertyFiles {
  /** `temporaryName` gives paths of the same file system that nobody uses. */
  constructor(
    private readonly folder: string,
    private readonly temporaryName: () => string,
  ) {}

  async read(path: ResourcePath): Promise<readonly DeadProperty[]> {
    try {
      return JSON.parse(await readFile(join(this.#folderOf(path), OWN), 'utf8')) as DeadProperty[];
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async write(path: ResourcePath, properties: readonly DeadProperty[]): Promise<void> {
    const folder = this.#folderOf(path);
    if (properties.length > 0) {
      await writeDurably(this.temporaryName(), join(folder, OWN), JSON.stringify(properties));
    } else {
      await rm(join(folder, OWN), { force: true });
      await syncFolder(folder);
    }
  }

  /** Forgets those of a resource, and of all below it. */
  async remove(path: ResourcePath): Promise<void> {
    await rm(this.#folderOf(path), { recursive: true, force: true });
  }

  async move(path: ResourcePath, to: ResourcePath): Promise<void> {
    await this.remove(to);
    await this.#bring(this.#folderOf(path), to);
  }

  /** Copies those of a resource, and of all below it where `isDeep`, into a new folder outside of the tree. */
  async stageCopy(path: ResourcePath, folder: string, isDeep: boolean): Promise<void> {
    try {
      if (isDeep) await cp(this.#folderOf(path), folder, { recursive: true });
      else await this.#copyOwn(path, folder);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** Puts what {@link stageCopy} made in the place of all at `path` and below. */
  async place(folder: string, path: ResourcePath): Promise<void> {
    await this.remove(path);
    await this.#bring(folder, path);
  }

  async #copyOwn(path: ResourcePath, folder: string): Promise<void> {
    const own = await readFile(join(this.#folderOf(path), OWN));
    await mkdir(folder);
    await writeFile(join(folder, OWN), own);
  }

  async #bring(folder: string, path: ResourcePath): Promise<void> {
    const to = this.#folderOf(path);
    try {
      await rename(folder, to);
    } catch (error) {
      if (!isMissing(error)) throw error;
      // Either there are no properties, or no folder yet for them to go to.
      await mkdir(dirname(to), { recursive: true });
      await rename(folder, to).catch((again) => {
        if (!isMissing(again)) throw again;
      });
    }
    await syncFolder(dirname(to));
  }

  #folderOf(path: ResourcePath): string {
    return join(this.folder, ...path.segments.flatMap((name) => [MEMBERS, name]));
  }
}
