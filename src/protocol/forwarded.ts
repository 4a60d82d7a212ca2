/** Reads what proxies say of the requests that they forward (RFC 7239). */

import { isIpAddress } from './host.js';

/** What one proxy says. An empty string is what it did not say. */
export interface ForwardedElement {
  readonly for: string;
  readonly host: string;
  readonly proto: string;
}

/**
 * `token "=" value`, and what ends it. An address with a port is no token and would have to be quoted; proxies that
 * leave that out cannot be misread, since no delimiter stands in it.
 */
const PAIR = /[ \t]*([!#$%&'*+.^_`|~\dA-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))[ \t]*(;|,|$)/y;
const EMPTY = /[ \t]*(;|,|$)/y;

/** The elements of a Forwarded field, in the order of the proxies; `undefined` where it is malformed. */
export function parseForwarded(field: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = [];
  let pairs = new Map<string, string>();
  for (let at = 0; at < field.length; ) {
    PAIR.lastIndex = at;
    const pair = PAIR.exec(field);
    EMPTY.lastIndex = at;
    const match = pair ?? EMPTY.exec(field);
    if (match === null) return undefined;
    let end = match[1];
    if (pair !== null) {
      const name = pair[1].toLowerCase();
      if (pairs.has(name)) return undefined;
      pairs.set(name, pair[2]?.replace(/\\(.)/g, '$1') ?? pair[3]);
      end = pair[4];
    }
    at += match[0].length;
    if (end === ';' && at < field.length) continue;
    if (pairs.size > 0) {
      elements.push({
        for: pairs.get('for') ?? '',
        host: pairs.get('host') ?? '',
        proto: pairs.get('proto') ?? '',
      });
      pairs = new Map();
    }
  }
  return elements;
}

/**
 * The IP address of a node (RFC 7239 §6), as X-Forwarded-For has it too: without brackets and port. An empty string for
 * `unknown`, for an obfuscated name, and for anything else.
 */
export function nodeAddress(node: string): string {
  const [, literal, ipv4] = /^(?:\[([^\]]*)\]|([\d.]+))(?::[\w.-]+)?$/.exec(node) ?? [];
  const address = literal ?? ipv4 ?? node;
  return isIpAddress(address) ? address : '';
}
