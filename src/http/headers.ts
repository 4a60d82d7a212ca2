/** Presents the field lines of a request by case-insensitive name, in wire order. */

import type { MessageHead } from '../protocol/message-head.js';

/** The fields of a request (RFC 9110 §5). Values are decoded when asked for, as latin1. */
export class Headers implements Iterable<[name: string, value: string]> {
  readonly #head: MessageHead;

  constructor(head: MessageHead) {
    this.#head = head;
  }

  /** Returns the value of `name`; lines of the same name are joined with a comma, `Cookie` with a semicolon. */
  get(name: string): string | undefined {
    return this.#head.field(name.toLowerCase());
  }

  /** Returns the value of each line named `name`, in wire order. */
  getAll(name: string): string[] {
    return this.#head.fieldValues(name.toLowerCase());
  }

  /** Whether a field of this name was sent, in whatever case. */
  has(name: string): boolean {
    return this.#head.hasField(name.toLowerCase());
  }

  /** Number of field lines. */
  get size(): number {
    return this.#head.fieldCount;
  }

  /** Every line in wire order, the name as the client spelled it. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let i = 0; i < this.#head.fieldCount; i++) yield [this.#head.fieldName(i), this.#head.fieldValue(i)];
  }

  /** Lower-case names to joined values, on an object without a prototype. */
  toJSON(): Record<string, string> {
    const fields: Record<string, string> = Object.create(null);
    for (const [name] of this) {
      const key = name.toLowerCase();
      fields[key] ??= this.get(key) ?? '';
    }
    return fields;
  }
}
