/** Decides how the content of a request is delimited, and what happens to its connection (RFC 9112 §6.3, §9.3). */

import { COMMA, NINE, skipWhitespace, startsWith, TOKEN, trimEnd, ZERO } from './chars.js';
import type { Rejection } from './rejection.js';

/** The `contentLength` of content in chunks: how long it is will be known at its end. */
export const CHUNKED = -1;

/** The largest Content-Length that is counted exactly has 16 digits. */
const MAX_LENGTH_DIGITS = 16;

const EXPECT = Buffer.from('expect');
const UPGRADE = Buffer.from('upgrade');
const CONNECTION = Buffer.from('connection');
const CONTENT_LENGTH = Buffer.from('content-length');
const TRANSFER_ENCODING = Buffer.from('transfer-encoding');
const CHUNKED_CODING = Buffer.from('chunked');
const CONTINUE = Buffer.from('100-continue');
const CLOSE = Buffer.from('close');
const KEEP_ALIVE = Buffer.from('keep-alive');

/** Gathers the fields that frame one request, one at a time; `conclude` judges them together. */
export class Framing {
  /** Content bytes: 0 when no field frames any, CHUNKED when Transfer-Encoding does. */
  contentLength = 0;
  /** Whether the connection goes on after this message (RFC 9112 §9.3). */
  keepsAlive = true;
  /** Whether the client waits for 100 before it sends its content. */
  expectsContinue = false;
  /** Whether the client offers another protocol on this connection (RFC 9110 §7.8). */
  upgrades = false;

  #hasLength = false;
  #isChunked = false;
  #closes = false;
  #persists = false;
  #listsUpgrade = false;
  #hasUpgrade = false;
  #expects = false;
  #expectsElse = false;

  /** Forgets the message. */
  reset(): void {
    this.contentLength = 0;
    this.keepsAlive = true;
    this.expectsContinue = false;
    this.upgrades = false;
    this.#hasLength = false;
    this.#isChunked = false;
    this.#closes = false;
    this.#persists = false;
    this.#listsUpgrade = false;
    this.#hasUpgrade = false;
    this.#expects = false;
    this.#expectsElse = false;
  }

  /** Reads one field line: its name in [nameStart, colon), its value in (colon, lineEnd). */
  readField(bytes: Buffer, nameStart: number, colon: number, lineEnd: number): Rejection | undefined {
    switch (colon - nameStart) {
      case 6:
        if (startsWith(bytes, nameStart, EXPECT)) this.#readExpect(bytes, colon + 1, lineEnd);
        return undefined;
      case 7:
        if (startsWith(bytes, nameStart, UPGRADE)) {
          this.#hasUpgrade ||= skipWhitespace(bytes, colon + 1, lineEnd) < lineEnd;
        }
        return undefined;
      case 10:
        if (startsWith(bytes, nameStart, CONNECTION)) this.#readConnection(bytes, colon + 1, lineEnd);
        return undefined;
      case 14:
        return startsWith(bytes, nameStart, CONTENT_LENGTH)
          ? this.#readContentLength(bytes, colon + 1, lineEnd)
          : undefined;
      case 17:
        return startsWith(bytes, nameStart, TRANSFER_ENCODING)
          ? this.#readTransferEncoding(bytes, colon + 1, lineEnd)
          : undefined;
      default:
        return undefined;
    }
  }

