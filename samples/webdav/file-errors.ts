/** Says what an error of the file system means to a client. */

import { HttpError } from 'luminaire';

const MEANINGS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ENOENT: [409, 'It, or the collection it belongs to, is gone.'],
  ENOTDIR: [409, 'What should hold it is no collection.'],
  EISDIR: [409, 'There is a collection of this name.'],
  ENOTEMPTY: [403, 'It holds something that has no URL.'],
  EEXIST: [403, 'Something that has no URL is there.'],
  EACCES: [403, 'The server may not do this.'],
  EPERM: [403, 'The server may not do this.'],
  EROFS: [403, 'The folder can only be read.'],
  ELOOP: [403, 'Symbolic links are not followed.'],
  EXDEV: [403, 'It is on another file system.'],
  EBUSY: [403, 'It is in use.'],
  ENAMETOOLONG: [403, 'The name is too long for the file system.'],
  EILSEQ: [403, 'The file system does not take such names.'],
  EINVAL: [403, 'The file system does not take such names.'],
  ENOSPC: [507, 'No space is left.'],
  EDQUOT: [507, 'The quota is used up.'],
  EFBIG: [507, 'It is too large for the file system.'],
};

/** The HttpError that a client is to see; anything unknown stays what it is, a fault. */
export function clientError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const meaning = code === undefined ? undefined : MEANINGS[code];
  return meaning === undefined ? error : new HttpError(meaning[1], meaning[0], { cause: error });
}

/** Whether there is nothing of that name. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  // No name that is too long is there, and nothing is below a file.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
