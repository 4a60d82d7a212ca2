/** Decodes the content of a request by its Content-Type. */

import { safeParse } from 'fast-content-type-parse';
import type { HttpError } from '../../http/http-error.js';
import { parseJson } from '../../http/json.js';
import type { Request } from '../../http/request.js';
import { decodeText, parseForm } from '../../http/request-body.js';
import { refuseType } from '../../http/unsupported-type.js';

const ACCEPTED = 'application/json, application/x-www-form-urlencoded, text/plain';
const UTF_8 = new Set(['utf-8', 'utf8', 'us-ascii']);

/**
 * Reads JSON (and any `+json`) as its value, a form as an object, text as a string; no content is `undefined`.
 *
 * @throws HttpError 415 for any other type, or a charset other than UTF-8; 400 for content that is not of its type.
 */
export function readContent(req: Request): unknown {
  if (!req.hasContent) return undefined;
  const { type, parameters } = safeParse(req.headers.get('content-type') ?? '');
  const { charset } = parameters as { charset?: string };
  if (charset !== undefined && !UTF_8.has(charset.toLowerCase())) throw unsupported(req, `charset ${charset}`);
  const decode = decoderOf(type);
  if (decode === undefined) throw unsupported(req, type);
  // Most content comes with its head: it is read without a promise.
  const bytes = req.bytesAtHand();
  return bytes === undefined ? req.text().then(decode) : decode(decodeText(bytes));
}

function decoderOf(type: string): ((text: string) => unknown) | undefined {
  if (type === 'application/json' || type.endsWith('+json')) return parseJson;
  if (type === 'application/x-www-form-urlencoded') return parseFields;
  return type === 'text/plain' ? String : undefined;
}

const parseFields = (text: string): unknown => fieldsOf(parseForm(text));

/** Gives every name its value, a repeated one its list. Inherits nothing, so that any name is safe. */
export function fieldsOf(query: Iterable<[string, string]>): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of query) {
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else if (typeof known === 'string') fields[name] = [known, value];
    else known.push(value);
  }
  return fields;
}

function unsupported(req: Request, found: string): HttpError {
  return refuseType(req.method, ACCEPTED, found, `${ACCEPTED} in UTF-8`);
}
