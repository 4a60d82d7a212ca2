/** Reads a stream of requests by the letter of the RFCs: slow, whole, and sharing nothing with the engine. */

import { isIPv4, isIPv6 } from 'node:net';
import { chars, either, Matcher, many, optional, seq, text } from './grammar.js';

/** One request that a handler sees. */
export interface SeenMessage {
  readonly method: string;
  readonly target: string;
  /** As latin1; undefined where it has not arrived in full, or is malformed. */
  content: string | undefined;
}

/** What a stream comes to: the connection awaits more, was closed after the last message, or refused what follows. */
export type Verdict = 'open' | 'closed' | 'refused';

export interface Reading {
  readonly messages: readonly SeenMessage[];
  readonly verdict: Verdict;
  /** Where each message begins in the stream, and where the one begins that was awaited or refused. */
  readonly starts: readonly number[];
}

const MAX_HEAD = 16_384;
const MAX_FIELDS = 100;
const MAX_TARGET = 8_192;
const MAX_CONTENT = 1_048_576;
const MAX_EXTENSIONS = 4_096;
const MAX_TRAILERS = 8_192;

const TCHAR = `!#$%&'*+\\-.^_\`|~0-9A-Za-z`;
const FIELD_CHAR = '\\t\\x20-\\x7e\\x80-\\xff';

const CRLF = text('\r\n');
const TOKEN = chars(TCHAR, 1);
const BWS = chars(' \\t', 0);
const FIELD_LINE = seq(TOKEN, text(':'), chars(FIELD_CHAR, 0), CRLF);
const REQUEST_LINE = seq(
  chars(TCHAR, 1, 64),
  text(' '),
  chars('!"$-~', 1, MAX_TARGET),
  text(' HTTP/'),
  chars('0-9', 1, 1),
  text('.'),
  chars('0-9', 1, 1),
  CRLF,
);
const QUOTED = seq(
  text('"'),
  many(either(chars('\\t\\x20!#-\\[\\]-~\\x80-\\xff', 1, 1), seq(text('\\'), chars(FIELD_CHAR, 1, 1)))),
  text('"'),
);
const EXTENSION = seq(BWS, text(';'), BWS, TOKEN, optional(seq(BWS, text('='), BWS, either(TOKEN, QUOTED))));

const headMatcher = new Matcher(seq(optional(CRLF), REQUEST_LINE, many(FIELD_LINE), CRLF));
const chunkLineMatcher = new Matcher(seq(chars('0-9A-Fa-f', 1, 13), many(EXTENSION), CRLF));
const trailerMatcher = new Matcher(seq(many(FIELD_LINE), CRLF));

/** What a part of a stream comes to; a number is the size of what was read. */
type Part<T> = T | 'open' | 'refused';

interface Head {
  readonly method: string;
  readonly target: string;
  readonly size: number;
  readonly length: number | 'chunked';
  readonly closes: boolean;
}

/** Reads requests until the stream ends, or nothing more of it may be read. */
export function readStream(wire: string): Reading {
  const messages: SeenMessage[] = [];
  const starts: number[] = [];
  let at = 0;
  for (;;) {
    starts.push(at);
    const head = readHead(wire.slice(at));
    if (typeof head === 'string') return { messages, verdict: head, starts };
    const { method, target } = head;
    const message: SeenMessage = { method, target, content: undefined };
    messages.push(message);
    at += head.size;
    if (method === 'CONNECT') {
      message.content = '';
      return { messages, verdict: 'closed', starts };
    }
    const content = head.length === 'chunked' ? readChunks(wire.slice(at)) : readLength(wire, at, head.length);
    if (typeof content === 'string') return { messages, verdict: content, starts };
    message.content = content.content;
    at += content.size;
    if (head.closes) return { messages, verdict: 'closed', starts };
  }
}

function readLength(wire: string, at: number, length: number): Part<{ content: string; size: number }> {
  if (length > MAX_CONTENT) return 'refused';
  return wire.length - at < length ? 'open' : { content: wire.slice(at, at + length), size: length };
}

/** RFC 9112 §2 to §6. What no further byte can mend is refused at once. */
export function readHead(rest: string): Part<Head> {
  const seen = rest.slice(0, MAX_HEAD);
  const size = headMatcher.match(seen);
  if (size === undefined && !headMatcher.isBegun(seen)) return 'refused';
  const lines = seen.slice(seen.startsWith('\r\n') ? 2 : 0, size).split('\r\n');
  const [requestLine = '', ...fieldLines] = size === undefined ? lines : lines.slice(0, -2);
  const [method = '', target = '', version] = requestLine.split(' ');
  if (version !== undefined && !isTarget(method, target)) return 'refused';
  if (/^HTTP\/[02-9]\.[0-9]/.test(version ?? '')) return 'refused';
  if (fieldLines.filter((line) => line.includes(':')).length > MAX_FIELDS) return 'refused';
  // The last line may go on, unless the head has ended.
  const fields = (size === undefined ? fieldLines.slice(0, -1) : fieldLines).map(splitField);
  const values = (name: string) => fields.flatMap(([key, value]) => (key === name ? [value] : []));
  const hosts = values('host');
  const lengths = values('content-length');
  const codings = values('transfer-encoding');
  if (hosts.length > 1 || !hosts.every(isAuthority)) return 'refused';
  if (lengths.length > 1 || !lengths.every((value) => /^(?:0|[1-9][0-9]{0,15})$/.test(value))) return 'refused';
  if (lengths.some((value) => !Number.isSafeInteger(Number(value)))) return 'refused';
  if (codings.length > 1 || !codings.every((value) => /^chunked$/i.test(value))) return 'refused';
  if (size === undefined) return seen.length === MAX_HEAD ? 'refused' : 'open';

  const isOld = version === 'HTTP/1.0';
  if (hosts.length === 0 && !isOld) return 'refused';
  if (codings.length > 0 && (isOld || lengths.length > 0)) return 'refused';
  if (!isOld && !values('expect').every((value) => /^100-continue$/i.test(value))) return 'refused';
  const options = values('connection').flatMap((value) => value.split(',').map((option) => trim(option).toLowerCase()));
  const closes = options.includes('close') || (isOld && !options.includes('keep-alive'));
  return { method, target, size, length: codings.length > 0 ? 'chunked' : Number(lengths[0] ?? 0), closes };
}

