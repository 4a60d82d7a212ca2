/** Decodes chunked content (RFC 9112 §7.1). */

import { COLON, CR, FIELD_VALUE, HEX_VALUE, HTAB, LF, latin1, NOT_HEX, SEMICOLON, SP, TOKEN } from './chars.js';
import { BEFORE_EXTENSION, mayEndExtension, NO_EXTENSION, nextExtensionState } from './chunk-extension.js';
import { NEED_MORE, REJECTED } from './head-parser.js';
import type { Rejection } from './rejection.js';
import { isForbiddenTrailer } from './trailers.js';

export { NEED_MORE, REJECTED } from './head-parser.js';

/** A piece of content stands in [dataStart, dataEnd). */
export const DATA = 3;
/** The content and its trailer section have ended. */
export const DONE = 4;

/** How much of chunked content that is no data is read before the message is refused. */
export interface ChunkedLimits {
  /** Most bytes of chunk extensions in the whole message: small chunks cannot carry more in sum. Default 4096. */
  readonly maxExtensionSize?: number;
  /** Longest trailer section, in bytes, without the empty line that ends it. Default 8192. */
  readonly maxTrailerSize?: number;
}

/** 52 bits, so that the size stays exact. */
const MAX_SIZE_DIGITS = 13;

/** At the first digit of a size. */
const AT_SIZE = 0;
/** After a digit of a size. */
const IN_SIZE = 1;
/** In the extensions of a chunk. */
const IN_EXTENSION = 2;
/** At the LF that ends a size. */
const AT_SIZE_LF = 3;
/** In the data of a chunk. */
const IN_DATA = 4;
/** At the CR after the data. */
const AT_DATA_CR = 5;
/** At the LF after the data. */
const AT_DATA_LF = 6;
/** At the start of a trailer field, or of the empty line that ends the message. */
const AT_TRAILER = 7;
/** In the name of a trailer field. */
const IN_TRAILER_NAME = 8;
/** In the value of a trailer field. */
const IN_TRAILER_VALUE = 9;
/** At the LF that ends a trailer field. */
const AT_TRAILER_LF = 10;
/** At the last LF of the message. */
const AT_LAST_LF = 11;
/** After the message. */
const AT_END = 12;
/** The message was refused. */
const FAILED = 13;

/**
 * Decodes the content of one message at a time, handing out its data in place. Every line ends in CR LF and nothing
 * else: the tolerance of RFC 9112 §2.2 for a bare LF is not meant for chunked framing (erratum 7633).
 */
export class ChunkedDecoder {
  /** What the last call came to. */
  result: typeof NEED_MORE | typeof DATA | typeof DONE | typeof REJECTED = NEED_MORE;
  /** Where the data begins, in the bytes of the last call; only after DATA. */
  dataStart = 0;
  /** Where the data ends, in the bytes of the last call; only after DATA. */
  dataEnd = 0;
  /** Why the message is refused, after REJECTED. */
  rejection: Rejection | undefined = undefined;

  readonly #maxExtensionSize: number;
  readonly #maxTrailerSize: number;
  #state = AT_SIZE;
  #digits = 0;
  /** The size of the chunk, then how much of its data is still to come. */
  #remaining = 0;
  #extensionState = BEFORE_EXTENSION;
  /** Over the whole message. */
  #extensionSize = 0;
  #trailerSize = 0;
  #name = '';
  #value = '';
  #trailers: (readonly [name: string, value: string])[] = [];

  constructor(limits: ChunkedLimits = {}) {
    this.#maxExtensionSize = limits.maxExtensionSize ?? 4096;
    this.#maxTrailerSize = limits.maxTrailerSize ?? 8192;
  }

  /** The trailer fields, in the order in which they were sent; complete after DONE. */
  get trailers(): ReadonlyArray<readonly [name: string, value: string]> {
    return this.#trailers;
  }

  /** Makes ready for the content of another message. */
  reset(): void {
    this.result = NEED_MORE;
    this.dataStart = 0;
    this.dataEnd = 0;
    this.rejection = undefined;
    this.#state = AT_SIZE;
    this.#digits = 0;
    this.#remaining = 0;
    this.#extensionState = BEFORE_EXTENSION;
    this.#extensionSize = 0;
    this.#trailerSize = 0;
    this.#name = '';
    this.#value = '';
    this.#trailers = [];
  }

