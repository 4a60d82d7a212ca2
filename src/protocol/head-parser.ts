/** Parses the heads of requests: a request line and field lines (RFC 9112 §2.2 to §5). */

import {
  COLON,
  CR,
  DOT,
  FIELD_VALUE,
  HTAB,
  LF,
  NINE,
  ONE,
  SP,
  skipWhitespace,
  startsWith,
  TARGET,
  TOKEN,
  trimEnd,
  ZERO,
} from './chars.js';
import { Framing } from './framing.js';
import { isAuthority } from './host.js';
import { MessageHead } from './message-head.js';
import { readMethod } from './methods.js';
import type { Rejection } from './rejection.js';
import { formOf, type TargetForm } from './target.js';

/** All bytes were read, and more are needed. */
export const NEED_MORE = 0;
/** The head has ended. */
export const COMPLETE = 1;
/** The message is refused; `rejection` tells why. */
export const REJECTED = 2;

/** How much of a head is read before it is refused. */
export interface HeadLimits {
  /** Longest head, in bytes, final CR LF included. */
  readonly maxHeaderSize: number;
  /** Most field lines. */
  readonly maxHeadersCount: number;
  /** Longest request-target, in bytes. */
  readonly maxTargetSize: number;
}

/** The longest registered method has 16 characters. What is no HTTP at all is refused before it is buffered. */
const MAX_METHOD_SIZE = 64;

const HTTP_SLASH = Buffer.from('HTTP/', 'latin1');
const HOST = Buffer.from('host', 'latin1');

/** Next is an empty line or a request line. */
const AT_START = 0;
/** Next is a request line. */
const AT_REQUEST_LINE = 1;
/** Next is a field line, or the empty line that ends the head. */
const AT_FIELD_LINE = 2;
/** The head has ended. */
const AT_END = 3;
/** The message was refused. */
const FAILED = 4;

/** A line has not ended, and nothing is wrong with it so far. */
const UNFINISHED = -1;
/** A line was refused. */
const REFUSED = -2;

/**
 * Parses the heads of one connection, one after the other. A head may come in any number of pieces: what is known
 * of it is kept relative to its first byte, and the next call goes on at its last complete line. The outcome is
 * that of the bytes, however they were cut.
 */
export class HeadParser {
  readonly #limits: HeadLimits;
  readonly #framing = new Framing();
  /** From the request line: its end, then the colon and the end of each field line. Kept from head to head. */
  readonly #marks: number[] = [];
  #markCount = 0;
  #state = AT_START;
  /** From the first byte: where the request line begins, after an empty line or none. */
  #skipped = 0;
  /** From the first byte: where the first incomplete line begins. */
  #position = 0;
  #rejection: Rejection | undefined = undefined;
  #method = '';
  #minorVersion: 0 | 1 = 1;
  #form: TargetForm = 'origin';
  #hasHost = false;
  #bytes: Buffer | undefined = undefined;
  #start = 0;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Why the message is refused, once `parse` has given REJECTED. */
  get rejection(): Rejection | undefined {
    return this.#rejection;
  }

  /** Forgets the head, whatever is known of it. */
  reset(): void {
    this.#framing.reset();
    this.#markCount = 0;
    this.#state = AT_START;
    this.#skipped = 0;
    this.#position = 0;
    this.#rejection = undefined;
    this.#hasHost = false;
    this.#bytes = undefined;
  }

  /**
   * Reads the head whose first byte is at `start` and of which all bytes before `end` are there. The next call may
   * have more bytes in another buffer. An error is found at the first byte that makes the head invalid.
   */
  parse(bytes: Buffer, start: number, end: number): typeof NEED_MORE | typeof COMPLETE | typeof REJECTED {
    const last = start + this.#limits.maxHeaderSize;
    // Bytes over the limit are not looked at, so that an error among them is found or not however they were cut.
    const limit = Math.min(end, last);
    let at = start + this.#position;
    while (this.#state < AT_END) {
      const next = this.#parseLine(bytes, start, at, limit);
      if (next < 0) {
        if (next === UNFINISHED && limit === last) this.#reject('head-too-large');
        break;
      }
      at = next;
    }
    this.#position = at - start;
    if (this.#state === AT_END) {
      this.#bytes = bytes;
      this.#start = start;
      return COMPLETE;
    }
    return this.#state === FAILED ? REJECTED : NEED_MORE;
  }

