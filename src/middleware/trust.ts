/** Decides which peers are believed. */

import { createRequire } from 'node:module';
import { checkWhole, optionError } from './option-error.js';

/**
 * Who is believed: addresses, ranges (`10.0.0.0/8`) and their names `loopback`, `linklocal`, `uniquelocal`; the number of
 * proxies in front, whatever their addresses; or a function of the address and of how many hops it is away, the peer 0.
 */
export type Trust = string | readonly string[] | number | Trusts;

/** `address` is an empty string where nobody knows it. */
export type Trusts = (address: string, hop: number) => boolean;

/** @throws TypeError for what is no address, no range and none of their names. */
export function compileTrust(place: string, trust: Trust): Trusts {
  if (typeof trust === 'function') return trust;
  if (typeof trust === 'number') {
    const proxies = checkWhole(place, trust, 1);
    return (_address, hop) => hop < proxies;
  }
  // Loaded by those who name addresses: it takes some 15 ms.
  const { compile } = createRequire(import.meta.url)('@fastify/proxy-addr') as typeof import('@fastify/proxy-addr');
  try {
    return compile(typeof trust === 'string' ? trust : [...trust]);
  } catch {
    const expected =
      'addresses, ranges as "10.0.0.0/8", or "loopback", "linklocal", "uniquelocal"; a number; a function';
    throw optionError(place, expected, trust);
  }
}
