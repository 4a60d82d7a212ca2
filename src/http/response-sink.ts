/** Declares where the bytes of a response go. */

import type { Duplex } from 'node:stream';
import type { ContentSink } from './content-stream.js';
import type { ResponseHead } from './response-head.js';

/** What a response asks of its connection. The connection implements it; nothing else of the connection is known here. */
export interface ResponseSink extends ContentSink {
  /**
   * Whether the connection is to stay open after this response. Asked once, when the head is written; `isWhole` says
   * that the content follows at once.
   */
  persists(isWhole: boolean): boolean;
  /**
   * Takes the head in its parts, where somebody else frames the message: then {@link write} gets the content alone, and
   * empty text where the head would have been. A sink that writes HTTP/1.1 itself has none. `isWhole` as above.
   */
  takeHead?(head: ResponseHead, status: number, isWhole: boolean): void;
  /** Takes the field lines that follow the content, each ended by CR LF, where somebody else frames the message. */
  takeTrailers?(lines: string): void;
  /** Takes the field lines of a 103, likewise. */
  takeEarlyHints?(lines: string): void;
  /**
   * Takes bytes; a string is latin1. False when the client is slower than they come: wait for {@link drained}.
   * What is written in one turn leaves in one write.
   */
  write(data: string | Uint8Array): boolean;
  /**
   * Encodes text as UTF-8 in memory of the sink: valid until the next call of it. Undefined where it is too long.
   */
  encode(text: string): Uint8Array | undefined;
  /** Writes what {@link encode} gave, behind `head`. */
  writeEncoded(head: string, content: Uint8Array): void;
  /** Resolves when there is room again, or the client has left. */
  drained(): Promise<void>;
  /** Calls `listener` once if the client leaves before {@link finish}. */
  onGone(listener: () => void): void;
  /**
   * The response never ends by itself. From now on a client that closes its sending side has left, since it could not
   * ask for anything more anyway; and a server that drains ends the response, and calls who waits for {@link onGone}.
   */
  becomeEndless(): void;
  /** The message is complete. The connection closes unless it `persists`. */
  finish(persists: boolean): void;
  /** Closes the connection at once: the only honest end of a response that has begun and cannot be completed. */
  destroy(): void;
  /** Whether the client asked in this request to go on with `protocol` (RFC 9110 §7.8). */
  offersUpgrade(protocol: string): boolean;
  /**
   * Gives the socket away; the first it reads is what has arrived behind the request. Nothing else is read from it or
   * written to it any more. Counts as endless until it closes.
   *
   * @throws Error where content of the request is unread, ClientGone where the client has left.
   */
  detach(): Duplex;
  /** Reports what went wrong outside of the handler. */
  fail(error: unknown): void;
}
