/** Finds where two outcomes of one stream part. */

import type { RequestStream } from './messages.js';
import type { Outcome } from './peers.js';
import { type Reading, readStream, type SeenMessage } from './reference.js';

/** The first difference between what this Server and node:http made of a stream; what follows from it is none. */
export interface Difference {
  /** How many whole messages both read alike. */
  readonly agreed: number;
  /** Each of them as it was sent. */
  readonly before: readonly string[];
  /** The stream from where they part. */
  readonly rest: string;
  /** Whether the handler reads the content before it answers. */
  readonly reads: boolean;
  readonly luminaire: Outcome;
  readonly node: Outcome;
}

export function findDifference(stream: RequestStream, luminaire: Outcome, node: Outcome): Difference | undefined {
  const agreed = countAgreed(luminaire.messages, node.messages);
  const size = luminaire.messages.length;
  const isSame = size === node.messages.length && size === agreed.alike && luminaire.verdict === node.verdict;
  if (isSame && luminaire.answered === node.answered) return undefined;
  const { starts } = readStream(stream.wire);
  const start = starts[agreed.whole] ?? stream.wire.length;
  const before = starts.slice(0, agreed.whole).map((from, i) => stream.wire.slice(from, starts[i + 1] ?? start));
  return { agreed: agreed.whole, before, rest: stream.wire.slice(start), reads: stream.reads, luminaire, node };
}

/** Tells what is wrong about an outcome by the letter of the RFCs, or gives undefined. */
export function findFault(stream: RequestStream, outcome: Outcome): string | undefined {
  const reading = readStream(stream.wire);
  const { alike } = countAgreed(reading.messages, outcome.messages, stream.reads);
  // Content that nobody reads is dropped or ends the connection, so fewer requests may be read, but never others.
  const hasAll = alike === reading.messages.length && outcome.verdict === reading.verdict;
  if (alike === outcome.messages.length && (hasAll || !stream.reads)) return undefined;
  return `by the reference it is ${describe(reading)}; it was ${describe(outcome)}`;
}

/** How many messages are alike from the first on, and how many of those are whole. */
function countAgreed(some: readonly SeenMessage[], others: readonly SeenMessage[], reads = true) {
  let whole = 0;
  let alike = 0;
  for (; alike < Math.min(some.length, others.length); alike++) {
    const [one, other] = [some[alike] as SeenMessage, others[alike] as SeenMessage];
    if (one.method !== other.method || one.target !== other.target) break;
    if (reads && one.content !== other.content) break;
    if (one.content !== undefined) whole++;
  }
  return { whole, alike };
}

export function describe({ messages, verdict }: Pick<Reading, 'messages' | 'verdict'>): string {
  const seen = messages.map(({ method, target, content }) =>
    [method, target.slice(0, 40), content === undefined ? 'incomplete' : JSON.stringify(content.slice(0, 60))].join(
      ' ',
    ),
  );
  return [...seen, verdict].join(', ');
}
