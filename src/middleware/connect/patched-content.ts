/** Passes the content of a handler's answer through the `write` and `end` of Connect-style middleware. */

import { Duplex } from 'node:stream';

/** A response whose `write` and `end` are middleware's own, or were before it was patched again. */
interface PatchedResponse {
  writableEnded: boolean;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  once(event: 'drain', listener: () => void): unknown;
  flush?: unknown;
}

/**
 * What is written into it goes to middleware; what middleware writes in the end, to the methods it found, is taken and
 * comes out.
 */
export class PatchedContent extends Duplex {
  readonly #patched: PatchedResponse;

  constructor(patched: PatchedResponse) {
    super();
    this.#patched = patched;
  }

  /** Takes what middleware has made of the content. */
  accept(chunk: string | Uint8Array): void {
    if (chunk.length > 0) this.push(chunk);
  }

  /** Takes the last of it. */
  finish(chunk: string | Uint8Array | undefined): void {
    if (chunk !== undefined) this.accept(chunk);
    this.push(null);
  }

  /** Hands out what middleware keeps back, where it can: compression adds `flush` to the response. */
  flush(): void {
    const { flush } = this.#patched;
    if (typeof flush === 'function') flush.call(this.#patched);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#patched.write(chunk) === false) this.#patched.once('drain', done);
    else done();
  }

  override _final(done: () => void): void {
    this.#patched.end();
    done();
  }

  /** An answer without content has no end but this: what middleware does then is still to be done. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.writableEnded && !this.#patched.writableEnded) this.#patched.end();
    done(error);
  }
}