  /** Judges all the fields together once the head is complete. */
  conclude(minorVersion: 0 | 1): Rejection | undefined {
    if (this.#isChunked) {
      // RFC 9112 §6.1 lets a server go on in both cases; each is how a request is smuggled, so neither goes on.
      if (minorVersion === 0) return 'transfer-encoding-in-http-1.0';
      if (this.#hasLength) return 'transfer-encoding-with-content-length';
      this.contentLength = CHUNKED;
    }
    this.keepsAlive = !this.#closes && (minorVersion === 1 || this.#persists);
    // HTTP/1.0 has neither expectations nor upgrades: both are ignored (RFC 9110 §10.1.1, §7.8).
    if (minorVersion === 0) return undefined;
    if (this.#expectsElse) return 'unknown-expectation';
    // Without content there is nothing to wait for, and no 100 is owed (RFC 9110 §10.1.1).
    this.expectsContinue = this.#expects && this.contentLength !== 0;
    this.upgrades = this.#listsUpgrade && this.#hasUpgrade;
    return undefined;
  }

  /** Expect: 100-continue is the only expectation there is (RFC 9110 §10.1.1). */
  #readExpect(bytes: Buffer, valueStart: number, lineEnd: number): void {
    const start = skipWhitespace(bytes, valueStart, lineEnd);
    const end = trimEnd(bytes, start, lineEnd);
    if (isWord(bytes, start, end, CONTINUE)) this.#expects = true;
    else this.#expectsElse = true;
  }

  /** Connection = #connection-option (RFC 9110 §7.6.1). */
  #readConnection(bytes: Buffer, valueStart: number, lineEnd: number): void {
    for (let at = valueStart; at < lineEnd; ) {
      const itemEnd = endOfItem(bytes, at, lineEnd);
      const start = skipWhitespace(bytes, at, itemEnd);
      const end = trimEnd(bytes, start, itemEnd);
      if (isWord(bytes, start, end, CLOSE)) this.#closes = true;
      else if (isWord(bytes, start, end, KEEP_ALIVE)) this.#persists = true;
      else if (isWord(bytes, start, end, UPGRADE)) this.#listsUpgrade = true;
      at = itemEnd + 1;
    }
  }

  /**
   * Content-Length = 1*DIGIT (RFC 9110 §8.6). A list and a second field are refused even where all values are
   * equal, and so is a leading zero: another recipient may read it as octal.
   */
  #readContentLength(bytes: Buffer, valueStart: number, lineEnd: number): Rejection | undefined {
    if (this.#hasLength) return 'repeated-content-length';
    this.#hasLength = true;
    const start = skipWhitespace(bytes, valueStart, lineEnd);
    const end = trimEnd(bytes, start, lineEnd);
    if (start === end || (bytes[start] === ZERO && end - start > 1)) return 'bad-content-length';
    let length = 0;
    for (let i = start; i < end; i++) {
      if (bytes[i] < ZERO || bytes[i] > NINE) return 'bad-content-length';
      length = length * 10 + (bytes[i] - ZERO);
    }
    if (end - start > MAX_LENGTH_DIGITS || length > Number.MAX_SAFE_INTEGER) return 'content-length-too-large';
    this.contentLength = length;
    return undefined;
  }

  /**
   * Transfer-Encoding = #transfer-coding (RFC 9112 §6.1), of which only `chunked` is decoded. A list of tokens that
   * ends in one `chunked` is well-formed but not supported; anything else leaves the length of the content unknown.
   */
  #readTransferEncoding(bytes: Buffer, valueStart: number, lineEnd: number): Rejection | undefined {
    if (this.#isChunked) return 'repeated-transfer-encoding';
    let codings = 0;
    let chunked = 0;
    let endsInChunked = false;
    for (let at = valueStart; at <= lineEnd; ) {
      const itemEnd = endOfItem(bytes, at, lineEnd);
      const start = skipWhitespace(bytes, at, itemEnd);
      const end = trimEnd(bytes, start, itemEnd);
      if (!isTokenAt(bytes, start, end)) return 'bad-transfer-encoding';
      endsInChunked = isWord(bytes, start, end, CHUNKED_CODING);
      if (endsInChunked) chunked++;
      codings++;
      at = itemEnd + 1;
    }
    if (!endsInChunked || chunked > 1) return 'bad-transfer-encoding';
    if (codings > 1) return 'unsupported-transfer-encoding';
    this.#isChunked = true;
    return undefined;
  }
}

/** Finds the comma that ends the list item at `start`, or `end`. */
function endOfItem(bytes: Buffer, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== COMMA) i++;
  return i;
}

/** Tells whether [start, end) is `word`, whatever its case. */
function isWord(bytes: Buffer, start: number, end: number, word: Uint8Array): boolean {
  return end - start === word.length && startsWith(bytes, start, word);
}

function isTokenAt(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (TOKEN[bytes[i]] === 0) return false;
  }
  return end > start;
}
