/** Reads the content of one part of a form from the stream that its splitter writes. */

import type { Readable } from 'node:stream';

/** The content of one part, piece by piece. Nothing is buffered beyond a piece that is not yet asked for. */
export class PartContent implements AsyncIterable<Uint8Array> {
  readonly #stream: Readable;
  readonly #pieces: Uint8Array[] = [];
  #isEnded = false;
  #error: Error | undefined = undefined;
  #wake: () => void = () => {};

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.pause();
    stream.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      stream.pause();
      this.#wake();
    });
    stream.on('end', () => {
      this.#isEnded = true;
      this.#wake();
    });
    // The splitter has an error of its own, and tells by `fail`.
    stream.on('error', () => {});
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) yield piece;
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#isEnded) return;
      else {
        this.#stream.resume();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Drops what was not read: the parts behind it would wait for ever. Whoever still reads it is told. */
  skip(): void {
    this.#error ??= new Error('The part was dropped when the next was asked for: read it before');
    this.#stream.removeAllListeners('data');
    this.#stream.resume();
    this.#pieces.length = 0;
    this.#wake();
  }

  /** Ends the content by an error, unless it was complete before. */
  fail(error: Error): void {
    if (!this.#isEnded) this.#error = error;
    this.#wake();
  }
}
