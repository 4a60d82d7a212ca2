/** Tells a client that floods a connection of HTTP/2 from one that uses it. */

/**
 * Most bytes from one look to the next, half a second later, that bring neither a request nor content: 80,000 frames of
 * the shortest kind, whichever it is. Clients that take a gigabyte a second acknowledge it with half as many.
 */
const MAX_NOISE = 1_048_576;

/** Streams that a client may leave or break from one look to the next without using up its store of them. */
const RESETS_A_LOOK = 10;

/** A window of content (RFC 9113 §6.9.2), which may come and never be asked for. */
const WINDOW = 65_535;

/** Bytes of frame headers, pseudo-header names and the like around a short request. */
const FRAMING = 64;

export class Noise {
  /** Streams that may be left or broken at once. */
  readonly #maxResets: number;
  #resets = 0;
  /** Bytes that had come by the last look. */
  #come = 0;
  /** Bytes since then that had a use, or may have one yet. */
  #useful = 0;

  constructor(maxConcurrentStreams: number) {
    this.#maxResets = 2 * maxConcurrentStreams;
  }

  /** Takes note of a request, whose field section has this many characters. */
  noteRequest(sectionSize: number, hasContent: boolean): void {
    this.#useful += FRAMING + sectionSize + (hasContent ? WINDOW : 0);
  }

  /** Takes note of content that a handler has read. */
  noteContent(size: number): void {
    this.#useful += size;
  }

  /** Takes note of a stream that the client has left or broken. True where there are too many (CVE-2023-44487). */
  noteReset(): boolean {
    return ++this.#resets > this.#maxResets;
  }

  /** Looks at how many bytes have come in all. True where too many of those since the last look had no use. */
  isTooMuch(come: number): boolean {
    const noise = come - this.#come - this.#useful;
    this.#come = come;
    this.#useful = 0;
    this.#resets = Math.max(0, this.#resets - RESETS_A_LOOK);
    return noise > MAX_NOISE;
  }
}
