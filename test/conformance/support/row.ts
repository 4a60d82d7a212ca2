/** Declares what a conformance row is, with short forms for the usual kinds. */

import type { Request } from '../../../src/http/request.js';
import type { Response } from '../../../src/http/response.js';
import type { ServerOptions } from '../../../src/server/opts.js';
import type { Server } from '../../../src/server/server.js';

/** How a connection is left: it answers another request, or it is closed, or the server waits for the rest of a message. */
export type After = 'open' | 'closed' | 'waiting';

/** How the bytes of a row are handed over: in one piece, a byte at a time, line by line, or cut at random. */
export const WAYS = ['whole', 'bytes', 'lines', 'cuts'] as const;
export type Way = (typeof WAYS)[number];

/** One claim: what is sent, and everything that comes of it. */
export interface Row {
  /** A claim in the present tense. */
  readonly title: string;
  /** What the claim rests on: `9112 §5.1`, `CVE-2020-8201`, or the name of an attack. */
  readonly rfc: string;
  /** What is sent, as latin1. Of several parts each is sent once the one before has had its effect; a number is time. */
  readonly wire: string | readonly (string | number)[];
  /** The status of every response, in order, interim ones included. */
  readonly statuses: readonly number[];
  readonly after: After;
  /** What the handler saw: `METHOD target content` for each request, `(unread)` where it got no complete content. */
  readonly seen: readonly string[];
  /** Who answers. Default `echo`. */
  readonly by?: Answerer;
  readonly options?: ServerOptions;
  /** What the final responses contain, where that is the claim. */
  readonly contents?: readonly (string | RegExp)[];
  /** Field lines that some response has, each once. */
  readonly has?: readonly string[];
  /** What occurs nowhere in what is received. */
  readonly lacks?: readonly (string | RegExp)[];
  /** Field lines that the handler got from the first request, as `name: value`. */
  readonly fields?: readonly string[];
  /** How many errors are logged. Default 0. */
  readonly logged?: number;
  /** The last response ends early, because it cannot be completed. */
  readonly isCut?: true;
  /** The close was not announced by `Connection: close`, because the head had left before it was known. */
  readonly isSilent?: true;
  /** The client ends its side once all is sent, instead of asking whether the connection persists. */
  readonly hangsUp?: true;
  /** Only these ways, where the outcome depends on what has arrived by the time of the answer. */
  readonly ways?: readonly Way[];
}

/**
 * Who answers the requests of a row: `echo` reads the content and sends back what it saw, `deaf` answers at once and
 * reads nothing, `router` leaves it to a route table with `GET /known`.
 */
export type Answerer = 'echo' | 'deaf' | 'router' | Answer | Routes;

/** Answers every request of a row. `saw` takes the content, as latin1, where it was read. */
export type Answer = (req: Request, res: Response, saw: (content: string) => void) => unknown;

/** Adds routes, and leaves the requests to them. */
export interface Routes {
  readonly routes: (server: Server) => unknown;
}

/** Sent behind whatever is refused: it must never be served. */
export const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: s\r\n\r\n';

/** A request without content. */
export function get(target = '/', ...fields: string[]): string {
  return head(`GET ${target} HTTP/1.1`, 'Host: h', ...fields);
}

/** A request whose content has its length declared. */
export function post(content: string, ...fields: string[]): string {
  return head('POST / HTTP/1.1', 'Host: h', `Content-Length: ${content.length}`, ...fields) + content;
}

/** The head of a request whose content is framed by `fields`. */
export function posting(...fields: string[]): string {
  return head('POST / HTTP/1.1', 'Host: h', ...fields);
}

/** A request with chunked content, the chunks as they are. */
export function chunked(chunks: string, ...fields: string[]): string {
  return posting('Transfer-Encoding: chunked', ...fields) + chunks;
}

/** Lines, and the empty line after them. */
export function head(...lines: string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** What makes a row more than usual. */
export type Extra = Partial<Omit<Row, 'title' | 'rfc' | 'wire'>>;

/** Every request is served with 200, and the connection persists. */
export function serves(title: string, rfc: string, wire: string, seen: string | readonly string[], extra?: Extra): Row {
  const all = typeof seen === 'string' ? [seen] : seen;
  return { title, rfc, wire, statuses: all.map(() => 200), after: 'open', seen: all, ...extra };
}

/** The message is refused before anyone sees it, and nothing behind it is interpreted. */
export function refuses(title: string, rfc: string, status: number, wire: string, extra?: Extra): Row {
  return {
    title,
    rfc,
    wire: wire + SMUGGLED,
    statuses: [status],
    after: 'closed',
    seen: [],
    lacks: ['smuggled'],
    ...extra,
  };
}

/** The content is refused while the handler reads it, and nothing behind it is interpreted. */
export function refusesContent(title: string, rfc: string, status: number, wire: string, extra?: Extra): Row {
  return refuses(title, rfc, status, wire, { seen: ['POST / (unread)'], ...extra });
}

/** No answer yet: the message is incomplete. */
export function awaits(title: string, rfc: string, wire: string, extra?: Extra): Row {
  return { title, rfc, wire, statuses: [], after: 'waiting', seen: [], ...extra };
}
