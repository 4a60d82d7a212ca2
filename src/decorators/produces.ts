/** Says which media types a handler's answer is to be had in. */

import type { Request } from '../http/request.js';
import type { StreamSource } from '../http/stream-source.js';
import type { FitsProduced, OnHandler } from './fits.js';
import { type HandlerKey, isStaticTarget, type ProducesRecord, recordAbove, recordsFor } from './metadata.js';

/** What an encoder gives: text is sent as UTF-8, a stream no faster than the client takes it. */
export type Encoded = string | Uint8Array | StreamSource;

/** Writes a returned value as one media type. */
export type Encoder<Value> = (value: Value, req: Request) => Encoded | PromiseLike<Encoded>;

/** A type that needs no encoder, which is JSON; or an encoder for each type. */
export type Offer = string | Readonly<Record<string, Encoder<never>>>;

/** Stands on a handler whose returned value all encoders of `O` accept. */
export type ProducesDecorator<O extends Offer> = <T extends object, K extends HandlerKey>(
  target: T & OnHandler<T, K, '@Produces', FitsProduced<T, K, O>>,
  handlerKey: K,
  descriptor: PropertyDescriptor,
) => void;

/**
 * Sends what the method returns in the media type that `Accept` prefers, the first for a client that does not say:
 * `@Produces('application/json', { 'text/csv': toCsv })`. Where none is acceptable, 406 lists them, and neither
 * parameters nor method run. `Vary: Accept` is always sent.
 *
 * JSON (`application/json`, any `+json`) is written as without `@Produces`; any other type needs an encoder, which is
 * given what the method returns, or what the schema of `@Returns` makes of it. Text types get `charset=utf-8` unless
 * they name one. What has a Content-Type of its own, a status of 300 or more, or no content is sent as it is.
 */
export function Produces<const O extends readonly [Offer, ...Offer[]]>(...offers: O): ProducesDecorator<O[number]> {
  return (target, handlerKey) => {
    const representations = offers.flatMap(representationsOf);
    recordAbove(recordsFor(target).produces, { handlerKey, isStatic: isStaticTarget(target), representations });
  };
}

function representationsOf(offer: Offer): ProducesRecord['representations'] {
  if (typeof offer === 'string') return [{ type: offer, hasEncoder: false, encoder: undefined }];
  return Object.entries(offer ?? {}).map(([type, encoder]) => ({ type, hasEncoder: true, encoder }));
}
