/** Reads the content of a request that is XML as text. */

import { HttpError, type Request } from 'luminaire';

/**
 * XML is UTF-8, or UTF-16 with a byte order mark: every parser has to know both (XML 1.0 §4.3.3).
 *
 * @throws HttpError 400 for octets that are neither, 413 over the limit.
 */
export async function readXmlText(req: Request): Promise<string> {
  const bytes = await req.bytes();
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (mark !== 0xfeff && mark !== 0xfffe) return req.text();
  try {
    return new TextDecoder(mark === 0xfeff ? 'utf-16be' : 'utf-16le', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HttpError('The content is not valid UTF-16.', 400, { cause });
  }
}
