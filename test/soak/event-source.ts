/** Follows an event stream as a browser does: connects again, and goes on from the last id. */

import { type ClientRequest, get } from 'node:http';

const FIRST_RETRY_MS = 100;
/** Not all at once: as much more, by chance. */
const SPREAD_MS = 400;

/** As the server writes one; a comment is none. */
const EVENT = /^id: (.*)\n(?:event: (.*)\n)?data: (.*)$/;

export interface SeenEvent {
  readonly id: string;
  readonly data: string;
}

export class EventSource {
  readonly #url: string;
  readonly #onStart: () => void;
  readonly seen: SeenEvent[] = [];
  /** What it was told first, each time that it was told where it stands: `new`, and `gap` where it could not go on. */
  readonly starts: string[] = [];
  connections = 0;
  #lastId: string | undefined = undefined;
  #request: ClientRequest | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #isClosed = false;

  private constructor(url: string, onStart: () => void) {
    this.#url = url;
    this.#onStart = onStart;
    this.#connect();
  }

  /** Resolves once it knows where it stands. */
  static async open(url: string): Promise<EventSource> {
    let source: EventSource | undefined;
    await new Promise<void>((resolve) => {
      source = new EventSource(url, resolve);
    });
    return source as EventSource;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#request?.destroy();
  }

  #connect(): void {
    const headers = this.#lastId === undefined ? {} : { 'Last-Event-ID': this.#lastId };
    const request = get(this.#url, { agent: false, headers }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        response.on('close', () => this.#retry());
        return;
      }
      this.connections++;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        const events = text.split('\n\n');
        text = events.pop() as string;
        for (const event of events) this.#take(event);
      });
      // Either the end of the stream, or that of the connection. What had begun of an event is none.
      response.on('error', () => {});
      response.on('close', () => this.#retry());
    });
    this.#request = request;
    // Where there is an answer, its end is seen too.
    let isAnswered = false;
    request.on('response', () => {
      isAnswered = true;
    });
    request.on('error', () => isAnswered || this.#retry());
  }

  #retry(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), FIRST_RETRY_MS + Math.random() * SPREAD_MS);
  }

  #take(text: string): void {
    const [, id, event, data] = EVENT.exec(text) ?? [];
    if (id === undefined || data === undefined) return;
    this.#lastId = id;
    if (event !== 'start') {
      this.seen.push({ id, data });
      return;
    }
    this.starts.push(data);
    this.#onStart();
  }
}
