/** Writes one line for each request, in nginx's combined format. */

import type { Middleware } from '../http/handler.js';
import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';

export interface AccessLogOptions {
  /** Takes each line, its line end included. Default: standard output. */
  readonly write?: (line: string) => void;
}

/** What nginx logs where the client left before anything was sent. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Logs each request when its answer is complete, or its client has left: address, user, time, request line, status,
 * bytes of content, referrer, user agent. What a client chose is escaped as nginx does, so it cannot forge a line.
 */
export function accessLog(options: AccessLogOptions = {}): Middleware {
  const write = options.write ?? ((line) => process.stdout.write(line));
  // Named for the route table and for errors.
  return function accessLog(req, res, next) {
    // Read now: a socket that has closed has forgotten its peer.
    const { remoteAddress } = req;
    res.onFinish(() => write(combinedLine(remoteAddress, req, res)));
    return next(req, res);
  };
}

function combinedLine(remoteAddress: string, req: Request, res: Response): string {
  const { headers } = req;
  const requestLine = `${req.method} ${req.url.raw} HTTP/${req.httpVersion}`;
  const status = res.wasSent() ? res.status : CLIENT_CLOSED_REQUEST;
  return (
    `${remoteAddress || '-'} - ${escapeField(basicUser(headers.get('authorization')))} [${localTime(new Date())}] ` +
    `"${escapeField(requestLine)}" ${status} ${res.bytesSent} ` +
    `"${escapeField(headers.get('referer'))}" "${escapeField(headers.get('user-agent'))}"\n`
  );
}

/** The user name that Basic credentials claim (RFC 7617 §2); claimed, not checked. */
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
