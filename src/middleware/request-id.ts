/** Gives each request an id that its client is told. */

import type { Middleware } from '../http/handler.js';
import { isToken } from '../protocol/chars.js';
import { checkNames, optionError } from './option-error.js';
import { compileTrust, type Trust, type Trusts } from './trust.js';

/** Where an id comes from. */
export interface RequestIdOptions {
  /** The field of request and answer. Default `X-Request-Id`. */
  readonly field?: string;
  /** The peers whose id is taken over: a gateway that has logged it already. Default: nobody. */
  readonly trust?: Trust;
  /** Makes an id. Default: a random UUID. */
  readonly make?: () => string;
}

/** What logs and fields take without escaping, of a length that no log minds. */
const ID = /^[\w.:+=/@-]{1,128}$/;

/**
 * Sets `req.id`, and sends it in a field of the answer, also that of an error. A trusted peer's own is taken where it has
 * 1 to 128 letters, digits or `. _ : + = / @ -`; otherwise a new one is made.
 *
 * @throws TypeError for an option that is malformed.
 */
export function requestId(options: RequestIdOptions = {}): Middleware {
  checkNames('requestId', options, ['field', 'trust', 'make']);
  const { field = 'X-Request-Id', make } = options;
  if (typeof field !== 'string' || !isToken(field)) throw optionError('requestId: field', 'a field name', field);
  if (make !== undefined && typeof make !== 'function') throw optionError('requestId: make', 'a function', make);
  const trusts: Trusts = options.trust === undefined ? () => false : compileTrust('requestId: trust', options.trust);
  // Named for the route table and for errors.
  return function requestId(req, res, next) {
    const given = req.headers.get(field);
    if (given !== undefined && ID.test(given) && trusts(req.peerAddress, 0)) req.id = given;
    else if (make !== undefined) req.id = make();
    res.setHeader(field, req.id);
    return next(req, res);
  };
}
