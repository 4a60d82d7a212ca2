/** Opens what a response can stream, in one form. */

import { Readable } from 'node:stream';
import { ClientGone } from './request-body.js';

/** What {@link Response.stream} sends: text goes as UTF-8. */
export type StreamSource = Readable | ReadableStream<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

type Pieces = AsyncIterator<Uint8Array | string, unknown, undefined>;

/** The pieces of a source, and what stops it even while a piece is awaited. */
export function openSource(source: StreamSource): [pieces: Pieces, cancel: () => void] {
  if (source instanceof ReadableStream) {
    const reader = source.getReader();
    const pieces: Pieces = { next: () => reader.read() as Promise<IteratorResult<Uint8Array | string>> };
    return [pieces, () => void reader.cancel(new ClientGone()).catch(() => {})];
  }
  const pieces = source[Symbol.asyncIterator]() as Pieces;
  if (source instanceof Readable) return [pieces, () => void source.destroy()];
  return [pieces, () => void Promise.resolve(pieces.return?.(undefined)).catch(() => {})];
}

/** Lets go of a source that nobody will read: it may hold a file, or a connection. One that is being read is left alone. */
export function cancelSource(source: StreamSource): void {
  if (source instanceof ReadableStream && source.locked) return;
  const [, cancel] = openSource(source);
  cancel();
}
