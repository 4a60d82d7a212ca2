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

/** A step ran out of bytes; the state stays as it was. */
const UNFINISHED = 5;

/** What a step comes to: the state in which to go on, or UNFINISHED. */
type State = 0 | 1 | 2 | 3 | 4 | 5;

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
  #state: State = AT_START;
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
    let result: State = this.#state;
    if (result === AT_START) result = this.#skipEmptyLine(bytes, start, limit);
    if (result === AT_REQUEST_LINE) result = this.#parseRequestLine(bytes, start, start + this.#skipped, limit);
    if (result === AT_FIELD_LINE) result = this.#parseFieldLines(bytes, start, start + this.#position, limit);
    if (result === UNFINISHED && limit === last) result = this.#reject('head-too-large');
    if (result === FAILED) return REJECTED;
    if (result !== AT_END) return NEED_MORE;
    this.#bytes = bytes;
    this.#start = start;
    return COMPLETE;
  }

  /**
   * Gives the head for which `parse` has given COMPLETE, and makes ready for the next. The last `hidden` field lines
   * have done what they were for, and are not in it.
   */
  takeHead(hidden = 0): MessageHead {
    if (this.#bytes === undefined) throw new Error('takeHead() was called before parse() gave COMPLETE');
    const head = new MessageHead(
      this.#bytes,
      this.#start + this.#skipped,
      this.#start + this.#position,
      this.#method,
      this.#minorVersion,
      this.#form,
      this.#marks.slice(0, this.#markCount - 2 * hidden),
      this.#framing,
    );
    this.reset();
    return head;
  }

  /** Passes over one empty line before the request line (RFC 9112 §2.2): some clients end their content with one. */
  #skipEmptyLine(bytes: Buffer, start: number, limit: number): State {
    if (start === limit) return UNFINISHED;
    if (bytes[start] === CR) {
      if (start + 1 === limit) return UNFINISHED;
      if (bytes[start + 1] !== LF) return this.#reject('bad-line-end');
      this.#skipped = 2;
    }
    this.#state = AT_REQUEST_LINE;
    return AT_REQUEST_LINE;
  }

  /** request-line = method SP request-target SP HTTP-version CRLF (RFC 9112 §3). */
  #parseRequestLine(bytes: Buffer, start: number, lineStart: number, limit: number): State {
    const token = TOKEN;
    const target = TARGET;
    const methodLimit = Math.min(limit, lineStart + MAX_METHOD_SIZE + 1);
    let i = lineStart;
    while (i < methodLimit && token[bytes[i]] === 1) i++;
    if (i - lineStart > MAX_METHOD_SIZE) return this.#reject('bad-method');
    if (i === limit) return UNFINISHED;
    if (bytes[i] !== SP || i === lineStart) return this.#reject('bad-method');
    const targetStart = i + 1;

    const maxTargetSize = this.#limits.maxTargetSize;
    const targetLimit = Math.min(limit, targetStart + maxTargetSize + 1);
    i = targetStart;
    while (i < targetLimit && target[bytes[i]] === 1) i++;
    if (i - targetStart > maxTargetSize) return this.#reject('target-too-long');
    if (i === limit) return UNFINISHED;
    if (bytes[i] !== SP) return this.#reject('bad-target');
    this.#method = readMethod(bytes, lineStart, targetStart - 1);
    const form = formOf(bytes, targetStart, i, this.#method);
    if (form === undefined) return this.#reject('bad-target');
    this.#form = form;
    return this.#parseVersion(bytes, start, lineStart, i + 1, limit);
  }

  /** HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3), and the end of the request line. */
  #parseVersion(bytes: Buffer, start: number, lineStart: number, at: number, limit: number): State {
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
    this.#marks[0] = lineEnd - lineStart;
    this.#markCount = 1;
    this.#position = lineEnd + 2 - start;
    this.#state = AT_FIELD_LINE;
    return AT_FIELD_LINE;
  }

  /** Reads field lines, field-name ":" OWS field-value OWS CRLF (RFC 9112 §5), up to the one that is not complete. */
  #parseFieldLines(bytes: Buffer, start: number, at: number, limit: number): State {
    // Locals: through the import's binding each look-up took 3.9 ns a byte, through these 1.8.
    const token = TOKEN;
    const fieldValue = FIELD_VALUE;
    const marks = this.#marks;
    const origin = start + this.#skipped;
    const maxMarks = 2 * this.#limits.maxHeadersCount;
    const limitOf4 = limit - 3;
    let i = at;
    for (;;) {
      const lineStart = i;
      while (i < limit && token[bytes[i]] === 1) i++;
      if (i === limit) return this.#pause(lineStart - start);
      if (bytes[i] !== COLON || i === lineStart) return this.#endHead(bytes, start, lineStart, i, limit);
      const colon = i++;
      if (this.#markCount > maxMarks) return this.#reject('too-many-fields');

      // Four bytes a turn: a head of 12 fields took 1.23 µs, now 1.09.
      while (
        i < limitOf4 &&
        (fieldValue[bytes[i]] & fieldValue[bytes[i + 1]] & fieldValue[bytes[i + 2]] & fieldValue[bytes[i + 3]]) === 1
      ) {
        i += 4;
      }
      while (i < limit && fieldValue[bytes[i]] === 1) i++;
      if (i === limit) return this.#pause(lineStart - start);
      if (bytes[i] !== CR) return this.#reject(bytes[i] === LF ? 'bad-line-end' : 'bad-field-value');
      if (i + 1 === limit) return this.#pause(lineStart - start);
      if (bytes[i + 1] !== LF) return this.#reject('bad-line-end');
      const rejection = this.#readField(bytes, lineStart, colon, i);
      if (rejection !== undefined) return this.#reject(rejection);
      marks[this.#markCount++] = colon - origin;
      marks[this.#markCount++] = i - origin;
      i += 2;
    }
  }

  /** Reads the CR LF at the start of a line; anything else there is no field line. */
  #endHead(bytes: Buffer, start: number, lineStart: number, at: number, limit: number): State {
    const octet = bytes[at];
    if (at > lineStart) return this.#reject(octet === SP || octet === HTAB ? 'space-before-colon' : 'bad-field-name');
    if (octet === SP || octet === HTAB) return this.#reject('obs-fold');
    if (octet !== CR) return this.#reject(octet === LF ? 'bad-line-end' : 'bad-field-name');
    if (at + 1 === limit) return this.#pause(at - start);
    if (bytes[at + 1] !== LF) return this.#reject('bad-line-end');
    // RFC 9112 §3.2: an HTTP/1.1 request without Host is refused; HTTP/1.0 had none.
    if (!this.#hasHost && this.#minorVersion === 1) return this.#reject('missing-host');
    const rejection = this.#framing.conclude(this.#minorVersion);
    if (rejection !== undefined) return this.#reject(rejection);
    this.#position = at + 2 - start;
    this.#state = AT_END;
    return AT_END;
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

  /** Keeps where the first incomplete line begins, from the first byte. */
  #pause(position: number): State {
    this.#position = position;
    return UNFINISHED;
  }

  #reject(rejection: Rejection): State {
    this.#rejection = rejection;
    this.#state = FAILED;
    return FAILED;
  }
}
