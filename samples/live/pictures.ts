import { randomUUID } from 'node:crypto';

/** A picture as it was uploaded. */
export interface StoredPicture {
  readonly id: string;
  readonly type: string;
  readonly bytes: Buffer;
}

const MAX_PICTURES = 20;

/** How the files of each type begin, as latin1, `.` for any byte. What a client says of a file proves nothing. */
const BEGINNINGS = {
  'image/png': '\x89PNG\r\n\x1a\n',
  'image/jpeg': '\xff\xd8\xff',
  'image/gif': 'GIF8',
  'image/webp': 'RIFF....WEBP',
} as const;

/** Keeps the last pictures in memory. */
export class Pictures {
  readonly #pictures = new Map<string, StoredPicture>();

  /** Gives `undefined` for what is none of the types that browsers show and nobody can write scripts in. */
  add(bytes: Buffer): StoredPicture | undefined {
    const type = typeOf(bytes);
    if (type === undefined) return undefined;
    const picture = { id: randomUUID(), type, bytes };
    this.#pictures.set(picture.id, picture);
    const [oldest] = this.#pictures.keys();
    if (this.#pictures.size > MAX_PICTURES && oldest !== undefined) this.#pictures.delete(oldest);
    return picture;
  }

  find(id: string): StoredPicture | undefined {
    return this.#pictures.get(id);
  }
}

function typeOf(bytes: Buffer): string | undefined {
  const begins = ([, beginning]: readonly [string, string]) =>
    [...beginning].every((byte, i) => byte === '.' || byte.charCodeAt(0) === bytes[i]);
  return Object.entries(BEGINNINGS).find(begins)?.[0];
}
