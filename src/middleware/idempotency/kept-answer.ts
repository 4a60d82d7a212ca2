/** Turns answers into text that a store keeps. */

import { isUtf8 } from 'node:buffer';
import type { Response } from '../../http/response.js';

/** An answer in its parts. */
export interface Answer {
  readonly status: number;
  /** Field lines in their order; a name may come more than once. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Buffer;
}

/** What says something of one exchange alone; and cookies, which whoever reads the store could use. */
const NOT_KEPT: ReadonlySet<string> = new Set(['ratelimit', 'ratelimit-policy', 'server-timing', 'set-cookie']);

/** Fields that may be there already when an answer brings its own, which does not replace them. */
const ADDED: ReadonlySet<string> = new Set(['link', 'ratelimit', 'ratelimit-policy', 'server-timing', 'set-cookie']);

/** An answer of which nothing is known but that it was given. */
const FORGOTTEN = 'forgotten';

/** Text of `answer`; where its content is over `maxSize` bytes, only of the fact that there was one. */
export function writeAnswer({ status, fields, content }: Answer, maxSize: number): string {
  if (content.length > maxSize) return FORGOTTEN;
  const kept = fields.filter(([name]) => !NOT_KEPT.has(name.toLowerCase()));
  const encoding = isUtf8(content) ? 'utf8' : 'base64';
  return JSON.stringify([status, kept, encoding, content.toString(encoding)]);
}

/** Gives back what {@link writeAnswer} wrote; `undefined` where it was too large. */
export function readAnswer(text: string): Answer | undefined {
  if (text === FORGOTTEN) return undefined;
  const [status, fields, encoding, content] = JSON.parse(text) as [number, Answer['fields'], BufferEncoding, string];
  return { status, fields, content: Buffer.from(content, encoding) };
}

/** Sends `answer`, beside the fields that `res` has already. */
export function sendAnswer({ status, fields, content }: Answer, res: Response): void {
  res.setStatus(status);
  const seen = new Set<string>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    if (key === 'vary') for (const each of value.split(/ *, */)) res.vary(each);
    else if (seen.has(key) || ADDED.has(key)) res.addHeader(name, value);
    else res.setHeader(name, value);
    seen.add(key);
  }
  res.send(content);
}
