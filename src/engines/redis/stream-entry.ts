/** Reads entries of Redis streams as they are replied. */

import type { KeptEvent } from '../kept-events.js';

/** An id, and names and values in turn. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

type StreamEntries = readonly [key: string, entries: readonly StreamEntry[]];

/**
 * The entries of each stream, of a reply to XREAD. In RESP2 it is a list of pairs; the map that it is in RESP3 becomes an
 * object or a Map with `redis`, keys and values in turn with `ioredis`.
 */
export function entriesByStream(reply: unknown): readonly StreamEntries[] {
  if (reply === null || reply === undefined) return [];
  if (reply instanceof Map) return [...reply];
  if (!Array.isArray(reply)) return Object.entries(reply);
  if (typeof reply[0] !== 'string') return reply;
  return reply.flatMap((key, i) => (i % 2 === 0 ? [[key, reply[i + 1]] as StreamEntries] : []));
}

/** @throws SyntaxError for an entry that is no event. */
export function eventOf<Data>([id, fields]: StreamEntry): KeptEvent<Data> {
  const named: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) named[fields[i] as string] = fields[i + 1] as string;
  const { after = '', event, data } = named;
  const decoded = (data === undefined ? undefined : JSON.parse(data)) as Data;
  return { after, event: event === undefined ? { id, data: decoded } : { id, data: decoded, event } };
}

/** Compares milliseconds, then what numbers those within one. Both are ids. */
export function isAfter(id: string, other: string): boolean {
  const [ms = '', n = ''] = id.split('-');
  const [otherMs = '', otherN = ''] = other.split('-');
  return ms === otherMs ? isGreater(n, otherN) : isGreater(ms, otherMs);
}

/** Of digits without leading zeros, however many. */
function isGreater(digits: string, others: string): boolean {
  return digits.length === others.length ? digits > others : digits.length > others.length;
}
