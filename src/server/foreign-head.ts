/** Makes the message head of a request that another server has read. */

import { COMPLETE, type HeadParser, REJECTED } from '../protocol/head-parser.js';
import type { MessageHead } from '../protocol/message-head.js';
import type { Rejection } from '../protocol/rejection.js';

/** What another server says of a request. */
export interface ForeignHead {
  readonly method: string;
  /** The request-target, in any of its forms. */
  readonly target: string;
  readonly minorVersion: 0 | 1;
  /** Field lines in wire order, latin1. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Whether there is content of which nobody has said how long it is: no field of HTTP/1.1 is needed for that elsewhere. */
  readonly hasUnsizedContent: boolean;
}

/** Frames such content for the parser, and is seen by nobody else. */
const UNSIZED = 'Transfer-Encoding: chunked\r\n';

/**
 * Writes the head down and has it parsed, so that whatever a request comes by, one parser judges it, under one set of
 * limits: 400, 414, 417 and 431 are those of a socket. For a head of 8 fields that takes 2.5 µs (Node 20).
 */
export function readForeignHead(head: ForeignHead, parser: HeadParser): MessageHead | Rejection {
  let text = `${head.method} ${head.target} HTTP/1.${head.minorVersion}\r\n`;
  for (const [name, value] of head.fields) text += `${name}: ${value}\r\n`;
  if (head.hasUnsizedContent) text += UNSIZED;
  const bytes = Buffer.from(`${text}\r\n`, 'latin1');
  const result = parser.parse(bytes, 0, bytes.length);
  if (result !== COMPLETE) {
    const rejection = result === REJECTED ? parser.rejection : undefined;
    parser.reset();
    return rejection ?? 'bad-target';
  }
  const parsed = parser.takeHead(head.hasUnsizedContent ? 1 : 0);
  // Middleware of that server may have rewritten the target: none may end a line and go on with fields of its own.
  return parsed.end === bytes.length && parsed.fieldCount === head.fields.length ? parsed : 'bad-target';
}