/** RFC 9112 §7.1. */
export function readChunks(rest: string): Part<{ content: string; size: number }> {
  let content = '';
  let extensions = 0;
  for (let at = 0; ; ) {
    const line = rest.slice(at, at + MAX_EXTENSIONS + 64);
    const lineSize = chunkLineMatcher.match(line);
    if (lineSize === undefined && !chunkLineMatcher.isBegun(line)) return 'refused';
    extensions += line
      .slice(0, lineSize)
      .replace(/^[0-9A-Fa-f]*/, '')
      .replace(/\r\n?$/, '').length;
    if (extensions > MAX_EXTENSIONS) return 'refused';
    if (lineSize === undefined) return 'open';
    const size = Number.parseInt(line, 16);
    at += lineSize;
    if (size === 0) {
      const trailers = readTrailers(rest.slice(at));
      return typeof trailers === 'string' ? trailers : { content, size: at + trailers };
    }
    content += rest.slice(at, at + size);
    if (content.length > MAX_CONTENT) return 'refused';
    const end = rest.slice(at + size, at + size + 2);
    if (!'\r\n'.startsWith(end)) return 'refused';
    if (end.length < 2) return 'open';
    at += size + 2;
  }
}

/** Whether `line` is the first line of a chunk, or may become one. */
export function isChunkLine(line: string): boolean {
  return chunkLineMatcher.match(line) !== undefined || chunkLineMatcher.isBegun(line);
}

/** RFC 9112 §7.1.2; fields that frame, route or describe are refused (RFC 9110 §6.5.1). */
function readTrailers(rest: string): Part<number> {
  const size = trailerMatcher.match(rest);
  if (size === undefined && !trailerMatcher.isBegun(rest.slice(0, MAX_TRAILERS + 2))) return 'refused';
  const section = rest.slice(0, size);
  if (section.split('\r\n').some((line) => line.includes(':') && FORBIDDEN_TRAILER.test(line))) return 'refused';
  if ((size ?? rest.replace(/\r$/, '').length + 2) - 2 > MAX_TRAILERS) return 'refused';
  return size ?? 'open';
}

const FORBIDDEN_TRAILER = new RegExp(
  `^(?:${[
    'connection|content-(?:length|encoding|location|range|type)|expect|host|keep-alive|proxy-connection|te|trailer',
    'transfer-encoding|upgrade|forwarded|max-forwards|via|x-forwarded-(?:for|host|proto)|(?:proxy-)?authorization',
    '(?:set-)?cookie|origin|referer|cache-control|pragma|age|date|expires|location|retry-after|vary|warning',
    'if-(?:match|modified-since|none-match|range|unmodified-since)|range',
  ].join('|')}):`,
  'i',
);

/** Only SP and HTAB: `trim` would take U+00A0 too. */
export function trim(value: string): string {
  return value.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '');
}

function splitField(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), trim(line.slice(colon + 1))];
}

const REG_NAME = /^(?:[-._~!$&'()*+;=A-Za-z0-9]|%[0-9A-Fa-f]{2})+$/;
const IP_FUTURE = /^v[0-9a-f]+\.[-._~!$&'()*+;=:a-z0-9]+$/i;

/** uri-host [ ":" port ] (RFC 9110 §4.2); the host is not empty. */
export function isAuthority(value: string): boolean {
  const host = value.replace(/:[0-9]*$/, '');
  const literal = /^\[([^%]+)\]$/.exec(host)?.[1];
  if (literal !== undefined) return isIPv6(literal) || IP_FUTURE.test(literal);
  // [::1 without its bracket loses its last group to the port, so it is no reg-name either.
  return isIPv4(host) || REG_NAME.test(host);
}

/** The four forms of RFC 9112 §3.2. */
export function isTarget(method: string, target: string): boolean {
  if (method === 'CONNECT') {
    const port = /:([0-9]{1,5})$/.exec(target)?.[1];
    return port !== undefined && isAuthority(target) && Number(port) >= 1 && Number(port) <= 65535;
  }
  if (target.startsWith('/') || target === '*') return true;
  const authority = /^https?:\/\/([^/?]*)/i.exec(target)?.[1];
  return authority !== undefined && isAuthority(authority);
}

/**
 * The parameters of a form (WHATWG URL §5.1). Not by URLSearchParams: where any escape of a text is malformed, that of
 * Node 20 takes what is no ASCII in it for octets.
 */
export function readForm(text: string): [name: string, value: string][] {
  const pairs = text.split('&').filter((pair) => pair !== '');
  return pairs.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [decodeForm(name), decodeForm(value.join('='))];
  });
}

function decodeForm(text: string): string {
  const octets = Buffer.from(text.replaceAll('+', ' ')).toString('latin1');
  const decoded = octets.replace(/%([0-9A-Fa-f]{2})/g, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1').toString();
}
