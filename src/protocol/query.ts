/** Parses application/x-www-form-urlencoded text (WHATWG URL §5.1). */

import { PLUS } from './chars.js';
import { decodeEscapes } from './percent.js';

/**
 * The parameters of a query or of a form, in the order in which they were sent. Flat: `a[b]=1` is a parameter
 * named `a[b]`. Kept in arrays, because a table keyed by what a peer sends invites `__proto__` and keys
 * built to collide (CVE-2026-21717); a look-up costs one comparison a parameter.
 */
export class Query {
  readonly #text: string;
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  constructor(text: string) {
    this.#text = text;
    for (let start = 0; start < text.length; ) {
      const found = text.indexOf('&', start);
      const end = found === -1 ? text.length : found;
      if (end > start) this.#add(text.slice(start, end));
      start = end + 1;
    }
  }

  /** How many parameters there are, repeated ones counted each time. */
  get size(): number {
    return this.#names.length;
  }

  /** Gives the first value of `name`. */
  get(name: string): string | undefined {
    const i = this.#names.indexOf(name);
    return i === -1 ? undefined : this.#values[i];
  }

  /** Gives every value of `name`, none if it is not there. */
  getAll(name: string): string[] {
    return this.#values.filter((_value, i) => this.#names[i] === name);
  }

  /** Tells whether `name` is there, be it without a value. */
  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** Goes through the parameters as [name, value]. */
  *[Symbol.iterator](): Generator<[string, string]> {
    for (let i = 0; i < this.#names.length; i++) yield [this.#names[i], this.#values[i]];
  }

  /** Gives the text as it was sent. */
  toString(): string {
    return this.#text;
  }

  #add(pair: string): void {
    const equals = pair.indexOf('=');
    this.#names.push(decodeComponent(equals === -1 ? pair : pair.slice(0, equals)));
    this.#values.push(equals === -1 ? '' : decodeComponent(pair.slice(equals + 1)));
  }
}

/** Parses the content of a form. */
export function parseForm(text: string): Query {
  return new Query(text);
}

/** "+" is a space; a bad escape stays as it is; what is not UTF-8 becomes U+FFFD. */
function decodeComponent(text: string): string {
  const spaced = text.includes(String.fromCharCode(PLUS)) ? text.replaceAll('+', ' ') : text;
  return decodeEscapes(spaced, 'lenient') ?? spaced;
}
