import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HttpError } from 'luminaire';
import { copyTree } from './copy-tree.js';
import type { DeadProperty } from './dead-property.js';
import { namer, renameDurably, syncFolder } from './durable.js';
import { clientError } from './file-errors.js';
import type { ResourcePath } from './path.js';
import { PropertyFiles } from './property-files.js';
import { isReserved, ServedFolder } from './served-folder.js';
import { prepareStateFolder } from './state-folder.js';
import { type Failure, type OpenContent, type Resource, type Space, type Staged, Store } from './store.js';

interface StagedFile extends Staged {
  /** Of the file, or of the folder with all in it. */
  readonly name: string;
  /** Of the folder with the dead properties, where it brings its own. */
  readonly properties: string | undefined;
}

/** What is ready once the store has started. */
interface Started {
  readonly files: ServedFolder;
  readonly properties: PropertyFiles;
  readonly staging: string;
  readonly temporaryName: () => string;
}

/**
 * Keeps resources as the files of a folder, which others may change meanwhile. Content is received into a file of the
 * state folder, synced, and renamed: under its own name it is either the old one or the new one, whenever the process
 * or the machine stops.
 */
export class FolderStore extends Store {
  readonly description: string;
  #started: Started | undefined;

  constructor(private readonly folder: string) {
    super();
    this.description = `the folder ${folder}`;
  }

