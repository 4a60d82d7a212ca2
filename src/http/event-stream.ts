/** Sends server-sent events (WHATWG HTML §9.2) over a response. */

import type { Response } from './response.js';

/** One event. At least one of its members is needed. */
export interface ServerSentEvent {
  /** Sent as it is when a string, otherwise as JSON. Lines are kept. */
  readonly data?: unknown;
  /** The name that `addEventListener` hears; `message` without one. */
  readonly event?: string;
  /** What the client sends as `Last-Event-ID` when it connects again. */
  readonly id?: string;
  /** Milliseconds that the client is to wait before it connects again. */
  readonly retry?: number;
  /** Ignored by clients. */
  readonly comment?: string;
}

export interface EventStreamOptions {
  /** Milliseconds between comments that keep the connection from idling out; `false` for none. Default 15000. */
  readonly keepAlive?: number | false;
}

/** The open end of an event stream. */
export interface EventStream {
  /**
   * Sends one event. Returns a promise only where the client is slower than the events come. Does nothing once the
   * client has left.
   *
   * @throws TypeError where `id` or `event` is no string, or has a line end or NUL, which would forge fields.
   */
  send(event: ServerSentEvent): void | Promise<void>;
  /** Ends the stream. Clients connect again unless they were told not to. */
  close(): void;
  /** Calls `listener` once, when events no longer reach the client: it has left, or the server drains. */
  onGone(listener: () => void): void;
  /** Whether events still reach the client. */
  readonly isOpen: boolean;
}

const DEFAULT_KEEP_ALIVE_MS = 15_000;

/** Starts `res` as an event stream. `onGone` tells when the client has left. */
export function openEventStream(
  res: Response,
  onGone: (listener: () => void) => void,
  options: EventStreamOptions = {},
): EventStream {
  res.setContentType('text/event-stream').setHeader('Cache-Control', 'no-store');
  const keepAliveMs = options.keepAlive ?? DEFAULT_KEEP_ALIVE_MS;
  // A comment at once: the head leaves now, so that the client sees the connection open.
  void res.write(':\n\n');
  const timer = keepAliveMs === false ? undefined : setInterval(() => void stream.send({ comment: '' }), keepAliveMs);
  timer?.unref();
  const stream: EventStream = {
    send(event) {
      if (!res.hasEnded()) return res.write(encodeEvent(event));
    },
    close() {
      clearInterval(timer);
      res.end();
    },
    onGone,
    get isOpen() {
      return !res.hasEnded();
    },
  };
  res.onFinish(() => clearInterval(timer));
  return stream;
}

/** Writes one event as the lines of an event stream, the empty line that dispatches it included. */
export function encodeEvent(event: ServerSentEvent): string {
  let text = '';
  if (event.comment !== undefined) text += linesOf('', event.comment);
  if (event.id !== undefined) text += `id: ${oneLine('id', event.id)}\n`;
  if (event.event !== undefined) text += `event: ${oneLine('event', event.event)}\n`;
  if (event.retry !== undefined) {
    if (!Number.isSafeInteger(event.retry) || event.retry < 0) {
      throw new TypeError(`An event's retry is a whole number of milliseconds, got ${event.retry}`);
    }
    text += `retry: ${event.retry}\n`;
  }
  if (event.data !== undefined) {
    text += linesOf('data', typeof event.data === 'string' ? event.data : JSON.stringify(event.data));
  }
  if (text === '') throw new TypeError('An event needs data, event, id, retry or comment');
  return `${text}\n`;
}

function linesOf(field: string, text: string): string {
  let lines = '';
  for (const line of text.split(/\r\n|\r|\n/)) lines += `${field}: ${line}\n`;
  return lines;
}

function oneLine(field: string, text: unknown): string {
  if (typeof text !== 'string') throw new TypeError(`An event's ${field} is a string, got ${typeof text}`);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || code === 13 || code === 0) {
      throw new TypeError(
        `An event's ${field} must not have a line end or NUL, found U+${code.toString(16).padStart(4, '0')}`,
      );
    }
  }
  return text;
}
