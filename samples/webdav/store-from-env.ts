/** Makes the store that the environment names. */

import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FolderStore } from './folder-store.js';
import { MemoryStore } from './memory-store.js';
import type { Store } from './store.js';

/**
 * `WEBDAV_FOLDER` is the folder to serve, or `memory` for none. Default: `luminaire-webdav` among the temporary files,
 * which is made where it is missing.
 */
export function storeFromEnv(): Store {
  const { WEBDAV_FOLDER: folder } = process.env;
  if (folder === 'memory') return new MemoryStore();
  if (folder !== undefined) return new FolderStore(resolve(folder));
  const byDefault = join(tmpdir(), 'luminaire-webdav');
  mkdirSync(byDefault, { recursive: true });
  return new FolderStore(byDefault);
}
