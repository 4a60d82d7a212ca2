/** Lists every known difference from node:http, each with the clause that decides it. */

import { METHODS } from 'node:http';
import type { Difference } from './compare.js';
import { isAuthority, isChunkLine, isTarget, readHead, trim } from './reference.js';

/** A class of differences. */
export interface Explanation {
  readonly id: string;
  /** What the two do. */
  readonly difference: string;
  /** What decides it. */
  readonly clause: string;
  readonly right: 'luminaire' | 'both';
  readonly applies: (difference: Difference) => boolean;
}

/** The head where the two part, up to its end by anyone's reading. */
function headOf(rest: string): string {
  return /^[\r\n]{0,2}.*?(?:\n\r?\n|\r\r|$)/s.exec(rest)?.[0] ?? rest;
}

/** Values of the field `name`, however its line ends. */
function valuesOf(head: string, name: string): string[] {
  const lines = head.split(/\r\n|\n|\r/);
  return lines.flatMap((line) =>
    line.toLowerCase().startsWith(`${name}:`) ? [trim(line.slice(name.length + 1))] : [],
  );
}

/** The request line, cut at each space. */
function lineOf(rest: string): readonly string[] {
  return (/^(?:\r\n)?([^\r\n]*)/.exec(rest)?.[1] ?? '').split(' ');
}

function options(head: string, field = 'connection'): string[] {
  return valuesOf(head, field).flatMap((value) => value.split(',').map((option) => trim(option).toLowerCase()));
}

function hasUpgrade(head: string): boolean {
  return options(head).includes('upgrade') && valuesOf(head, 'upgrade').some((value) => value !== '');
}

/** This Server refuses the head where they part, and the head shows why. */
function refusesHead(refusals: RegExp, shows: (head: string, difference: Difference) => boolean) {
  return (difference: Difference) => {
    const { luminaire, agreed, rest } = difference;
    return (
      refusals.test(luminaire.refusal ?? '') && luminaire.messages.length === agreed && shows(headOf(rest), difference)
    );
  };
}

/** This Server refuses the content of the message where they part, and the stream shows why. */
function refusesContent(refusals: RegExp, shows: (rest: string) => boolean) {
  return ({ luminaire, agreed, rest }: Difference) =>
    refusals.test(luminaire.refusal ?? '') && luminaire.messages.length === agreed + 1 && shows(rest);
}

/** node:http refuses the message where they part, and this Server does not refuse its head. */
function nodeRefuses(refusals: RegExp, shows: (head: string, difference: Difference) => boolean) {
  return (difference: Difference) => {
    const { node, luminaire, agreed, rest } = difference;
    const goesOn = luminaire.verdict !== 'refused' || luminaire.messages.length > agreed;
    const isThere = node.messages.length <= agreed + 1 && node.verdict === 'refused';
    return isThere && goesOn && refusals.test(node.refusal ?? '') && shows(headOf(rest), difference);
  };
}

