/** Holds one file of a form that was read whole. */

import { createReadStream } from 'node:fs';
import { constants, copyFile, link, open, readFile, rename, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { decodeText } from '../request-body.js';

/** What is known of a file whatever became of its bytes. Name and type are the client's word, not to be relied on. */
export interface FileDescription {
  /** The name of the form's field. */
  readonly name: string;
  /**
   * The name of the file as it can be shown: no path, no control character, empty where there was none. Two files may
   * have the same one: keep them under names of your own.
   */
  readonly filename: string;
  /** The media type that the client says it has. Default `application/octet-stream`. */
  readonly type: string;
}

/** How a file of a form is written to disk. */
export interface SaveOptions {
  /** Replaces a file that is there. Default false: then it is an error, `EEXIST`. */
  readonly overwrite?: boolean;
}

/** Bytes that are in a temporary file. */
export interface StoredContent {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** What the constructor is told: a file of a form may have no name of its own, and no type. */
type FileGiven = Pick<FileDescription, 'name'> & Partial<FileDescription>;

export class UploadedFile implements FileDescription {
  readonly name: string;
  readonly filename: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  #bytes: Buffer | undefined;
  #path: string | undefined;
  #isTemporary: boolean;

  /** Makes a file of bytes in memory, as a test may want one; or of a temporary file, which `saveTo` moves. */
  constructor(description: FileGiven, content: Uint8Array | StoredContent) {
    const { name, filename = '', type = 'application/octet-stream' } = description;
    const isStored = !(content instanceof Uint8Array);
    this.name = name;
    this.filename = filename;
    this.type = type;
    this.size = isStored ? content.size : content.length;
    this.#bytes = isStored ? undefined : Buffer.from(content.buffer, content.byteOffset, content.length);
    this.#path = isStored ? content.path : undefined;
    this.#isTemporary = isStored;
  }

  /**
   * Where the file is: the temporary file of a form that is kept on disk, or what {@link saveTo} made of it;
   * `undefined` for one in memory.
   */
  get path(): string | undefined {
    return this.#path;
  }

  /** The content. Of a file on disk it is read anew each time. */
  async bytes(): Promise<Buffer> {
    return this.#bytes ?? readFile(this.#path as string);
  }

  /** The content as UTF-8. @throws HttpError 400 where it is not UTF-8. */
  async text(): Promise<string> {
    return decodeText(await this.bytes());
  }

  /** The content piece by piece, from its beginning. */
  stream(): Readable {
    return this.#bytes === undefined ? createReadStream(this.#path as string) : Readable.from([this.#bytes]);
  }

  /**
   * Keeps the file at `path`, beyond the end of the exchange: a temporary file is moved there, one in memory written.
   *
   * @throws Error `EEXIST` where something is there already, unless `overwrite` is set.
   */
  async saveTo(path: string, { overwrite = false }: SaveOptions = {}): Promise<void> {
    if (this.#bytes !== undefined) await writePieces(path, [this.#bytes], { overwrite });
    else if (this.#isTemporary) await moveFile(this.#path as string, path, overwrite);
    else await copyFile(this.#path as string, path, overwrite ? 0 : constants.COPYFILE_EXCL);
    this.#path = path;
    this.#isTemporary = false;
  }
}

/** Writes a file as its pieces come, and gives its size. What fails halfway leaves no file behind. */
export async function writePieces(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { overwrite = false }: SaveOptions = {},
): Promise<number> {
  const file = await open(path, overwrite ? 'w' : 'wx');
  let size = 0;
  try {
    for await (const piece of pieces) {
      await file.writeFile(piece);
      size += piece.length;
    }
  } catch (error) {
    await file.close();
    await unlink(path);
    throw error;
  }
  await file.close();
  return size;
}

/** `rename` replaces what is there without a word; a second name for the file, and then one less, does not. */
async function moveFile(from: string, to: string, overwrite: boolean): Promise<void> {
  try {
    if (overwrite) {
      await rename(from, to);
      return;
    }
    await link(from, to);
  } catch (error) {
    // Another file system, or one without links.
    if (!CANNOT_MOVE.has((error as NodeJS.ErrnoException).code)) throw error;
    await copyFile(from, to, overwrite ? 0 : constants.COPYFILE_EXCL);
  }
  await unlink(from);
}

const CANNOT_MOVE: ReadonlySet<string | undefined> = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);
