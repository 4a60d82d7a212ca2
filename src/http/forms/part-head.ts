/** Reads what the head of one part of a form says about the part (RFC 7578 §4). */

import { isUtf8 } from 'node:buffer';
import { safeParse } from 'fast-content-type-parse';

/** What a part says about itself. Every word of it is the client's. */
export interface PartHead {
  /** The name of the form's field. */
  readonly name: string;
  /** As sent, path and all; `undefined` for a part that is no file. Empty where nothing was chosen. */
  readonly filename: string | undefined;
  /** The Content-Type as sent, `undefined` where there is none or none that is valid. */
  readonly type: string | undefined;
  /** The charset that the Content-Type names, in lower case. */
  readonly charset: string | undefined;
}

/** Field lines of a part by their name in lower case; values are latin1, a character a byte. */
export type PartFields = Readonly<Record<string, readonly string[] | undefined>>;

/**
 * One parameter of Content-Disposition. Browsers escape a quote as %22 and leave a backslash alone; other clients
 * write a quoted-string. So `\"` is a quote only where the string goes on to a later end.
 */
const PARAMETER =
  /[ \t]*;[ \t]*([!#$%&'*+.^_`|~\w-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"(?=[ \t]*(?:;|$))|"([^"]*)"(?=[ \t]*(?:;|$))|([!#$%&'*+.^_`|~\w-]+))/y;
const END = /[ \t;]*$/y;
/** ext-value of RFC 8187 §3.2.1. */
const EXTENDED = /^(utf-8|iso-8859-1)'[^']*'((?:[!#$&+.^_`|~\w-]|%[0-9a-f]{2})*)$/i;
/** Encodings that leave the content as it is (RFC 2045 §6.2); RFC 7578 §4.7 has no other. */
const IDENTITY: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

/** Reads the head of one part, or says in a sentence what is wrong with it. */
export function readPartHead(fields: PartFields): PartHead | string {
  const dispositions = fields['content-disposition'];
  const types = fields['content-type'] ?? [];
  if (dispositions === undefined) return 'A part of the form has no Content-Disposition.';
  if (dispositions.length > 1 || types.length > 1) return 'A part of the form has two fields of one name.';
  const [encoding] = fields['content-transfer-encoding'] ?? [];
  if (encoding !== undefined && !IDENTITY.has(encoding.trim().toLowerCase())) {
    return 'A part of the form has a Content-Transfer-Encoding that changes it.';
  }
  const parameters = readDisposition(dispositions[0] as string);
  if (parameters === undefined) return 'A part of the form has a malformed Content-Disposition.';
  const written = parameters.get('name');
  if (written === undefined) return 'A part of the form has no name.';
  const name = Buffer.from(written, 'latin1');
  if (!isUtf8(name)) return 'The name of a part is not valid UTF-8.';
  const type = types[0]?.trim();
  const parsed = type === undefined ? undefined : safeParse(type);
  const isTyped = parsed !== undefined && parsed.type !== '';
  const { charset } = (isTyped ? parsed.parameters : {}) as { charset?: string };
  return {
    name: name.toString('utf8'),
    filename: readFilename(parameters, isTyped && parsed.type === 'application/octet-stream'),
    type: isTyped ? type : undefined,
    charset: charset?.toLowerCase(),
  };
}

/** Gives the parameters by their names in lower case; `undefined` where it is no form-data, or ambiguous. */
function readDisposition(value: string): ReadonlyMap<string, string> | undefined {
  const type = /^[ \t]*form-data(?=[ \t]*(?:;|$))/i.exec(value);
  if (type === null) return undefined;
  const parameters = new Map<string, string>();
  let end = type[0].length;
  for (;;) {
    PARAMETER.lastIndex = end;
    const found = PARAMETER.exec(value);
    if (found === null) break;
    const [all, name = '', quoted, plain, token] = found;
    const key = name.toLowerCase();
    // Of two names one reader takes the first and another the last.
    if (parameters.has(key)) return undefined;
    parameters.set(key, quoted === undefined ? (token ?? unmangle(plain as string)) : unmangle(unquote(quoted)));
    end += all.length;
  }
  END.lastIndex = end;
  return END.test(value) ? parameters : undefined;
}

/** A backslash before anything but a quote or itself is one of a Windows path. */
function unquote(text: string): string {
  return text.replace(/\\(["\\])/g, '$1');
}

/** Undoes what browsers do to names, and nothing more: a "%" of a name is sent as it is. */
function unmangle(text: string): string {
  return text.replace(/%22/g, '"').replace(/%0D/gi, '\r').replace(/%0A/gi, '\n');
}

/** `filename*` before `filename`, whichever comes first (RFC 6266 §4.3), though no client should send it. */
function readFilename(parameters: ReadonlyMap<string, string>, isBinary: boolean): string | undefined {
  const [, charset = '', encoded] = EXTENDED.exec(parameters.get('filename*') ?? '') ?? [];
  if (encoded !== undefined) {
    const bytes = encoded.replace(/%(..)/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return charset.toLowerCase() === 'utf-8' ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
  }
  const written = parameters.get('filename');
  if (written !== undefined) return Buffer.from(written, 'latin1').toString('utf8');
  return isBinary || parameters.has('filename*') ? '' : undefined;
}

/** Controls, line and paragraph separators, and the marks that turn the direction of text. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Makes a name that can be shown of the one that was sent: no path, no control character, nothing that hides its end. */
export function displayName(filename: string): string {
  const end = Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\'));
  const name = filename
    .slice(end + 1)
    .replace(/^[a-z]:/i, '')
    .replace(INVISIBLE, '')
    .trim();
  return name === '.' || name === '..' ? '' : name;
}