  /** Gives the head for which `parse` has given COMPLETE, and makes ready for the next. */
  takeHead(): MessageHead {
    if (this.#bytes === undefined) throw new Error('takeHead() was called before parse() gave COMPLETE');
    const head = new MessageHead(
      this.#bytes,
      this.#start + this.#skipped,
      this.#start + this.#position,
      this.#method,
      this.#minorVersion,
      this.#form,
      this.#marks.slice(0, this.#markCount),
      this.#framing,
    );
    this.reset();
    return head;
  }

  /** Reads the line at `at`: gives the offset of the next one, UNFINISHED or REFUSED. */
  #parseLine(bytes: Buffer, start: number, at: number, limit: number): number {
    if (this.#state === AT_FIELD_LINE) return this.#parseFieldLine(bytes, start, at, limit);
    if (this.#state === AT_START && at < limit) {
      this.#state = AT_REQUEST_LINE;
      // One empty line before a request line is passed over (RFC 9112 §2.2): some clients end content with one.
      if (bytes[at] === CR) {
        if (at + 1 === limit) {
          this.#state = AT_START;
          return UNFINISHED;
        }
        if (bytes[at + 1] !== LF) return this.#reject('bad-line-end');
        this.#skipped = 2;
        return at + 2;
      }
    }
    return this.#parseRequestLine(bytes, at, limit);
  }

  /** request-line = method SP request-target SP HTTP-version CRLF (RFC 9112 §3). */
  #parseRequestLine(bytes: Buffer, start: number, limit: number): number {
    const methodLimit = Math.min(limit, start + MAX_METHOD_SIZE + 1);
    let i = start;
    while (i < methodLimit && TOKEN[bytes[i]] === 1) i++;
    if (i - start > MAX_METHOD_SIZE) return this.#reject('bad-method');
    if (i === limit) return UNFINISHED;
    if (bytes[i] !== SP || i === start) return this.#reject('bad-method');
    const methodEnd = i++;

    const targetLimit = Math.min(limit, i + this.#limits.maxTargetSize + 1);
    while (i < targetLimit && TARGET[bytes[i]] === 1) i++;
    if (i - methodEnd - 1 > this.#limits.maxTargetSize) return this.#reject('target-too-long');
    if (i === limit) return UNFINISHED;
    if (bytes[i] !== SP) return this.#reject('bad-target');
    this.#method = readMethod(bytes, start, methodEnd);
    const form = formOf(bytes, methodEnd + 1, i, this.#method);
    if (form === undefined) return this.#reject('bad-target');
    this.#form = form;
    return this.#parseVersion(bytes, start, i + 1, limit);
  }

  /** HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3), and the end of the request line that begins at `start`. */
  #parseVersion(bytes: Buffer, start: number, at: number, limit: number): number {
    for (let i = 0; i < 8; i++) {
      if (at + i === limit) return UNFINISHED;
      const octet = bytes[at + i];
      const fits = i < 5 ? octet === HTTP_SLASH[i] : i === 6 ? octet === DOT : octet >= ZERO && octet <= NINE;
      if (!fits) return this.#reject('bad-version');
    }
    if (bytes[at + 5] !== ONE) return this.#reject('unsupported-version');
    // A higher minor version is served as the highest one known (RFC 9110 §2.5).
    this.#minorVersion = bytes[at + 7] === ZERO ? 0 : 1;
    const lineEnd = at + 8;
    if (lineEnd === limit) return UNFINISHED;
    if (bytes[lineEnd] !== CR) return this.#reject(bytes[lineEnd] === LF ? 'bad-line-end' : 'bad-version');
    if (lineEnd + 1 === limit) return UNFINISHED;
    if (bytes[lineEnd + 1] !== LF) return this.#reject('bad-line-end');
    this.#marks[0] = lineEnd - start;
    this.#markCount = 1;
    this.#state = AT_FIELD_LINE;
    return lineEnd + 2;
  }

  /** field-line = field-name ":" OWS field-value OWS CRLF (RFC 9112 §5), or the empty line that ends the head. */
  #parseFieldLine(bytes: Buffer, headStart: number, start: number, limit: number): number {
    let i = start;
    while (i < limit && TOKEN[bytes[i]] === 1) i++;
    if (i === limit) return UNFINISHED;
    if (bytes[i] !== COLON || i === start) return this.#endHead(bytes, start, i, limit);
    const colon = i++;
    if (this.#markCount > 2 * this.#limits.maxHeadersCount) return this.#reject('too-many-fields');

    while (i < limit && FIELD_VALUE[bytes[i]] === 1) i++;
    if (i === limit) return UNFINISHED;
    if (bytes[i] !== CR) return this.#reject(bytes[i] === LF ? 'bad-line-end' : 'bad-field-value');
    if (i + 1 === limit) return UNFINISHED;
    if (bytes[i + 1] !== LF) return this.#reject('bad-line-end');
    const rejection = this.#readField(bytes, start, colon, i);
    if (rejection !== undefined) return this.#reject(rejection);
    const origin = headStart + this.#skipped;
    this.#marks[this.#markCount++] = colon - origin;
    this.#marks[this.#markCount++] = i - origin;
    return i + 2;
  }

  /** Reads the CR LF at the start of a line; anything else there is no field line. */
  #endHead(bytes: Buffer, start: number, at: number, limit: number): number {
    const octet = bytes[at];
    if (at > start) return this.#reject(octet === SP || octet === HTAB ? 'space-before-colon' : 'bad-field-name');
    if (octet === SP || octet === HTAB) return this.#reject('obs-fold');
    if (octet !== CR) return this.#reject(octet === LF ? 'bad-line-end' : 'bad-field-name');
    if (at + 1 === limit) return UNFINISHED;
    if (bytes[at + 1] !== LF) return this.#reject('bad-line-end');
    // RFC 9112 §3.2: an HTTP/1.1 request without Host is refused; HTTP/1.0 had none.
    if (!this.#hasHost && this.#minorVersion === 1) return this.#reject('missing-host');
    const rejection = this.#framing.conclude(this.#minorVersion);
    if (rejection !== undefined) return this.#reject(rejection);
    this.#state = AT_END;
    return at + 2;
  }

  /** Takes note of the fields that decide what becomes of the message. */
  #readField(bytes: Buffer, nameStart: number, colon: number, lineEnd: number): Rejection | undefined {
    if (colon - nameStart !== 4) return this.#framing.readField(bytes, nameStart, colon, lineEnd);
    if (!startsWith(bytes, nameStart, HOST)) return undefined;
    if (this.#hasHost) return 'repeated-host';
    this.#hasHost = true;
    const start = skipWhitespace(bytes, colon + 1, lineEnd);
    // An empty Host is only for targets without an authority (RFC 9110 §7.2), which http and https have not.
    return isAuthority(bytes, start, trimEnd(bytes, start, lineEnd)) ? undefined : 'bad-host';
  }

  #reject(rejection: Rejection): typeof REFUSED {
    this.#rejection = rejection;
    this.#state = FAILED;
    return REFUSED;
  }
}
