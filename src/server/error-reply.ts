/** Turns what went wrong into a response. */

import { preferredType } from '../http/accept.js';
import { HttpError } from '../http/http-error.js';
import type { Request } from '../http/request.js';
import { ClientGone } from '../http/request-body.js';
import type { Response } from '../http/response.js';
import { REJECTIONS, type Rejection } from '../protocol/rejection.js';
import { reasonOf } from '../protocol/status.js';
import { describeThrown } from './logger.js';
import type { Opts } from './opts.js';

/** A problem document (RFC 9457). Without a `type` it means what its status means. */
interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** Names the entry of the log that tells more. */
  readonly ref?: string;
  readonly [extension: string]: unknown;
}

const PROBLEM_TYPE = 'application/problem+json';

/**
 * Answers `error`. An HttpError keeps its status and message; whatever else was thrown is a 500 that is logged and,
 * in production, shown to the client as a reference only. A response that has begun is cut off instead of pretending.
 */
export function replyToError(error: unknown, req: Request, res: Response, opts: Opts): void {
  if (error instanceof ClientGone) {
    res.destroy();
    return;
  }
  const expected = error instanceof HttpError ? error : undefined;
  const isFault = expected === undefined || expected.status >= 500;
  const ref = isFault || res.hasSent() ? req.id : undefined;
  if (ref !== undefined) logFault(error, ref, req, res, opts);
  if (res.hasSent()) {
    res.destroy();
    return;
  }
  const status = expected?.status ?? 500;
  res.reset();
  res.setStatus(status);
  for (const [name, value] of Object.entries(expected?.headers ?? {})) res.setHeader(name, value);
  if (opts.env === 'debug' && prefersHtml(req, res)) {
    res
      .setContentType('text/html; charset=utf-8')
      .setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    res.send(debugPage(error, status, ref, req));
    return;
  }
  const detail = expected?.message ?? (opts.env === 'debug' ? messageOf(error) : undefined);
  sendProblem(res, {
    title: reasonOf(status),
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(ref === undefined ? {} : { ref }),
    ...(opts.env === 'debug' && isFault ? { stack: describeThrown(error).split('\n') } : {}),
    ...expected?.extensions,
  });
}

/** Answers a message that is no acceptable request. The connection closes after it. */
export function replyToRejection(rejection: Rejection, res: Response): void {
  const { status, detail } = REJECTIONS[rejection];
  res.setStatus(status);
  sendProblem(res, { title: reasonOf(status), status, detail });
}

/** Answers `status` with a problem document, without the cost of an exception. */
export function replyWithProblem(res: Response, status: number, detail: string): void {
  res.setStatus(status);
  sendProblem(res, { title: reasonOf(status), status, detail });
}

function sendProblem(res: Response, problem: Problem): void {
  res.setContentType(PROBLEM_TYPE).send(JSON.stringify(problem));
}

function logFault(error: unknown, ref: string, req: Request, res: Response, opts: Opts): void {
  const when = res.hasEnded() ? 'after its answer' : res.hasSent() ? 'while its answer was sent' : 'before its answer';
  opts.logger.error({ ref, method: req.method, target: req.url.raw, err: error }, `A request failed ${when}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : describeThrown(error);
}

function prefersHtml(req: Request, res: Response): boolean {
  res.vary('Accept');
  return preferredType(req, [PROBLEM_TYPE, 'application/json', 'text/html']) === 'text/html';
}

/** The page of `env: "debug"`. All that it shows may come from a stranger, so all of it is escaped. */
function debugPage(error: unknown, status: number, ref: string | undefined, req: Request): string {
  const title = escapeHtml(`${status} ${reasonOf(status)}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  pre { background: #8881; border-left: 4px solid #c33; overflow-x: auto; padding: 1rem; }
  :root { color-scheme: light dark; }
</style>
<h1>${title}</h1>
<p><code>${escapeHtml(`${req.method} ${req.url.raw}`)}</code></p>
<p>${escapeHtml(messageOf(error))}</p>
<pre>${escapeHtml(describeThrown(error))}</pre>
${ref === undefined ? '' : `<p>Reference ${escapeHtml(ref)}</p>`}
<p>This page is shown because <code>env</code> is <code>debug</code>.</p>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
}
