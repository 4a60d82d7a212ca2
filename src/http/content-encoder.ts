/** Passes the content of one response through a transform, gzip for instance, before it is framed. */

import type { Duplex } from 'node:stream';
import type { ContentStream } from './content-stream.js';

/** Ends a block, so that what was put in comes out: what the streams of `node:zlib` have. */
interface Flushing {
  flush?(): void;
}

/** What becomes of the content once the transform has given its last byte, or failed. */
export interface EncoderEvents {
  onEnd(): void;
  onError(error: Error): void;
}

export class ContentEncoder {
  readonly #transform: Duplex & Flushing;
  #flushIsScheduled = false;

  constructor(transform: Duplex, content: ContentStream, events: EncoderEvents) {
    this.#transform = transform;
    transform.on('data', (piece: Uint8Array) => {
      const slow = content.write(piece);
      if (slow === undefined) return;
      transform.pause();
      void slow.then(() => transform.resume());
    });
    transform.on('end', events.onEnd);
    transform.on('error', events.onError);
  }

  /** Takes one piece. Returns a promise only where the client, or the transform, is slower than the pieces come. */
  write(piece: string | Uint8Array): void | Promise<void> {
    const transform = this.#transform;
    if (transform.destroyed) return;
    const hasRoom = transform.write(piece);
    this.#flushSoon();
    if (hasRoom) return;
    return new Promise((resolve) => {
      const settle = () => {
        transform.off('drain', settle).off('close', settle);
        resolve();
      };
      transform.on('drain', settle).on('close', settle);
    });
  }

  end(): void {
    this.#transform.end();
  }

  destroy(): void {
    this.#transform.destroy();
  }

  /** Content that comes slowly is not kept back until a block is full: its client waits for it. */
  #flushSoon(): void {
    const transform = this.#transform;
    if (this.#flushIsScheduled || transform.flush === undefined) return;
    this.#flushIsScheduled = true;
    setImmediate(() => {
      this.#flushIsScheduled = false;
      if (!transform.writableEnded && !transform.destroyed) transform.flush?.();
    });
  }
}
