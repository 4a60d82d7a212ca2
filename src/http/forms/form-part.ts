/** Presents one part of a form that is read as it arrives. */

import { decodeText } from '../request-body.js';
import { type FileDescription, type SaveOptions, writePieces } from './uploaded-file.js';

/** A text field of a form that is read as it arrives. */
export interface FormField {
  readonly kind: 'field';
  readonly name: string;
  readonly value: string;
}

/** One part of a form that is read as it arrives. */
export type FormPart = FormField | FilePart;

/** A file that is still arriving. It can be read once, and no longer once the next part is asked for. */
export class FilePart implements FileDescription, AsyncIterable<Uint8Array> {
  readonly kind = 'file';
  readonly name: string;
  readonly filename: string;
  readonly type: string;
  readonly #content: AsyncIterable<Uint8Array>;
  #isRead = false;

  /** @internal */
  constructor({ name, filename, type }: FileDescription, content: AsyncIterable<Uint8Array>) {
    this.name = name;
    this.filename = filename;
    this.type = type;
    this.#content = content;
  }

  /**
   * The content piece by piece, no faster than it is consumed.
   *
   * @throws HttpError 413 over `maxFileSize`. Error where it was read before.
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#isRead) throw new Error(`The file ${JSON.stringify(this.name)} was already read`);
    this.#isRead = true;
    return this.#content[Symbol.asyncIterator]();
  }

  /** The whole content. @throws as the iterator does. */
  async bytes(): Promise<Buffer> {
    return joinPieces(this);
  }

  /** The content as UTF-8. @throws HttpError as {@link bytes}, and 400 where it is not UTF-8. */
  async text(): Promise<string> {
    return decodeText(await this.bytes());
  }

  /**
   * Writes the file to `path` as it arrives, and gives its size in bytes. What fails halfway leaves no file behind.
   *
   * @throws HttpError as {@link bytes}; Error `EEXIST` where something is there already, unless `overwrite` is set.
   */
  async saveTo(path: string, options?: SaveOptions): Promise<number> {
    return writePieces(path, this, options);
  }
}

/** Reads `content` to its end. */
export async function joinPieces(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
