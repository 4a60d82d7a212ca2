/** Writes 207 answers (RFC 4918 §13). */

import { Reply } from 'luminaire';
import { escapeText } from './xml-text.js';

export const XML_TYPE = 'application/xml; charset=utf-8';
export const XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n';

/** Properties with one status; each is a whole element. */
export interface PropStat {
  readonly status: number;
  readonly properties: readonly string[];
  /** A condition that they did not meet. */
  readonly condition?: string;
}

/** What is said of one resource: one status, or one for each of its properties. */
export type ResourceStatus = { readonly href: string } & (
  | { readonly status: number }
  | { readonly propstats: readonly PropStat[] }
);

const START = `${XML_HEAD}<D:multistatus xmlns:D="DAV:">\n`;
const END = '</D:multistatus>\n';

/** Each of these is written as it comes: a collection of any size is never in memory as a whole. */
export function multistatus(
  statuses: AsyncIterable<ResourceStatus> | Iterable<ResourceStatus>,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return new Reply(207, write(statuses), { ...headers, 'Content-Type': XML_TYPE });
}

/** Text that waits until it is worth a write, in characters. */
const PIECE = 16_384;

async function* write(statuses: AsyncIterable<ResourceStatus> | Iterable<ResourceStatus>): AsyncGenerator<string> {
  let piece = START;
  for await (const status of statuses) {
    piece += responseXml(status);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece + END;
}

function responseXml(response: ResourceStatus): string {
  const inner =
    'status' in response ? statusXml(response.status) : response.propstats.map((each) => propStatXml(each)).join('');
  return `<D:response><D:href>${escapeText(response.href)}</D:href>${inner}</D:response>\n`;
}

function propStatXml({ status, properties, condition }: PropStat): string {
  const error = condition === undefined ? '' : `<D:error><D:${condition}/></D:error>`;
  return `<D:propstat><D:prop>${properties.join('')}</D:prop>${statusXml(status)}${error}</D:propstat>`;
}

const PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  423: 'Locked',
  424: 'Failed Dependency',
  507: 'Insufficient Storage',
};

function statusXml(status: number): string {
  return `<D:status>HTTP/1.1 ${status} ${PHRASES[status] ?? ''}</D:status>`;
}
