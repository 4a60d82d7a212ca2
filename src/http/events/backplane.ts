/** Declares where a topic keeps its events, so that several processes can share one. */

/** What is published: an event without its id. */
export interface TopicMessage<Data> {
  readonly data: Data;
  /** The name that `addEventListener` hears; `message` without one. */
  readonly event?: string;
}

/** What was published, and where it stands among the others. */
export interface TopicEvent<Data> extends TopicMessage<Data> {
  readonly id: string;
}

/** What a client has missed. */
export interface Replay<Data> {
  /** Oldest first. Where some are no longer kept, all that are. */
  readonly events: readonly TopicEvent<Data>[];
  /** Whether there may have been events after the id that are no longer kept: it is too old, or unknown. */
  readonly hasGap: boolean;
  /** The id of the newest event, or another that all events to come are after. */
  readonly lastId: string | undefined;
}

/**
 * Keeps the events of one topic in one order that all processes see. The one in memory is the default; those of
 * `luminaire/redis`, `luminaire/postgres` and `luminaire/nats` make the ids good for any process behind a balancer.
 */
export interface Backplane<Data> {
  /** Appends an event, whose name is known to be one. Resolves with its id once a {@link read} would find it. */
  publish(message: TopicMessage<Data>): Promise<string>;
  /** Reads what came after `id`; nothing but `lastId` where it is `undefined`. `id` is a client's: it may be any text. */
  read(id: string | undefined): Promise<Replay<Data>>;
  /**
   * Calls `listener` with each event that is published from now on by anybody, in order, each once, none left out: one
   * that loses its connection reads what it missed. Where some of that is no longer kept it calls `onGap`, then goes on.
   * Resolves, once that is so, with what ends it.
   */
  subscribe(listener: (event: TopicEvent<Data>) => void, onGap: () => void): Promise<() => void | Promise<void>>;
  /** Whether the event of `id` came after that of `other`. Both are ids of its own. */
  isAfter(id: string, other: string): boolean;
}
