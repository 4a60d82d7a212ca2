/** Reads events that an engine keeps, each with the id of the one before it, so that one that is missing shows. */

import type { Replay, TopicEvent } from '../http/events/backplane.js';

/** An event as an engine keeps it. */
export interface KeptEvent<Data> {
  /** The id of the event before it, kept or not. */
  readonly after: string;
  readonly event: TopicEvent<Data>;
}

/** The events of one topic, in an engine. */
export interface KeptEvents<Data> {
  /** The id of the newest; where there has been none, one that all to come are after. */
  newestId(): Promise<string>;
  /** What is kept, oldest first: all of it, or what came after `id`, which {@link isId} has let through. */
  list(id?: string): Promise<readonly KeptEvent<Data>[]>;
  /** Whether `text` may have been an id. */
  isId(text: string): boolean;
}

/** What a client has missed that has seen all up to `id`. */
export async function readReplay<Data>(source: KeptEvents<Data>, id: string | undefined): Promise<Replay<Data>> {
  // Before the list: what is published in between is after this one, so that nobody takes it for replayed.
  const newestId = await source.newestId();
  if (id === undefined) return { events: [], hasGap: false, lastId: newestId };
  const missed = source.isId(id) ? await source.list(id) : [];
  const follows = missed.length === 0 ? id === newestId : missed[0]?.after === id;
  const kept = follows ? missed : await source.list();
  return { events: kept.map(({ event }) => event), hasGap: !follows, lastId: kept.at(-1)?.event.id ?? newestId };
}
