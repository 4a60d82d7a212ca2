/** Keeps the events of a topic in a stream of JetStream, which it makes where there is none. */

import {
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JsMsg,
  jetstream,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { TopicMessage } from '../../http/events/backplane.js';
import type { KeptEvent } from '../kept-events.js';

/** A connection of `@nats-io/transport-node`. */
export type NatsClient = Parameters<typeof jetstream>[0];

const ID = /^[1-9]\d{0,14}-(?:0|[1-9]\d{0,14})$/;
/** So that what NATS has not heard is asked again before long. */
const REQUEST_MS = 1_000;
const FETCH_MS = 2_000;

/** Where a stream stands. Its sequence begins again where it is made again, so that ids name the time at which that was. */
interface Place {
  readonly createdMs: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export class EventStream<Data> {
  readonly #nats: NatsClient;
  readonly #client: JetStreamClient;
  readonly #name: string;
  readonly #subject: string;
  readonly #maxHistory: number;

  constructor(nats: NatsClient, subject: string, maxHistory: number) {
    this.#nats = nats;
    this.#client = jetstream(nats, { timeout: REQUEST_MS });
    this.#subject = subject;
    this.#name = subject.replaceAll('.', '_');
    this.#maxHistory = maxHistory;
  }

  /** Once for each `key`, however often it is asked to: NATS remembers it for two minutes. */
  async publish(message: TopicMessage<Data>, key: string): Promise<string> {
    const options = { msgID: key, timeout: REQUEST_MS, expect: { streamName: this.#name } };
    const { seq } = await this.#client
      .publish(this.#subject, JSON.stringify(message), options)
      .catch(async (error: unknown) => {
        // Where there is no stream yet, there is one when this is asked again.
        await this.place();
        throw error;
      });
    return `${(await this.place()).createdMs}-${seq}`;
  }

  async newestId(): Promise<string> {
    const { createdMs, lastSeq } = await this.place();
    return `${createdMs}-${lastSeq}`;
  }

  /** All that is kept, or what came after `id`; nothing for an id of another stream. */
  async list(id?: string): Promise<KeptEvent<Data>[]> {
    const place = await this.place();
    const [createdMs, seq] = id === undefined ? [place.createdMs, 0] : id.split('-').map(Number);
    const start = Math.max(place.firstSeq, (seq as number) + 1);
    if (createdMs !== place.createdMs || start > place.lastSeq) return [];
    const consumer = await this.#consumer(start);
    const kept: KeptEvent<Data>[] = [];
    try {
      const messages = await consumer.fetch({ max_messages: place.lastSeq - start + 1, expires: FETCH_MS });
      for await (const message of messages) {
        kept.push(this.event(place.createdMs, message));
        if (message.seq >= place.lastSeq) break;
      }
    } finally {
      await consumer.delete().catch(() => {});
    }
    // The connection was lost in between: who asks for this asks again.
    if (kept.length < place.lastSeq - start + 1) throw new Error('NATS has not sent all events of a topic');
    return kept;
  }

  /** What comes after `id`, until `signal` aborts, or the connection is another: who wants more asks again. */
  async follow(
    id: string,
    signal: AbortSignal,
    take: (id: string, read: () => KeptEvent<Data>) => void,
  ): Promise<void> {
    const { createdMs } = await this.place();
    const [idCreatedMs, seq] = id.split('-').map(Number);
    const consumer = await this.#consumer(idCreatedMs === createdMs ? (seq as number) + 1 : 1);
    const messages = await consumer.consume();
    const end = () => void messages.close();
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    void this.#endWithConnection(messages);
    void endWithStream(messages);
    try {
      for await (const message of messages) {
        take(`${createdMs}-${message.seq}`, () => this.event(createdMs, message));
      }
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  isId(text: string): boolean {
    return ID.test(text);
  }

  event(createdMs: number, message: JsMsg): KeptEvent<Data> {
    const { data, event } = message.json<TopicMessage<Data>>();
    const id = `${createdMs}-${message.seq}`;
    const after = `${createdMs}-${message.seq - 1}`;
    return { after, event: event === undefined ? { id, data } : { id, data, event } };
  }

  /** Where the stream stands. Makes it where there is none. */
  async place(): Promise<Place> {
    const { streams } = await this.#client.jetstreamManager(false);
    const info: StreamInfo = await streams.info(this.#name).catch((error: unknown) => {
      const isMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
      if (!isMissing) throw error;
      return streams.add({ name: this.#name, subjects: [this.#subject], max_msgs: this.#maxHistory });
    });
    const { first_seq: firstSeq, last_seq: lastSeq } = info.state;
    return { createdMs: Date.parse(info.created), firstSeq, lastSeq };
  }

  #consumer(start: number) {
    return this.#client.consumers.get(this.#name, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: start,
    });
  }

  /** A consumer that is kept in memory is gone when NATS is back: nobody has to wait until that is noticed. */
  async #endWithConnection(messages: ConsumerMessages): Promise<void> {
    const statuses = this.#nats.status()[Symbol.asyncIterator]();
    const ended = messages.closed().then(() => undefined);
    for (;;) {
      const status = await Promise.race([statuses.next(), ended]);
      if (status === undefined || status.done || status.value.type === 'reconnect') break;
    }
    void statuses.return?.();
    void messages.close();
  }
}

/** What says that the stream may be another, made anew since. */
const ENDS: readonly string[] = [
  ...['consumer_deleted', 'consumer_not_found', 'ordered_consumer_recreated', 'stream_not_found'],
];

/** The client would go on with another consumer at the number where it was. */
async function endWithStream(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (ENDS.includes(type)) void messages.close();
  }
}
