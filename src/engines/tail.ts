/** Hands on what is published after a place, each event once, and tells where some were lost. */

import type { TopicEvent } from '../http/events/backplane.js';
import type { Logger } from '../http/logger.js';
import type { KeptEvent } from './kept-events.js';

/** Who follows a topic of an engine, as its backplane was told. */
export interface Listening<Data> {
  readonly topic: string;
  readonly listener: (event: TopicEvent<Data>) => void;
  readonly onGap: () => void;
  readonly isAfter: (id: string, other: string) => boolean;
  readonly logger: Logger;
}

export class Tail<Data> {
  readonly #listening: Listening<Data>;
  #lastId: string;

  /** Goes on after the event of `lastId`. */
  constructor(lastId: string, listening: Listening<Data>) {
    this.#lastId = lastId;
    this.#listening = listening;
  }

  get lastId(): string {
    return this.#lastId;
  }

  get logger(): Logger {
    return this.#listening.logger;
  }

  /** Takes the next event. One that was taken before is left out: an engine that is back may begin earlier. */
  take(id: string, read: () => KeptEvent<Data>): void {
    const { topic, listener, onGap, isAfter, logger } = this.#listening;
    if (!isAfter(id, this.#lastId)) return;
    const lastId = this.#lastId;
    // Whatever is wrong with it, the next one is another.
    this.#lastId = id;
    try {
      const { after, event } = read();
      if (after !== lastId) {
        logger.warn({ topic, lastId, after }, 'Events of a topic were lost before this process has read them');
        onGap();
      }
      listener(event);
    } catch (err) {
      logger.error({ err, topic, id }, 'An event of a topic cannot be read');
      onGap();
    }
  }
}
