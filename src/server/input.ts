/** Holds what a socket has sent and nobody has consumed yet. */

const NO_BYTES = Buffer.alloc(0);

/** A window on received bytes. Bytes once received are never overwritten: heads and content go on pointing at them. */
export class Input {
  bytes: Buffer = NO_BYTES;
  /** Offset of the first byte not yet consumed. */
  position = 0;
  /** Offset after the last byte received. */
  end = 0;
  #isOwn = false;

  get isEmpty(): boolean {
    return this.position === this.end;
  }

  /** Takes `chunk` as it is where nothing is left over; otherwise joins it to the rest, in a buffer that doubles. */
  append(chunk: Buffer): void {
    if (this.position === this.end) {
      this.bytes = chunk;
      this.position = 0;
      this.end = chunk.length;
      this.#isOwn = false;
      return;
    }
    if (!this.#isOwn || this.end + chunk.length > this.bytes.length) this.#grow(chunk.length);
    chunk.copy(this.bytes, this.end);
    this.end += chunk.length;
  }

  /** Lets go of everything: an idle connection holds no buffer. */
  release(): void {
    this.bytes = NO_BYTES;
    this.position = 0;
    this.end = 0;
    this.#isOwn = false;
  }

  #grow(added: number): void {
    const size = this.end - this.position;
    const grown = Buffer.allocUnsafeSlow(Math.max((size + added) * 2, 1024));
    this.bytes.copy(grown, 0, this.position, this.end);
    this.bytes = grown;
    this.position = 0;
    this.end = size;
    this.#isOwn = true;
  }
}
