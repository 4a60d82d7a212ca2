/** Reads the files of docs/deployment as a test runs them. */

import { readFileSync } from 'node:fs';

/**
 * The file `name` of docs/deployment, with each text that is a key of `replaced` replaced by its value: ports, paths and
 * names of the machine that it was written for, and nothing else.
 *
 * @throws Error where the file does not have one of the texts: what is tested would not be what is written.
 */
export function recipe(name: string, replaced: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(new URL(`../../docs/deployment/${name}`, import.meta.url), 'utf8');
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`docs/deployment/${name} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}
