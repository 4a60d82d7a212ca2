/** Writes forms with files as bytes, a character a byte. */

import { requestWith } from './served.js';

/** The Content-Type of every form here. */
export const FORM_TYPE = 'Content-Type: multipart/form-data; boundary=b';

/** One part: its Content-Disposition behind `form-data`, its content, other field lines. */
export type Part = readonly [disposition: string, content: string, ...fields: string[]];

export function field(name: string, value: string): Part {
  return [`; name="${name}"`, value];
}

export function file(name: string, filename: string, content: string, type = 'text/plain'): Part {
  return [`; name="${name}"; filename="${filename}"`, content, `Content-Type: ${type}`];
}

/** The content of a form. */
export function formOf(...parts: readonly Part[]): string {
  const written = parts.map(([disposition, content, ...fields]) =>
    ['--b', `Content-Disposition: form-data${disposition}`, ...fields, '', content, ''].join('\r\n'),
  );
  return `${written.join('')}--b--\r\n`;
}

/** A request that posts a form. */
export function postForm(path: string, ...parts: readonly Part[]): string {
  return requestWith(formOf(...parts), `POST ${path}`, FORM_TYPE);
}
