/** Looks the text fields of a form up by their names. */

import type { FormField } from './form-part.js';

/** The text fields of a form in the order in which they were sent. Arrays, as in a `RequestQuery`: any name is safe. */
export class FormFields implements Iterable<[name: string, value: string]> {
  readonly #fields: readonly FormField[];

  /** @internal */
  constructor(fields: readonly FormField[]) {
    this.#fields = fields;
  }

  /** How many fields there are, repeated ones counted each time. */
  get size(): number {
    return this.#fields.length;
  }

  /** Gives the first value of `name`. */
  get(name: string): string | undefined {
    return this.#fields.find((field) => field.name === name)?.value;
  }

  /** Gives every value of `name`, none if it is not there. */
  getAll(name: string): string[] {
    return this.#fields.filter((field) => field.name === name).map(({ value }) => value);
  }

  /** Tells whether `name` is there, be it empty. */
  has(name: string): boolean {
    return this.#fields.some((field) => field.name === name);
  }

  /** Goes through the fields as [name, value]. */
  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    for (const { name, value } of this.#fields) yield [name, value];
  }
}