export const EXPLANATIONS: readonly Explanation[] = [
  // Where nothing else differs
  {
    id: 'answers-lost',
    difference: 'node:http drops the answers that it still owes when a later message is refused or is CONNECT',
    clause: 'RFC 9112 §9.3.2: a server MUST send the responses to pipelined requests in order',
    right: 'luminaire',
    applies: ({ luminaire, node }) =>
      (node.refusal !== undefined || node.messages.at(-1)?.method === 'CONNECT') &&
      node.answered < luminaire.answered &&
      node.messages.length === luminaire.messages.length &&
      node.verdict === luminaire.verdict,
  },

  // The request line
  {
    id: 'extension-method',
    difference: 'node:http refuses a method that is not in its list; here it is a 501, unless a route has it',
    clause: 'RFC 9110 §9.1: a method is any token; §15.6.2: one that is not recognised is 501',
    right: 'luminaire',
    applies: nodeRefuses(/^HPE_INVALID_METHOD$/, (head) => !METHODS.includes(lineOf(head)[0] ?? '')),
  },
  {
    id: 'method-pri',
    difference: 'node:http answers PRI as the preface of HTTP/2, here it is a method like others',
    clause: 'RFC 9113 §3.4: the preface is PRI * HTTP/2.0, and that is refused here with 505',
    right: 'luminaire',
    applies: ({ luminaire, node, agreed, rest }) => {
      const takesHead = luminaire.messages.length > agreed || luminaire.verdict === 'open';
      return node.messages.length === agreed && takesHead && lineOf(rest)[0] === 'PRI';
    },
  },
  {
    id: 'empty-lines',
    difference: 'node:http passes over any number of CR and LF before a request, here over one CR LF',
    clause: 'RFC 9112 §2.2: at least one empty line (CRLF) SHOULD be ignored',
    right: 'both',
    applies: refusesHead(/^bad-(?:method|line-end)$/, (_head, { rest }) => /^(?:\n|\r\n[\r\n]|\r[^\n])/.test(rest)),
  },
  {
    id: 'spaces',
    difference: 'node:http takes several spaces within a request line',
    clause: 'RFC 9112 §3: request-line = method SP request-target SP HTTP-version',
    right: 'luminaire',
    applies: refusesHead(/^bad-(?:target|version)$/, (head) => lineOf(head).slice(1, 3).includes('')),
  },
  {
    id: 'http-0.9',
    difference: 'node:http serves a request line without a version',
    clause: 'RFC 9112 §3: a request line has an HTTP-version',
    right: 'luminaire',
    applies: refusesHead(/^bad-target$/, (head) => lineOf(head).length === 2),
  },
  {
    id: 'target-octets',
    difference: 'node:http takes a target with a fragment or with octets that are no visible ASCII',
    clause: 'RFC 9112 §3.2, RFC 3986 §2: a target is made of URI characters; RFC 9110 §7.1: without a fragment',
    right: 'luminaire',
    applies: refusesHead(/^bad-target$/, (head) => /[^!"$-~]/.test(lineOf(head)[1] ?? '')),
  },
  {
    id: 'target-form',
    difference: 'node:http takes a target in none of the four forms, or with an authority that is none',
    clause: 'RFC 9112 §3.2: four forms; an invalid request line SHOULD be answered 400',
    right: 'luminaire',
    applies: refusesHead(/^bad-target$/, (head) => {
      const [method = '', target = '', version] = lineOf(head);
      return version !== undefined && !isTarget(method, target);
    }),
  },
  {
    id: 'later-minor-version',
    difference: 'node:http refuses HTTP/1.2 to HTTP/1.9',
    clause: 'RFC 9110 §2.5: a higher minor version is processed as the highest one known',
    right: 'luminaire',
    applies: nodeRefuses(/^HPE_INVALID_VERSION$/, (head) => /^HTTP\/1\.[2-9]/.test(lineOf(head)[2] ?? '')),
  },
  {
    id: 'other-protocol',
    difference: 'node:http serves RTSP and ICE as HTTP',
    clause: 'RFC 9112 §2.3: HTTP-name = %x48.54.54.50',
    right: 'luminaire',
    applies: refusesHead(/^bad-version$/, (head) => /^(?:RTSP|ICE)\/[0-9]\.[0-9]$/.test(lineOf(head)[2] ?? '')),
  },
  {
    id: 'other-major-version',
    difference: 'node:http serves HTTP/0.9 and HTTP/2.0 in the syntax of HTTP/1',
    clause: 'RFC 9110 §15.6.6: a major version that is not supported is 505',
    right: 'luminaire',
    applies: refusesHead(/^unsupported-version$/, (head) => /^HTTP\/(?:0\.9|2\.0)$/.test(lineOf(head)[2] ?? '')),
  },

  // Host
  {
    id: 'host-invalid',
    difference: 'node:http takes a Host that is no host',
    clause: 'RFC 9112 §3.2: an invalid Host MUST be answered 400',
    right: 'luminaire',
    applies: refusesHead(/^bad-host$/, (head) => !valuesOf(head, 'host').every(isAuthority)),
  },
  {
    id: 'host-repeated',
    difference: 'node:http takes several Host fields',
    clause: 'RFC 9112 §3.2: more than one Host MUST be answered 400',
    right: 'luminaire',
    applies: refusesHead(/^repeated-host$/, (head) => valuesOf(head, 'host').length > 1),
  },
  {
    id: 'host-missing',
    difference: 'node:http answers 400 and closes, but serves requests behind it, and CONNECT without a Host',
    clause: 'RFC 9112 §3.2: a missing Host MUST be answered 400; §9.6: nothing is processed after close',
    right: 'luminaire',
    applies: refusesHead(/^missing-host$/, (head) => valuesOf(head, 'host').length === 0),
  },

  // Framing
  {
    id: 'transfer-encoding-in-http-1.0',
    difference: 'node:http takes Transfer-Encoding in HTTP/1.0',
    clause: 'RFC 9112 §6.1: its framing is to be treated as faulty',
    right: 'luminaire',
    applies: refusesHead(
      /^transfer-encoding-in-http-1\.0$/,
      (head) => lineOf(head)[2] === 'HTTP/1.0' && valuesOf(head, 'transfer-encoding').length > 0,
    ),
  },
  {
    id: 'transfer-encoding-not-chunked',
    difference: 'node:http refuses the coding at the end of the head, after it has called its handler',
    clause: 'RFC 9112 §6.3: without chunked as the last coding the length is unknown: 400, then close',
    right: 'luminaire',
    applies: refusesHead(/^bad-transfer-encoding$/, (head, { node, agreed }) => {
      const codings = options(head, 'transfer-encoding');
      const awaitsEnd = node.verdict === 'open' && node.messages.length === agreed;
      const isLate = node.refusal === 'HPE_INVALID_TRANSFER_ENCODING' || awaitsEnd || hasUpgrade(head);
      return isLate && codings.at(-1) !== 'chunked';
    }),
  },
  {
    id: 'connect-framing',
    difference: 'node:http makes a tunnel of CONNECT whatever its Transfer-Encoding says',
    clause: 'RFC 9110 §9.3.6: CONNECT has no content, so what follows may be read in two ways; RFC 9112 §6.3',
    right: 'both',
    applies: refusesHead(
      /^bad-transfer-encoding$/,
      (head, { node, agreed }) => lineOf(head)[0] === 'CONNECT' && node.messages[agreed]?.method === 'CONNECT',
    ),
  },
  {
    id: 'transfer-encoding-list',
    difference: 'node:http takes any list that ends in chunked, also over several fields, and decodes only chunked',
    clause: 'RFC 9112 §6.1: a coding that is not understood SHOULD be answered 501; §7: chunked once',
    right: 'luminaire',
    applies: refusesHead(
      /^(?:bad|unsupported|repeated)-transfer-encoding$/,
      (head) => options(head, 'transfer-encoding').length > 1 && options(head, 'transfer-encoding').includes('chunked'),
    ),
  },
  {
    id: 'content-length-leading-zero',
    difference: 'node:http takes leading zeros',
    clause: 'RFC 9112 §6.3: a length that recipients may read differently is refused; RFC 9110 §8.6 allows the digits',
    right: 'both',
    applies: refusesHead(/^bad-content-length$/, (head) =>
      valuesOf(head, 'content-length').some((v) => /^0[0-9]+$/.test(v)),
    ),
  },
  {
    id: 'content-length-empty',
    difference: 'node:http refuses an empty Content-Length at the byte after its line, here it is at its end',
    clause: 'RFC 9110 §8.6: Content-Length = 1*DIGIT; RFC 9112 §6.3: an invalid one is answered 400',
    right: 'both',
    applies: refusesHead(/^bad-content-length$/, (head) => valuesOf(head, 'content-length').includes('')),
  },
  {
    id: 'transfer-encoding-empty',
    difference: 'node:http takes an empty Transfer-Encoding as none',
    clause: 'RFC 9112 §6.3: Transfer-Encoding without chunked as its last coding is answered 400',
    right: 'luminaire',
    applies: refusesHead(/^bad-transfer-encoding$/, (head) => valuesOf(head, 'transfer-encoding').includes('')),
  },
  {
    id: 'tab-after-value',
    difference:
      'node:http takes a tab after the value of Content-Length, Transfer-Encoding or Connection as part of it',
    clause: 'RFC 9110 §5.5: a field value does not include white space around it, and OWS is SP or HTAB',
    right: 'luminaire',
    applies: ({ before, rest, node, agreed }) => {
      const ends = /^(?:content-length|transfer-encoding|connection):[ \t]*[^ \t\r\n].*\t[ \t]*\r?$/im;
      const isError = /^HPE_INVALID_(?:CONTENT_LENGTH|TRANSFER_ENCODING)$/.test(node.refusal ?? '');
      const isFaced = isError || hasUpgrade(headOf(rest));
      const isThere = node.messages.length <= agreed + 1 && isFaced && ends.test(headOf(rest));
      return isThere || ends.test(headOf(before.at(-1) ?? ''));
    },
  },
  {
    id: 'content-length-inexact',
    difference: 'node:http waits for content whose length a Number does not count exactly',
    clause: 'RFC 9110 §8.6: a recipient must anticipate large numbers; §15.5.14: 413',
    right: 'luminaire',
    applies: refusesHead(/^content-length-too-large$/, (head) =>
      valuesOf(head, 'content-length').some((value) => /^[0-9]{16,}$/.test(value)),
    ),
  },
  {
    id: 'content-limit',
    difference: 'node:http has no limit for content',
    clause: 'RFC 9110 §15.5.14: 413 where content is larger than the server is willing to process',
    right: 'both',
    applies: ({ luminaire, agreed, rest }) =>
      luminaire.refusal === '413' &&
      luminaire.messages.length === agreed + 1 &&
      valuesOf(headOf(rest), 'content-length').some((value) => Number(value) > 1_048_576),
  },
  {
    id: 'unknown-expectation',
    difference: 'node:http looks for 100-continue anywhere in Expect, and takes an empty one',
    clause: 'RFC 9110 §10.1.1: a member other than 100-continue MAY be answered 417',
    right: 'both',
    applies: refusesHead(
      /^unknown-expectation$/,
      (head) => !valuesOf(head, 'expect').every((value) => /^100-continue$/i.test(value)),
    ),
  },

  // Chunked content
  {
    id: 'space-in-extension',
    difference: 'node:http refuses white space before a chunk extension and before its name, "=" and value',
    clause: 'RFC 9112 §7.1.1: chunk-ext = *( BWS ";" BWS ...; RFC 9110 §5.6.3: bad white space MUST be parsed',
    right: 'luminaire',
    applies: nodeRefuses(/^HPE_(?:INVALID_CHUNK_SIZE|STRICT)$/, (_head, { rest, before, reads }) =>
      /\n[0-9A-Fa-f]+(?:[ \t]+(?:;|$)|;[^\r\n]*(?:;[ \t]|[ \t]+[=;]|=[ \t])|;[ \t])/.test(
        reads ? rest : (before.at(-1) ?? '') + rest,
      ),
    ),
  },
  {
    id: 'extension-grammar',
    difference: 'node:http takes extensions without a name, and others beside the grammar',
    clause: 'RFC 9112 §7.1.1: chunk-ext-name = token, chunk-ext-val = token / quoted-string',
    right: 'luminaire',
    applies: refusesContent(/^bad-chunk-extension$/, (rest) =>
      (rest.match(/(?<=\n)[0-9A-Fa-f]+[ \t;][^\n]*\n?/g) ?? []).some((line) => !isChunkLine(line)),
    ),
  },
  {
    id: 'forbidden-trailer',
    difference: 'node:http takes trailer fields that frame, route or describe',
    clause: 'RFC 9110 §6.5.1: a sender MUST NOT send them in trailers, a recipient MUST NOT merge them',
    right: 'both',
    applies: refusesContent(/^forbidden-trailer$/, (rest) =>
      /\n0+(?:[ \t;][^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*[-A-Za-z]+:/.test(rest),
    ),
  },
  {
    id: 'chunk-size-inexact',
    difference: 'node:http takes a chunk size of any number of digits below 2^64',
    clause: 'RFC 9112 §7.1: a recipient MUST anticipate large sizes and prevent errors of parsing',
    right: 'both',
    applies: refusesContent(/^chunk-size-too-large$/, (rest) => /\n[0-9A-Fa-f]{14,}/.test(rest)),
  },

  // Limits
  {
    id: 'limits',
    difference: 'node:http has 16 KiB for names, values and target together, and no limit for the number of fields',
    clause: 'RFC 9110 §15.5.15, RFC 6585 §5: 414 and 431; a server chooses its limits',
    right: 'both',
    applies: refusesHead(/^(?:head-too-large|too-many-fields|target-too-long)$/, (head, { luminaire }) => {
      if (luminaire.refusal === 'head-too-large') return head.length > 16_384;
      if (luminaire.refusal === 'too-many-fields') return head.split('\r\n').length > 100;
      return (lineOf(head)[1] ?? '').length > 8_192;
    }),
  },

  {
    id: 'chunk-limits',
    difference:
      'node:http has 16 KiB for the extensions of each chunk and for trailers, here there are 4 KiB and 8 KiB in all',
    clause: 'RFC 9112 §7.1.1: a server SHOULD limit the total length of extensions; §7.1.2, RFC 6585 §5: 431',
    right: 'both',
    applies: refusesContent(/^(?:chunk-extensions|trailers)-too-large$/, (rest) => rest.length > 4_096),
  },
  {
    id: 'refused-sooner',
    difference: 'node:http refuses a line before it has ended, here it is refused at its end',
    clause: 'RFC 9112 §2.2: both refuse it',
    right: 'both',
    applies: nodeRefuses(/^HPE_/, (_head, { luminaire, agreed, rest }) => {
      const ending = rest.slice(2).includes('\r\n') ? '\r\n\r\n' : ' HTTP/1.1\r\nHost: a\r\n\r\n';
      const awaitsHead = luminaire.verdict === 'open' && luminaire.messages.length === agreed;
      return awaitsHead && readHead(rest) === 'open' && readHead(rest.replace(/\r$/, '') + ending) === 'refused';
    }),
  },

  // Persistence
  {
    id: 'data-after-close',
    difference: 'node:http turns bytes behind a last request into an error, here they are not looked at',
    clause: 'RFC 9112 §9.6: nothing that comes after a last request is processed',
    right: 'both',
    applies: ({ luminaire, node, agreed }) =>
      luminaire.verdict === 'closed' &&
      node.refusal === 'HPE_CLOSED_CONNECTION' &&
      luminaire.messages.length === agreed &&
      node.messages.length === agreed,
  },
  {
    id: 'keep-alive-and-close',
    difference: 'node:http goes on where a message says both keep-alive and close',
    clause: 'RFC 9112 §9.3: with the close option the connection does not persist, whatever else is there',
    right: 'luminaire',
    applies: ({ luminaire, agreed, before }) => {
      const said = options(headOf(before.at(-1) ?? ''));
      const isLast = luminaire.verdict === 'closed' && luminaire.messages.length === agreed;
      return isLast && said.includes('close') && said.includes('keep-alive');
    },
  },
  {
    id: 'proxy-connection',
    difference: 'node:http obeys Proxy-Connection as if it were Connection',
    clause: 'RFC 9112 §C.2.2: Proxy-Connection is no field of HTTP/1.1 and is ignored',
    right: 'luminaire',
    applies: ({ node, agreed, before }) =>
      node.messages.length === agreed &&
      node.verdict !== 'open' &&
      options(headOf(before.at(-1) ?? ''), 'proxy-connection').includes('close'),
  },
  {
    id: 'unread-content',
    difference:
      'node:http drops all content that its handler left unread; here the connection closes where it may be long',
    clause: 'RFC 9112 §9.3: a server MUST read the content or close the connection',
    right: 'both',
    applies: ({ luminaire, agreed, reads }) =>
      !reads && luminaire.verdict === 'closed' && luminaire.messages.length === agreed,
  },
  {
    id: 'upgrade-hides-errors',
    difference: 'node:http reports no error in the content of a request with Upgrade, and never answers it',
    clause: 'RFC 9110 §7.8: an Upgrade MAY be ignored; RFC 9112 §7.1: the chunked coding is then decoded',
    right: 'luminaire',
    applies: ({ node, agreed, rest }) =>
      node.messages.length === agreed + 1 &&
      node.messages[agreed]?.content === undefined &&
      node.verdict === 'open' &&
      hasUpgrade(headOf(rest)),
  },
  {
    id: 'upgrade-not-taken',
    difference: 'node:http drops the rest of each segment behind a request with Upgrade, although it did not upgrade',
    clause: 'RFC 9110 §7.8: an Upgrade MAY be ignored, and the connection then goes on as HTTP',
    right: 'luminaire',
    applies: ({ before }) => before.some((message) => hasUpgrade(headOf(message))),
  },
];
