/** Judges what the two servers made of a stream. */

import { describe, findDifference, findFault } from './compare.js';
import { EXPLANATIONS } from './explanations.js';
import type { RequestStream } from './messages.js';
import type { Outcome, Peers } from './peers.js';

export interface Judgement {
  /** The explanation of their difference, where there is one. */
  readonly explanation?: string;
  /** What is wrong: two of one kind are the same failure. */
  readonly kind?: string;
  readonly description?: string;
  /** Requests that this Server's handler saw. */
  readonly requests: number;
  readonly isRefused: boolean;
}

/** Sends `streams` to both, beside one another. */
export async function judge(peers: Peers, streams: readonly RequestStream[]): Promise<Judgement[]> {
  const outcomes = await peers.serve(streams);
  return outcomes.map(([luminaire, node], i) => ({
    requests: luminaire.messages.length,
    isRefused: luminaire.verdict === 'refused',
    ...findWrong(streams[i] as RequestStream, luminaire, node),
  }));
}

/** This Server must do what the RFCs say; where it does, what node:http does otherwise must be known. */
function findWrong(stream: RequestStream, luminaire: Outcome, node: Outcome): Partial<Judgement> {
  const fault = luminaire.fault ?? findFault(stream, luminaire);
  if (fault !== undefined) return { kind: `fault, ${luminaire.refusal}`, description: fault };
  const difference = findDifference(stream, luminaire, node);
  if (difference === undefined) return {};
  const explanation = EXPLANATIONS.find(({ applies }) => applies(difference))?.id;
  if (explanation !== undefined) return { explanation };
  return {
    kind: `${luminaire.verdict} ${luminaire.refusal}, node:http ${node.verdict} ${node.refusal}`,
    description: `luminaire: ${tell(luminaire)}; node:http: ${tell(node)}`,
  };
}

function tell(outcome: Outcome): string {
  return `${describe(outcome)} ${outcome.refusal ?? ''}, ${outcome.answered} answered`;
}
