/** Picks the handler whose representation a client prefers. */

import type { Representation } from '../../decorators/metadata.js';
import { preferredType } from '../../http/accept.js';
import type { Handler } from '../../http/handler.js';
import { HttpError } from '../../http/http-error.js';

/**
 * Joins one handler for each of `representations` into one that negotiates: `Accept` picks, before anything of the
 * route runs. Where nothing is acceptable, 406 lists what there is (RFC 9110 §15.5.7).
 */
export function negotiate(
  representations: readonly Representation[],
  build: (representation: Representation) => Handler,
): Handler {
  const handlers = new Map(representations.map((each) => [each.type, build(each)]));
  const types = [...handlers.keys()];
  const message = `No type that the client accepts can be sent, only ${types.join(', ')}.`;
  return (req, res) => {
    res.vary('Accept');
    const type = preferredType(req, types);
    if (type === undefined) throw new HttpError(message, 406, { extensions: { available: types } });
    return (handlers.get(type) as Handler)(req, res);
  };
}
