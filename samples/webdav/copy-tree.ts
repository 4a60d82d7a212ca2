/** Copies a resource of the served folder to where nobody sees it. */

import { createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HttpError } from 'luminaire';
import { clientError } from './file-errors.js';
import type { ResourcePath } from './path.js';
import type { ServedFolder } from './served-folder.js';
import type { Failure } from './store.js';

/**
 * Copies the file or folder at `path` to `name`, and what is in it where `isDeep`. Members that cannot be copied are
 * left out and added to `failures` (RFC 4918 §9.8.3).
 *
 * @throws HttpError where `path` itself cannot be copied.
 */
export async function copyTree(
  files: ServedFolder,
  path: ResourcePath,
  name: string,
  isDeep: boolean,
  failures: Failure[],
): Promise<void> {
  const resource = await files.find(path);
  HttpError.assert(resource, 'It is gone.', 404);
  if (!resource.isCollection) {
    await copyFile(files, path, name);
    return;
  }
  await mkdir(name);
  if (!isDeep) return;
  for await (const { path: member } of files.members(path)) {
    try {
      await copyTree(files, member, join(name, member.name), true, failures);
    } catch (error) {
      const refused = clientError(error);
      if (!(refused instanceof HttpError)) throw error;
      // Nothing can be copied once no space is left.
      if (refused.status === 507) throw refused;
      failures.push({ path: member, status: refused.status });
    }
  }
}

async function copyFile(files: ServedFolder, path: ResourcePath, name: string): Promise<void> {
  const opened = await files.open(path);
  HttpError.assert(opened, 'It is gone.', 404);
  const copy = await open(name, 'wx');
  // Streams close what they read and write.
  await pipeline(opened.handle.createReadStream(), createWriteStream('', { fd: copy, flush: true }));
}
