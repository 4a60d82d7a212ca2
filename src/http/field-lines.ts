/** Holds field lines that were checked once, for responses that all have them. */

import { fieldLine } from '../protocol/head-writer.js';

/** What the response decides for itself, or each time anew. */
const NOT_FOR_ALL = ['connection', 'content-length', 'content-type', 'date', 'transfer-encoding', 'upgrade'];

/** Field lines for every response, checked once: `res.setFields` takes them. */
export class FieldLines {
  /** Lower-case name and field line, in turn. @internal */
  readonly lines: readonly string[];

  /** @throws TypeError for a field that cannot be written, or that is not for all responses. */
  constructor(fields: Iterable<readonly [name: string, value: string]>) {
    const lines: string[] = [];
    for (const [name, value] of fields) {
      const key = name.toLowerCase();
      if (NOT_FOR_ALL.includes(key)) throw new TypeError(`FieldLines: ${name} is set by each response for itself`);
      lines.push(key, fieldLine(name, value));
    }
    this.lines = lines;
  }
}
