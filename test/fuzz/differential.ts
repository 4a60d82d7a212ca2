/** Sends seeded streams of requests to this Server and to node:http, and gathers every difference. */

import { judge } from './judge.js';
import { makeStream, type RequestStream } from './messages.js';
import { minimise } from './minimise.js';
import { Peers } from './peers.js';
import { Random } from './random.js';

export interface DifferentialReport {
  readonly streams: number;
  /** Requests that this Server's handler saw. */
  readonly requests: number;
  /** Streams of which this Server refused some part. */
  readonly refused: number;
  /** How often each explanation was needed. */
  readonly explained: ReadonlyMap<string, number>;
  readonly failures: readonly DifferentialFailure[];
}

export interface DifferentialFailure {
  /** The seed that gives the stream again. */
  readonly seed: number;
  readonly kind: string;
  readonly description: string;
  /** The smallest stream found that fails in the same way. */
  readonly smallest: RequestStream;
}

/** Streams served beside one another: enough that waiting for the event loop costs little a stream. */
const BATCH = 128;
/** Kinds of failure after which it stops. */
const MOST_FAILURES = 10;

export async function runDifferential(count: number, seed: number): Promise<DifferentialReport> {
  const peers = new Peers();
  const explained = new Map<string, number>();
  const failures = new Map<string, DifferentialFailure>();
  let [streams, requests, refused] = [0, 0, 0];
  while (streams < count && failures.size < MOST_FAILURES) {
    const first = seed + streams;
    const batch = Array.from({ length: Math.min(BATCH, count - streams) }, (_, i) => makeStream(new Random(first + i)));
    for (const [i, judgement] of (await judge(peers, batch)).entries()) {
      requests += judgement.requests;
      if (judgement.isRefused) refused++;
      const { explanation, kind, description = '' } = judgement;
      if (explanation !== undefined) explained.set(explanation, (explained.get(explanation) ?? 0) + 1);
      if (kind === undefined || failures.has(kind)) continue;
      const smallest = await smallestAlike(peers, batch[i] as RequestStream, kind);
      failures.set(kind, { seed: first + i, kind, description, smallest });
    }
    streams += batch.length;
  }
  return { streams, requests, refused, explained, failures: [...failures.values()] };
}

async function smallestAlike(peers: Peers, stream: RequestStream, kind: string): Promise<RequestStream> {
  const isAlike = async (candidate: RequestStream) => (await judge(peers, [candidate]))[0]?.kind === kind;
  const uncut = { ...stream, cuts: [] };
  const base = (await isAlike(uncut)) ? uncut : stream;
  const wire = await minimise(base.wire, (candidate) => isAlike({ ...base, wire: candidate }));
  return { ...base, wire };
}
