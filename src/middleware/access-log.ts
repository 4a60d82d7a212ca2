/** Writes one line for each request. */

import type { Middleware } from '../http/handler.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';
import { checkNames, optionError } from './option-error.js';

/** One exchange, when it is over. What the client did not say is missing. */
export interface AccessLogEntry {
  /** When it was over. */
  readonly time: Date;
  /** The id of the request, which is the reference of its errors. */
  readonly id: string;
  /** The address of the client, where it is known. */
  readonly remoteAddress?: string;
  /** The user name that Basic credentials claim (RFC 7617 §2); claimed, not checked. */
  readonly user?: string;
  readonly method: string;
  /** The request-target as it was sent. */
  readonly target: string;
  readonly httpVersion: string;
  /** The status that was sent, or 499 where the client left before anything was. */
  readonly status: number;
  /** Bytes of content that were sent. */
  readonly bytes: number;
  /** Whether the answer was sent to its end: the client may leave, or the handler throw, while it is sent. */
  readonly complete: boolean;
  /** Milliseconds from the request to the end of its answer. */
  readonly duration: number;
  readonly referer?: string;
  readonly userAgent?: string;
}

/** Which requests are logged, how, and where to. */
export interface AccessLogOptions {
  /** Takes each line, its line end included. Default: standard output. */
  readonly write?: (line: string) => void;
  /**
   * `combined` as nginx writes it, `json` with every member of {@link AccessLogEntry}, or a function that gives the line
   * without its end: what a client chose may have quotes and backslashes in it. Default `combined`.
   */
  readonly format?: 'combined' | 'json' | ((entry: AccessLogEntry) => string);
  /** Leaves out the requests for which it is true. Asked when the answer is complete. Default: none. */
  readonly skip?: (req: Request, res: Response) => boolean;
}

/** What nginx logs where the client left before anything was sent. */
const CLIENT_CLOSED_REQUEST = 499;

const FORMATS = { combined: combinedLine, json: jsonLine } as const;

/**
 * Logs each request when its answer is complete, or its client has left: address, user, time, request line, status,
 * bytes of content, referrer, user agent. What a client chose is escaped, so it cannot forge a line. The address is the
 * one that `trustProxy` has found, wherever that stands.
 *
 * @throws TypeError for an option that is malformed.
 */
export function accessLog(options: AccessLogOptions = {}): Middleware {
  checkNames('accessLog', options, ['write', 'format', 'skip']);
  const { write = (line: string) => void process.stdout.write(line), skip, format = 'combined' } = options;
  if (typeof write !== 'function') throw optionError('accessLog: write', 'a function', write);
  if (skip !== undefined && typeof skip !== 'function') throw optionError('accessLog: skip', 'a function', skip);
  const lineOf = typeof format === 'function' ? format : Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (lineOf === undefined) throw optionError('accessLog: format', '"combined", "json" or a function', format);
  // Named for the route table and for errors.
  return function accessLog(req, res, next) {
    const start = performance.now();
    // Asked for now: a socket that has closed has forgotten its peer, but a request that was asked has not.
    void req.remoteAddress;
    res.onFinish(() => {
      if (skip?.(req, res)) return;
      write(`${lineOf(entryOf(req, res, performance.now() - start))}\n`);
    });
    return next(req, res);
  };
}

function entryOf(req: Request, res: Response, duration: number): AccessLogEntry {
  const { headers } = req;
  const user = basicUser(headers.get('authorization'));
  const referer = headers.get('referer');
  const userAgent = headers.get('user-agent');
  return {
    time: new Date(),
    id: req.id,
    ...(req.remoteAddress === '' ? {} : { remoteAddress: req.remoteAddress }),
    ...(user === undefined ? {} : { user }),
    method: req.method,
    target: req.url.raw,
    httpVersion: req.httpVersion,
    status: res.wasSent() ? res.status : CLIENT_CLOSED_REQUEST,
    bytes: res.bytesSent,
    complete: !res.wasCutOff(),
    duration: Math.round(duration * 1000) / 1000,
    ...(referer === undefined ? {} : { referer }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function combinedLine(entry: AccessLogEntry): string {
  const requestLine = `${entry.method} ${entry.target} HTTP/${entry.httpVersion}`;
  return (
    `${entry.remoteAddress ?? '-'} - ${escapeField(entry.user)} [${localTime(entry.time)}] ` +
    `"${escapeField(requestLine)}" ${entry.status} ${entry.bytes} ` +
    `"${escapeField(entry.referer)}" "${escapeField(entry.userAgent)}"`
  );
}

/** JSON escapes whatever would end the line. */
function jsonLine(entry: AccessLogEntry): string {
  return JSON.stringify(entry);
}

function basicUser(authorization: string | undefined): string | undefined {
  const credentials = /^Basic ([\w+/]+=*)$/i.exec(authorization ?? '')?.[1];
  if (credentials === undefined) return undefined;
  const user = Buffer.from(credentials, 'base64').toString('latin1').split(':', 1)[0];
  return user === '' ? undefined : user;
}

/** Quotes, backslashes and whatever is not printable ASCII as \xHH. */
function escapeField(value: string | undefined): string {
  if (value === undefined || value === '') return '-';
  return value.replace(/[^ !#-[\]-~]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `22/Nov/2026:16:58:34 +0100`. */
function localTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const date = `${two(time.getDate())}/${MONTHS[time.getMonth()]}/${time.getFullYear()}`;
  return `${date}:${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())} ${zone}`;
}
