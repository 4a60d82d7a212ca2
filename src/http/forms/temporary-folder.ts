/** Makes the folder in which the temporary files of one exchange are kept. */

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is still there, for the case that the process ends before the exchanges do. */
const unremoved = new Set<string>();

function removeAll(): void {
  for (const path of unremoved) rmSync(path, { recursive: true, force: true });
}

export class TemporaryFolder {
  readonly #parent: string;
  #made: Promise<string> | undefined = undefined;
  #count = 0;
  #isRemoved = false;

  /** Makes nothing yet. `parent` is the directory below which it is made, by default the system's own. */
  constructor(parent = tmpdir()) {
    this.#parent = parent;
  }

  /** Gives the path of a file that is not there yet, in a folder that only this user can enter. */
  async pathOfNext(): Promise<string> {
    if (this.#isRemoved) throw new Error('The exchange is over: no more temporary files are made for it');
    this.#made ??= this.#make();
    const folder = await this.#made;
    return join(folder, String(++this.#count));
  }

  /** Removes the folder with all that is in it. Asked again, there is nothing left to do. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    const folder = await this.#made?.catch(() => undefined);
    if (folder === undefined) return;
    // A file may be opened at this very moment: then there is one more to remove.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    unremoved.delete(folder);
    if (unremoved.size === 0) process.off('exit', removeAll);
  }

  async #make(): Promise<string> {
    const folder = await mkdtemp(join(this.#parent, 'luminaire-'));
    if (unremoved.size === 0) process.on('exit', removeAll);
    unremoved.add(folder);
    return folder;
  }
}
