/** Holds an answer that a handler returns: status, body and fields. */

import type { FileOptions } from './files/file-content.js';
import { encodeLocation } from './location.js';
import type { StreamSource } from './stream-source.js';

/** Fields of an answer; a list makes one line each. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Statuses that send a client elsewhere by their Location (RFC 9110 §15.4). */
const REDIRECTS = [301, 302, 303, 307, 308] as const;

/** 301 and 308 for good, 302 and 307 for now; 303 to a result. 307 and 308 keep the method and its content. */
export type RedirectStatus = (typeof REDIRECTS)[number];

/** A file as the body of a {@link Reply}: it is opened when it is sent. */
export class FileBody {
  /** Makes the type nominal. */
  declare private readonly isFileBody: true;

  readonly path: string;
  readonly options: FileOptions;

  constructor(path: string, options: FileOptions) {
    this.path = path;
    this.options = options;
  }
}

/**
 * An answer to return where the value alone does not say enough:
 * `return Reply.created('/todos/7', todo)`. The body is sent as a returned value would be.
 */
export class Reply<Status extends number = number, Body = unknown> {
  /** Makes the type nominal: a value that happens to have a status and a body is data. */
  declare private readonly isReply: true;

  /** 200 to 599. */
  readonly status: Status;
  /** `undefined` for none. */
  readonly body: Body;
  readonly headers: ReplyHeaders;

  /** @throws RangeError for a status that is not final. */
  constructor(status: Status, body?: Body, headers: ReplyHeaders = {}) {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`Reply: a final status is a whole number from 200 to 599, got ${status}`);
    }
    this.status = status;
    this.body = body as Body;
    this.headers = headers;
  }

  /**
   * Answers 201 with where the thing is that was made. The location may be relative; it is escaped where it must be,
   * and one that starts with a slash stays on this host.
   *
   * @throws TypeError for a location that is neither text nor a URL.
   */
  static created(location: string | URL): Reply<201, undefined>;
  static created<Body>(location: string | URL, body: Body, headers?: ReplyHeaders): Reply<201, Body>;
  static created(location: string | URL, body?: unknown, headers?: ReplyHeaders): Reply<201> {
    return new Reply(201, body, { ...headers, Location: encodeLocation(location) });
  }

  /** Answers 204: done, and nothing to show. */
  static noContent(headers?: ReplyHeaders): Reply<204, undefined> {
    return new Reply(204, undefined, headers);
  }

  /**
   * Sends the client elsewhere. Default 303: whatever the method was, the client asks for `location` with GET.
   *
   * Text that starts with a slash stays on this host, `//evil.example` too, so `target.startsWith('/')` is all the
   * check that a target from a client needs.
   *
   * @throws RangeError for a status that is not 301, 302, 303, 307 or 308; TypeError as {@link Reply.created}.
   */
  static redirect<Status extends RedirectStatus = 303>(
    location: string | URL,
    status: Status = 303 as Status,
    headers?: ReplyHeaders,
  ): Reply<Status, undefined> {
    if (!REDIRECTS.includes(status)) {
      throw new RangeError(`Reply.redirect: the status is one of ${REDIRECTS.join(', ')}, got ${status}`);
    }
    return new Reply(status, undefined, { ...headers, Location: encodeLocation(location) });
  }

  /** Answers 304: what the client has is still good. `headers` are those the 200 would have had, `ETag` for instance. */
  static notModified(headers?: ReplyHeaders): Reply<304, undefined> {
    return new Reply(304, undefined, headers);
  }

  /** Answers 200 with what `source` gives, no faster than the client takes it. Default type `application/octet-stream`. */
  static stream<Source extends StreamSource>(
    source: Source,
    type = 'application/octet-stream',
    headers?: ReplyHeaders,
  ): Reply<200, Source> {
    return new Reply(200, source, { ...headers, 'Content-Type': type });
  }

  /**
   * Answers with a file as `sendFile` does: the range asked for, 304 where the client has it, its type by its name, 404
   * where there is none. Give a `root` wherever a client has a say in the path: it is never left then.
   */
  static file(path: string, options: FileOptions = {}, headers?: ReplyHeaders): Reply<200, FileBody> {
    return new Reply(200, new FileBody(path, options), headers);
  }
}
