/** Keeps the events of a topic in NATS JetStream. */

import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Backplane, Replay, TopicEvent, TopicMessage } from '../../http/events/backplane.js';
import type { Logger } from '../../http/logger.js';
import { MAX_TIMER_MS } from '../../http/time-limit.js';
import { checkNames, checkWhole, optionError } from '../../middleware/option-error.js';
import { consoleLogger } from '../../server/logger.js';
import { readReplay } from '../kept-events.js';
import { Outage } from '../outage.js';
import { Tail } from '../tail.js';
import { type AwayOptions, whileAway } from '../while-away.js';
import { EventStream, type NatsClient } from './event-stream.js';

/** How much of a topic is kept, and where. */
export interface NatsBackplaneOptions extends AwayOptions {
  /** Events kept, where the stream is made; one that is there keeps what it was told to. Default 1000. */
  readonly maxHistory?: number;
  /** What the subject begins with; a dot and the topic follow. Default `topic`. */
  readonly prefix?: string;
  /** Told when NATS goes away and comes back, and of events that were lost. Default standard error. */
  readonly logger?: Logger;
}

const TOPIC = /^[\w-]{1,200}$/;
const PREFIX = /^[\w-]{1,50}(?:\.[\w-]{1,50})*$/;

/** What asking again will not change. */
const FINAL: readonly string[] = [
  ...['AuthorizationError', 'ClosedConnectionError', 'DrainingConnectionError', 'InvalidArgumentError'],
  ...['InvalidNameError', 'InvalidSubjectError', 'PermissionViolationError'],
];

/**
 * A {@link Backplane} over JetStream, of NATS 2.9 or later: a stream for each topic, kept in files. Each process reads it by
 * a consumer of its own on the application's connection; what it missed while NATS was away it reads when that is back,
 * nothing twice. In between, what is asked of it waits for `timeout`, then rejects.
 */
export class NatsBackplane<Data> implements Backplane<Data> {
  readonly #stream: EventStream<Data>;
  readonly #topic: string;
  readonly #timeoutMs: number;
  readonly #logger: Logger;

  /**
   * `nats` is opened, and closed, by the application: with `maxReconnectAttempts: -1`, or it gives up after some ten.
   *
   * @throws TypeError for an option that is malformed.
   */
  constructor(nats: NatsClient, topic: string, options: NatsBackplaneOptions = {}) {
    checkNames('NatsBackplane', options, ['maxHistory', 'prefix', 'timeout', 'logger']);
    const { maxHistory = 1000, prefix = 'topic', timeout = 10_000, logger = consoleLogger } = options;
    if (typeof topic !== 'string' || !TOPIC.test(topic)) {
      throw optionError('NatsBackplane: topic', 'a name of letters, digits, "_" and "-"', topic);
    }
    if (typeof prefix !== 'string' || !PREFIX.test(prefix)) {
      throw optionError('NatsBackplane: prefix', 'the beginning of a subject, as "shop.topic"', prefix);
    }
    const most = checkWhole('NatsBackplane: maxHistory', maxHistory, 1);
    this.#stream = new EventStream(nats, `${prefix}.${topic}`, most);
    this.#topic = topic;
    this.#timeoutMs = checkWhole('NatsBackplane: timeout', timeout, 1, MAX_TIMER_MS);
    this.#logger = logger;
  }

  /** Rejects where NATS refuses the event, or was away for `timeout`: it may have been published even so. */
  async publish(message: TopicMessage<Data>): Promise<string> {
    const key = randomUUID();
    return this.#whileAway(() => this.#stream.publish(message, key));
  }

  /** Rejects where NATS was away for `timeout`. */
  async read(id: string | undefined): Promise<Replay<Data>> {
    return this.#whileAway(() => readReplay(this.#stream, id));
  }

  /** Rejects where NATS was away for `timeout`. */
  async subscribe(listener: (event: TopicEvent<Data>) => void, onGap: () => void): Promise<() => void> {
    const newestId = await this.#whileAway(() => this.#stream.newestId());
    const left = new AbortController();
    void this.#follow(
      new Tail(newestId, { topic: this.#topic, listener, onGap, isAfter, logger: this.#logger }),
      left.signal,
    );
    return () => left.abort();
  }

  isAfter(id: string, other: string): boolean {
    return isAfter(id, other);
  }

  async #follow(tail: Tail<Data>, signal: AbortSignal): Promise<void> {
    const outage = new Outage('NATS');
    while (!signal.aborted) {
      try {
        await this.#stream.follow(tail.lastId, signal, (id, read) => tail.take(id, read));
        outage.noteSuccess(this.#logger);
      } catch (error) {
        if (signal.aborted) return;
        await wait(outage.noteFailure(error, this.#logger));
      }
    }
  }

  #whileAway<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
    return whileAway(this.#timeoutMs, isAway, attempt);
  }
}

/** Compares the times at which the streams were made, then the sequences. */
function isAfter(id: string, other: string): boolean {
  const [createdMs = 0, seq = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherSeq = 0] = other.split('-').map(Number);
  return createdMs === otherMs ? seq > otherSeq : createdMs > otherMs;
}

/** Whether the same may succeed soon. */
function isAway(error: unknown): boolean {
  const { name, code } = error as { readonly name: string; readonly code?: unknown };
  if (name === 'JetStreamApiError' && typeof code === 'number' && code < 500) return false;
  return !FINAL.includes(name);
}