  /** @throws Error where the folder cannot be served. */
  async onStart(): Promise<void> {
    const isFolder = (await stat(this.folder).catch(() => undefined))?.isDirectory();
    if (!isFolder) throw new Error(`WEBDAV_FOLDER must be a folder that is there, got "${this.folder}"`);
    // Names are used exactly as clients send them, which only POSIX systems allow.
    if (process.platform === 'win32') throw new Error('WEBDAV_FOLDER must be "memory" on Windows');
    // Links are not followed below, and the folder may be given as one.
    const folder = await realpath(this.folder);
    const state = await prepareStateFolder(folder);
    const temporaryName = namer(state.staging);
    this.#started = {
      files: new ServedFolder(folder, state),
      properties: new PropertyFiles(state.properties, temporaryName),
      staging: state.staging,
      temporaryName,
    };
  }

  /** Removes what is half done; runs when the application closes. */
  async dispose(): Promise<void> {
    if (this.#started !== undefined) await rm(this.#started.staging, { recursive: true, force: true });
  }

  find(path: ResourcePath): Promise<Resource | undefined> {
    return this.#ready.files.find(path);
  }

  members(path: ResourcePath): AsyncIterable<Resource> {
    return this.#ready.files.members(path);
  }

  async open(path: ResourcePath): Promise<OpenContent | undefined> {
    const opened = await this.#ready.files.open(path);
    if (opened === undefined) return undefined;
    const { handle, resource } = opened;
    return {
      resource,
      stream: (start, end) => handle.createReadStream({ start, end, highWaterMark: 262_144 }),
      close: () => handle.close(),
    };
  }

  async stageContent(content: AsyncIterable<Uint8Array>): Promise<Staged> {
    const name = this.#ready.temporaryName();
    const handle = await open(name, 'wx').catch(refuse);
    try {
      await writeFile(handle, content);
      await handle.sync();
    } catch (error) {
      await rm(name, { force: true });
      throw clientError(error);
    } finally {
      await handle.close();
    }
    return { name, properties: undefined, keepsProperties: true } as StagedFile;
  }

  async stageCopy(path: ResourcePath, isDeep: boolean): Promise<{ staged: Staged; failures: readonly Failure[] }> {
    const { files, properties, temporaryName } = this.#ready;
    const staged: StagedFile = { name: temporaryName(), properties: temporaryName(), keepsProperties: false };
    const failures: Failure[] = [];
    try {
      await copyTree(files, path, staged.name, isDeep, failures);
      await properties.stageCopy(path, staged.properties as string, isDeep);
    } catch (error) {
      await this.discard(staged);
      throw clientError(error);
    }
    return { staged, failures };
  }

  async place(staged: Staged, path: ResourcePath): Promise<void> {
    const { files, properties: known } = this.#ready;
    const { name, properties, keepsProperties } = staged as StagedFile;
    const replaced = await files.stats(path);
    if (keepsProperties && replaced?.isFile()) await chmod(name, Number(replaced.mode) & 0o777).catch(refuse);
    await this.#replace(name, path);
    if (properties !== undefined) await known.place(properties, path);
    // What others removed without asking may have left some behind.
    else if (replaced === undefined) await known.remove(path);
  }

  async discard(staged: Staged): Promise<void> {
    const { name, properties } = staged as StagedFile;
    await rm(name, { recursive: true, force: true });
    if (properties !== undefined) await rm(properties, { recursive: true, force: true });
  }

  async makeCollection(path: ResourcePath): Promise<void> {
    const { files, properties } = this.#ready;
    refuseReserved(path);
    const name = files.nameOf(path);
    await mkdir(name).catch(refuse);
    await syncFolder(dirname(name));
    await properties.remove(path);
  }

  async move(path: ResourcePath, to: ResourcePath): Promise<void> {
    const { files, properties } = this.#ready;
    await this.#replace(files.nameOf(path), to);
    await properties.move(path, to);
  }

  async remove(path: ResourcePath): Promise<void> {
    const { files, properties } = this.#ready;
    const name = files.nameOf(path);
    try {
      if ((await files.stats(path))?.isDirectory()) await removeFolder(name);
      else await unlink(name);
    } catch (error) {
      throw clientError(error);
    }
    // Not synced, for there may be thousands: after a loss of power it may be there again.
    await properties.remove(path);
  }

  deadProperties(path: ResourcePath): Promise<readonly DeadProperty[]> {
    return this.#ready.properties.read(path);
  }

  async setDeadProperties(path: ResourcePath, properties: readonly DeadProperty[]): Promise<void> {
    await this.#ready.properties.write(path, properties).catch(refuse);
  }

  async space(): Promise<Space> {
    const { bsize, blocks, bfree, bavail } = await statfs(this.folder);
    return { available: bavail * bsize, used: (blocks - bfree) * bsize };
  }

  /** Renames a file or folder into the place of all at `path`: atomic for a file, which no collection is in place of. */
  async #replace(name: string, path: ResourcePath): Promise<void> {
    refuseReserved(path);
    const { files, temporaryName } = this.#ready;
    const target = files.nameOf(path);
    try {
      const [source, there] = await Promise.all([lstat(name), lstat(target).catch(() => undefined)]);
      if (there !== undefined && (await files.stats(path)) === undefined) {
        throw new HttpError('Something that is no resource is there.', 403);
      }
      const isOverItself = there !== undefined && there.ino === source.ino && there.dev === source.dev;
      if (there === undefined || isOverItself || (source.isFile() && there.isFile())) {
        await renameDurably(name, target);
        return;
      }
      const old = temporaryName();
      await rename(target, old);
      await renameDurably(name, target).catch(async (error) => {
        await rename(old, target);
        throw error;
      });
      await rm(old, { recursive: true, force: true });
    } catch (error) {
      throw clientError(error);
    }
  }

  get #ready(): Started {
    if (this.#started === undefined) throw new Error('The folder is served once the application has started');
    return this.#started;
  }
}

/** Links, pipes and the like are no members that a client could remove, and go with their collection. */
async function removeFolder(name: string): Promise<void> {
  for (const entry of await readdir(name, { withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) await unlink(join(name, entry.name));
  }
  await rmdir(name);
}

function refuseReserved(path: ResourcePath): void {
  if (isReserved(path)) throw new HttpError('The server keeps this name to itself.', 403);
}

function refuse(error: unknown): never {
  throw clientError(error);
}
