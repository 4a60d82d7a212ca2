/** Drives a HeadParser over bytes cut anywhere. */

import { COMPLETE, type HeadLimits, HeadParser, NEED_MORE } from '../../src/protocol/head-parser.js';
import type { MessageHead } from '../../src/protocol/message-head.js';
import type { Rejection } from '../../src/protocol/rejection.js';

export const LIMITS: HeadLimits = { maxHeaderSize: 16384, maxHeadersCount: 100, maxTargetSize: 8192 };

export interface Outcome {
  readonly head: MessageHead | undefined;
  readonly rejection: Rejection | undefined;
  /** Bytes of the head, as far as it is complete. */
  readonly size: number;
}

/** Parses `wire`, given up to each of `cuts` and then whole, each time at another place in another buffer. */
export function parseHead(wire: Buffer | string, cuts: readonly number[] = [], limits: HeadLimits = LIMITS): Outcome {
  const bytes = typeof wire === 'string' ? Buffer.from(wire, 'latin1') : wire;
  const parser = new HeadParser(limits);
  let shift = 0;
  for (const cut of [...cuts, bytes.length]) {
    const moved = Buffer.concat([Buffer.alloc(shift, 'x'), bytes.subarray(0, cut)]);
    const result = parser.parse(moved, shift, moved.length);
    if (result === COMPLETE) {
      const head = parser.takeHead();
      return { head, rejection: undefined, size: head.end - shift };
    }
    if (result !== NEED_MORE) return { head: undefined, rejection: parser.rejection, size: 0 };
    shift = (shift + 3) % 11;
  }
  return { head: undefined, rejection: undefined, size: 0 };
}

/** Gives everything there is to see of an outcome. */
export function summaryOf({ head, rejection, size }: Outcome): unknown {
  if (head === undefined) return { rejection };
  const { method, minorVersion, form, target, path, query, authority } = head;
  const { contentLength, keepsAlive, expectsContinue, upgrades } = head;
  const fields = Array.from({ length: head.fieldCount }, (_, i) => [head.fieldName(i), head.fieldValue(i)]);
  const line = { method, minorVersion, form, target, path, query, authority };
  return { ...line, contentLength, keepsAlive, expectsContinue, upgrades, fields, size };
}

/** A request that is fine but for the field lines put into it. */
export function withFields(...lines: string[]): string {
  return `${['POST / HTTP/1.1', 'Host: a', ...lines].join('\r\n')}\r\n\r\n`;
}
