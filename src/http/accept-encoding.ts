/** Picks the content coding of an answer by Accept-Encoding (RFC 9110 §12.5.3). */

import Negotiator from 'negotiator';

/** The content codings that are negotiated: brotli (RFC 7932), zstd (RFC 8878), gzip (RFC 1952). */
export const CODINGS = ['br', 'zstd', 'gzip'] as const;
/** One of the content codings that are negotiated. */
export type Coding = (typeof CODINGS)[number];

/** The part of a Negotiator used here, with the option that its types lack. */
interface EncodingNegotiator {
  encodings(available: readonly string[], options: { readonly preferred: readonly string[] }): string[];
}

/**
 * Gives the codings of `offered` that the client takes, the best first: by its q-values, and among equals in the order
 * of `offered`. `identity` stands among them where the client takes content as it is; a client that says nothing takes
 * nothing else.
 */
export function acceptedCodings<Offered extends string>(
  acceptEncoding: string | undefined,
  offered: readonly Offered[],
): (Offered | 'identity')[] {
  if (acceptEncoding === undefined) return ['identity'];
  const negotiator: EncodingNegotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } });
  return negotiator.encodings([...offered, 'identity'], { preferred: offered }) as (Offered | 'identity')[];
}
