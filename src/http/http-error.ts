/** Gives an error the status it is to be answered with. */

import { fieldLine } from '../protocol/head-writer.js';

/** What an {@link HttpError} carries beside its message and status. */
export interface HttpErrorOptions {
  /** The error that led here. Logged, never sent. */
  readonly cause?: unknown;
  /** Fields of the answer, `Allow` or `WWW-Authenticate` for instance. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Extension members of the problem document, `errors` for instance (RFC 9457 §3.2). */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * Answers a request with `status` and shows `message` to the client, in production too.
 * Any other error is a 500 whose message only the log sees.
 */
export class HttpError extends Error {
  /** The status of the answer, 400 to 599. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;

  /**
   * @throws RangeError when `status` is no client or server error (RFC 9110 §15.5, §15.6); TypeError for a field that
   * cannot be written: here, where the stack shows who made it.
   */
  constructor(message: string, status = 500, options: HttpErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`HttpError: status must be a whole number from 400 to 599, got ${status}`);
    }
    for (const [name, value] of Object.entries(options.headers ?? {})) fieldLine(name, value);
    this.status = status;
    this.headers = options.headers;
    this.extensions = options.extensions;
  }

  /** Throws an HttpError unless `value` is truthy. Status 500 unless another is given. */
  static assert(value: unknown, message: string, status = 500): asserts value {
    if (!value) throw new HttpError(message, status);
  }

  /** Throws an HttpError. Status 500 unless another is given. */
  static raise(message: string, status = 500): never {
    throw new HttpError(message, status);
  }
}

// On the prototype, so that a stack trace names the class without a property on each error.
HttpError.prototype.name = 'HttpError';
