/** Holds one request head: a buffer and offsets, from which strings are made on demand. */

import { LOWER, latin1, skipWhitespace, trimEnd } from './chars.js';
import type { Framing } from './framing.js';
import { authorityOf, pathOf, searchOf, type TargetForm } from './target.js';

export { CHUNKED } from './framing.js';

/** " HTTP/1.1", which stands between the target and the end of the request line. */
const VERSION_SIZE = 9;

/**
 * One request head. It keeps the buffer that it was read from and one array of offsets; a head that is only routed
 * never makes a string of its fields.
 */
export class MessageHead {
  /** The buffer in which the head stands. */
  readonly bytes: Buffer;
  /** The offset in `bytes` of the request line. */
  readonly start: number;
  /** The offset in `bytes` of the first byte after the head. */
  readonly end: number;
  readonly method: string;
  /** 1 for every HTTP/1.x but 1.0 (RFC 9110 §2.5). */
  readonly minorVersion: 0 | 1;
  /** Which of the four forms the request-target has. */
  readonly form: TargetForm;
  /** Bytes of content: 0 when no field frames any, CHUNKED when it comes in chunks. */
  readonly contentLength: number;
  /** Whether the connection goes on after this message. */
  readonly keepsAlive: boolean;
  /** Whether the client waits for 100 before it sends its content; never without content. */
  readonly expectsContinue: boolean;
  /** Whether the client offers another protocol: Connection lists upgrade, and Upgrade names one. */
  readonly upgrades: boolean;

  /** From `start`: the end of the request line, then the colon and the end of each field line. */
  readonly #marks: readonly number[];
  #target: string | undefined;

  constructor(
    bytes: Buffer,
    start: number,
    end: number,
    method: string,
    minorVersion: 0 | 1,
    form: TargetForm,
    marks: readonly number[],
    framing: Framing,
  ) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.method = method;
    this.minorVersion = minorVersion;
    this.form = form;
    this.contentLength = framing.contentLength;
    this.keepsAlive = framing.keepsAlive;
    this.expectsContinue = framing.expectsContinue;
    this.upgrades = framing.upgrades;
    this.#marks = marks;
    this.#target = undefined;
  }

  /** The request-target as it was sent. */
  get target(): string {
    if (this.#target === undefined) {
      const start = this.start + this.method.length + 1;
      this.#target = latin1(this.bytes, start, this.start + this.#marks[0] - VERSION_SIZE);
    }
    return this.#target;
  }

  /** The path as it was sent, without the query; "*" in asterisk-form and authority-form. */
  get path(): string {
    return pathOf(this.form, this.target);
  }

  /** The query as it was sent, without "?", or ''. */
  get query(): string {
    return searchOf(this.form, this.target);
  }

  /** The host and port asked: the target's own if it names one, or the Host field's, or '' (RFC 9112 §3.3). */
  get authority(): string {
    return authorityOf(this.form, this.target) || (this.field('host') ?? '');
  }

  /** Whether the client asks to go on with `protocol`, in any case (RFC 9110 §7.8). */
  offersUpgrade(protocol: string): boolean {
    if (!this.upgrades) return false;
    const offered = this.field('upgrade')?.toLowerCase().split(',') ?? [];
    return offered.some((each) => each.trim() === protocol.toLowerCase());
  }

  /** How many field lines there are. */
  get fieldCount(): number {
    return (this.#marks.length - 1) >> 1;
  }

  /** Gives the name on field line `i`, as it was sent. */
  fieldName(i: number): string {
    return latin1(this.bytes, this.#nameStart(i), this.#colon(i));
  }

  /** Gives the value on field line `i`, without the white space around it. */
  fieldValue(i: number): string {
    const lineEnd = this.start + this.#marks[2 * i + 2];
    const start = skipWhitespace(this.bytes, this.#colon(i) + 1, lineEnd);
    return latin1(this.bytes, start, trimEnd(this.bytes, start, lineEnd));
  }

  /**
   * Gives the value of the field called `lowerCaseName`. Those of repeated fields are joined by ", "
   * (RFC 9110 §5.3), cookies by "; " (RFC 6265 §5.4).
   */
  field(lowerCaseName: string): string | undefined {
    let joined: string | undefined;
    for (let i = this.#find(lowerCaseName, 0); i !== -1; i = this.#find(lowerCaseName, i + 1)) {
      const value = this.fieldValue(i);
      joined = joined === undefined ? value : joined + (lowerCaseName === 'cookie' ? '; ' : ', ') + value;
    }
    return joined;
  }

  /** Gives the value on each field line called `lowerCaseName`. */
  fieldValues(lowerCaseName: string): string[] {
    const values: string[] = [];
    for (let i = this.#find(lowerCaseName, 0); i !== -1; i = this.#find(lowerCaseName, i + 1)) {
      values.push(this.fieldValue(i));
    }
    return values;
  }

  /** Tells whether there is a field called `lowerCaseName`. */
  hasField(lowerCaseName: string): boolean {
    return this.#find(lowerCaseName, 0) !== -1;
  }

  /** Finds the first field line from `from` on that is called `lowerCaseName`, or -1. */
  #find(lowerCaseName: string, from: number): number {
    const count = this.fieldCount;
    for (let i = from; i < count; i++) {
      const start = this.#nameStart(i);
      if (this.#colon(i) - start === lowerCaseName.length && this.#isNamed(start, lowerCaseName)) return i;
    }
    return -1;
  }

  #isNamed(start: number, lowerCaseName: string): boolean {
    for (let i = 0; i < lowerCaseName.length; i++) {
      if (LOWER[this.bytes[start + i]] !== lowerCaseName.charCodeAt(i)) return false;
    }
    return true;
  }

  /** Field line `i` begins after the CR LF of the line before. */
  #nameStart(i: number): number {
    return this.start + this.#marks[2 * i] + 2;
  }

  #colon(i: number): number {
    return this.start + this.#marks[2 * i + 1];
  }
}
