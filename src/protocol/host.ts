/** Checks an authority: `uri-host [ ":" port ]` (RFC 3986 §3.2, RFC 9110 §4.2). */

import {
  COLON,
  HEX_VALUE,
  LEFT_BRACKET,
  latin1,
  NINE,
  NOT_HEX,
  PERCENT,
  REG_NAME,
  RIGHT_BRACKET,
  ZERO,
} from './chars.js';

/** Eight groups of four digits, or six and an IPv4 address: nothing valid is longer. */
const MAX_IPV6_LENGTH = 45;
const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const IP_FUTURE = /^[vV][0-9A-Fa-f]+\.[-._~!$&'()*+;=:A-Za-z0-9]+$/;

/**
 * Tells whether [start, end) is a host with an optional port. The host is never empty: the http scheme
 * has no use for one (RFC 9110 §4.2.1). User information is refused, as its "@" is in no host.
 */
export function isAuthority(bytes: Buffer, start: number, end: number): boolean {
  const hostEnd = endOfHost(bytes, start, end);
  if (hostEnd === start) return false;
  return hostEnd === end || (bytes[hostEnd] === COLON && isDigits(bytes, hostEnd + 1, end));
}

/** Tells whether [start, end) is `host:port`, as CONNECT must have it, with a port that exists (RFC 9110 §9.3.6). */
export function isAuthorityWithPort(bytes: Buffer, start: number, end: number): boolean {
  const hostEnd = endOfHost(bytes, start, end);
  if (hostEnd === start || bytes[hostEnd] !== COLON) return false;
  if (hostEnd + 1 >= end || end - hostEnd > 6 || !isDigits(bytes, hostEnd + 1, end)) return false;
  const port = Number(latin1(bytes, hostEnd + 1, end));
  return port > 0 && port <= 65535;
}

/** Tells whether `text` is an IPv4 or an IPv6 address, without brackets or zone. */
export function isIpAddress(text: string): boolean {
  return text.length <= MAX_IPV6_LENGTH && (IPV4.test(text) || isIpv6(text));
}

/** Finds the end of the host at `start`: `start` itself if there is none. */
function endOfHost(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] === LEFT_BRACKET && start < end) return endOfLiteral(bytes, start, end);
  const regName = REG_NAME;
  let i = start;
  for (;;) {
    while (i < end && regName[bytes[i]] === 1) i++;
    if (i === end || bytes[i] !== PERCENT || !isEscape(bytes, i, end)) return i;
    i += 3;
  }
}

/** Tells whether a "%" at `i` is followed by two HEXDIG. */
function isEscape(bytes: Buffer, i: number, end: number): boolean {
  return i + 2 < end && HEX_VALUE[bytes[i + 1]] !== NOT_HEX && HEX_VALUE[bytes[i + 2]] !== NOT_HEX;
}

/** IP-literal = "[" ( IPv6address / IPvFuture ) "]" (RFC 3986 §3.2.2). A zone identifier is no part of it. */
function endOfLiteral(bytes: Buffer, start: number, end: number): number {
  const close = bytes.indexOf(RIGHT_BRACKET, start);
  if (close === -1 || close >= end || close - start - 1 > MAX_IPV6_LENGTH) return start;
  const address = latin1(bytes, start + 1, close);
  return isIpv6(address) || IP_FUTURE.test(address) ? close + 1 : start;
}

/** Counts the groups of 16 bits on both sides of "::". */
function isIpv6(address: string): boolean {
  const sides = address.split('::');
  if (sides.length > 2) return false;
  let groups = 0;
  for (const [n, side] of sides.entries()) {
    if (side === '' && sides.length === 2) continue;
    const parts = side.split(':');
    for (const [i, part] of parts.entries()) {
      if (GROUP.test(part)) groups += 1;
      else if (n === sides.length - 1 && i === parts.length - 1 && IPV4.test(part)) groups += 2;
      else return false;
    }
  }
  return sides.length === 2 ? groups <= 7 : groups === 8;
}

/** port = *DIGIT: an empty one means the default. */
function isDigits(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const octet = bytes[i];
    if (octet < ZERO || octet > NINE) return false;
  }
  return true;
}