  /**
   * Reads [position, end) up to the next piece of data, the end of the message or the end of the bytes, and gives the
   * offset of the first byte that it has not read. What it came to is in `result`.
   */
  decode(bytes: Buffer, position: number, end: number): number {
    let at = position;
    this.result = NEED_MORE;
    while (at < end && this.#state < AT_END) {
      if (this.#state === IN_DATA) return this.#takeData(at, end);
      at = this.#state >= AT_TRAILER ? this.#readTrailers(bytes, at, end) : this.#readFraming(bytes[at], at);
    }
    if (this.#state === AT_END) this.result = DONE;
    if (this.#state === FAILED) this.result = REJECTED;
    return at;
  }

  #takeData(at: number, end: number): number {
    this.dataStart = at;
    this.dataEnd = Math.min(end, at + this.#remaining);
    this.#remaining -= this.dataEnd - at;
    if (this.#remaining === 0) this.#state = AT_DATA_CR;
    this.result = DATA;
    return this.dataEnd;
  }

  /** chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF, but for the data. */
  #readFraming(octet: number, at: number): number {
    switch (this.#state) {
      case AT_SIZE:
      case IN_SIZE:
        return this.#readSize(octet, at);
      case IN_EXTENSION:
        return this.#readExtension(octet, at);
      case AT_SIZE_LF:
        if (octet !== LF) return this.#reject('bad-line-end', at);
        this.#state = this.#remaining === 0 ? AT_TRAILER : IN_DATA;
        return at + 1;
      case AT_DATA_CR:
        return this.#expect(octet === CR, AT_DATA_LF, at);
      default:
        this.#digits = 0;
        return this.#expect(octet === LF, AT_SIZE, at);
    }
  }

  /** chunk-size = 1*HEXDIG. Multiplied and bounded: shifts would wrap at 32 bits, an endless number would not stay exact. */
  #readSize(octet: number, at: number): number {
    const digit = HEX_VALUE[octet];
    if (digit !== NOT_HEX) {
      if (++this.#digits > MAX_SIZE_DIGITS) return this.#reject('chunk-size-too-large', at);
      this.#remaining = this.#remaining * 16 + digit;
      this.#state = IN_SIZE;
      return at + 1;
    }
    if (this.#state === AT_SIZE) return this.#reject('bad-chunk-size', at);
    if (octet === CR) {
      this.#state = AT_SIZE_LF;
      return at + 1;
    }
    if (octet !== SEMICOLON && octet !== SP && octet !== HTAB) return this.#reject('bad-chunk-size', at);
    this.#state = IN_EXTENSION;
    this.#extensionState = BEFORE_EXTENSION;
    return at;
  }

  #readExtension(octet: number, at: number): number {
    if (octet === CR && mayEndExtension(this.#extensionState)) {
      this.#state = AT_SIZE_LF;
      return at + 1;
    }
    this.#extensionState = nextExtensionState(this.#extensionState, octet);
    if (this.#extensionState === NO_EXTENSION) return this.#reject('bad-chunk-extension', at);
    if (++this.#extensionSize > this.#maxExtensionSize) return this.#reject('chunk-extensions-too-large', at);
    return at + 1;
  }

  #expect(isThere: boolean, next: number, at: number): number {
    if (!isThere) return this.#reject('bad-chunk-end', at);
    this.#state = next;
    return at + 1;
  }

  /** trailer-section = *( field-line CRLF ), then CRLF. */
  #readTrailers(bytes: Buffer, at: number, end: number): number {
    switch (this.#state) {
      case AT_TRAILER:
        this.#state = bytes[at] === CR ? AT_LAST_LF : IN_TRAILER_NAME;
        return bytes[at] === CR ? at + 1 : at;
      case IN_TRAILER_NAME:
        return this.#readTrailerName(bytes, at, end);
      case IN_TRAILER_VALUE:
        return this.#readTrailerValue(bytes, at, end);
      case AT_TRAILER_LF:
        return this.#endTrailer(bytes[at], at);
      default:
        if (bytes[at] !== LF) return this.#reject('bad-line-end', at);
        this.#state = AT_END;
        return at + 1;
    }
  }

  #readTrailerName(bytes: Buffer, start: number, end: number): number {
    const limit = this.#trailerLimit(start, end);
    let i = start;
    while (i < limit && TOKEN[bytes[i]] === 1) i++;
    this.#name += latin1(bytes, start, i);
    if (!this.#countTrailer(i - start, i, limit, end)) return i;
    if (bytes[i] !== COLON || this.#name === '') return this.#reject('bad-trailer', i);
    if (isForbiddenTrailer(this.#name)) return this.#reject('forbidden-trailer', i);
    this.#state = IN_TRAILER_VALUE;
    this.#trailerSize++;
    return i + 1;
  }

  #readTrailerValue(bytes: Buffer, start: number, end: number): number {
    const limit = this.#trailerLimit(start, end);
    let i = start;
    while (i < limit && FIELD_VALUE[bytes[i]] === 1) i++;
    this.#value += latin1(bytes, start, i);
    if (!this.#countTrailer(i - start, i, limit, end)) return i;
    if (bytes[i] !== CR) return this.#reject('bad-trailer', i);
    this.#state = AT_TRAILER_LF;
    this.#trailerSize++;
    return i + 1;
  }

  #endTrailer(octet: number, at: number): number {
    if (octet !== LF) return this.#reject('bad-trailer', at);
    if (++this.#trailerSize > this.#maxTrailerSize) return this.#reject('trailers-too-large', at);
    // Only SP and HTAB: `trim` would take U+00A0 too.
    this.#trailers.push([this.#name, this.#value.replace(/^[ \t]+|[ \t]+$/g, '')]);
    this.#name = '';
    this.#value = '';
    this.#state = AT_TRAILER;
    return at + 1;
  }

  /** Finds how far the trailer section may be read. */
  #trailerLimit(start: number, end: number): number {
    return Math.min(end, start + this.#maxTrailerSize - this.#trailerSize);
  }

  /** Counts bytes of the trailer section; false when there is no byte at `i` to go on with. */
  #countTrailer(size: number, i: number, limit: number, end: number): boolean {
    this.#trailerSize += size;
    if (i < limit) return true;
    if (i < end) this.#reject('trailers-too-large', i);
    return false;
  }

  #reject(rejection: Rejection, at: number): number {
    this.rejection = rejection;
    this.#state = FAILED;
    return at;
  }
}
