/** Finds which of the media types on offer a client prefers. */

import Negotiator from 'negotiator';
import type { Request } from './request.js';

/**
 * Gives the offer that `Accept` rates best, by weight, then by how precisely it is named (RFC 9110 §12.5.1); `undefined`
 * where it rules out all. Among equals, and for a client that does not say, the first offer wins.
 */
export function preferredType<Offer extends string>(req: Request, offers: readonly Offer[]): Offer | undefined {
  const accept = req.headers.get('accept');
  // What curl and fetch send; an empty list names nothing, so it rules nothing out.
  if (accept === undefined || accept === '*/*' || accept === '') return offers[0];
  return new Negotiator({ headers: { accept } }).mediaType([...offers]) as Offer | undefined;
}
