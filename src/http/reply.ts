/** Holds an answer that a handler returns: status, body and fields. */

/** Fields of an answer; a list makes one line each. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * An answer to return where the value alone does not say enough:
 * `return new Reply(201, todo, { Location: '/todos/7' })`. The body is sent as a returned value would be.
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
}
