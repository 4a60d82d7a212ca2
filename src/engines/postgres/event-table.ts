/** Writes the statements over the tables that hold the events of topics. */

import type { KeptEvent } from '../kept-events.js';

/** Publishes between two looks for events that are no longer kept. */
const PRUNE_INTERVAL = 100;
/** The id that all others are after. */
export const FIRST_ID = '0';
const ID = /^[1-9]\d{0,15}$/;

/** One row of the events, its numbers as text. */
export interface EventRow {
  readonly id: string;
  readonly after: string;
  readonly event: string | null;
  readonly data: string | null;
}

/** As `publish` is prepared: the topic, the key of the publish, the name, the data, the most events that are kept. */
export interface EventStatements {
  readonly createTables: string;
  readonly publish: string;
  /** Of a topic. */
  readonly newestId: string;
  /** Of a topic, after an id, at most so many. */
  readonly list: string;
  /** The name to listen to. */
  readonly channel: string;
}

/**
 * The statements over the tables `table` and `table_heads`. An insert holds the row of its topic until it is committed, so
 * that ids are in the order in which rows become visible, which those of a sequence are not. They are microseconds since
 * 1970, so that they go on after those of a database that was restored to what it once held.
 */
export function eventStatements(table: string): EventStatements {
  const channel = table.replace('.', '_');
  const heads = `${table}_heads`;
  return {
    channel,
    // Two that make them at once would meet in the catalogue: the lock lasts as long as this one statement.
    createTables: `do $$ begin
      perform pg_advisory_xact_lock(hashtext('${table}'));
      create table if not exists ${heads} (
        topic text primary key, id bigint not null, after bigint not null, published bigint not null
      );
      create table if not exists ${table} (
        topic text not null, id bigint not null, after bigint not null, key uuid not null, event text, data json,
        primary key (topic, id), unique (topic, key)
      );
    end $$`,
    publish: `with known as (
        select id from ${table} where topic = $1 and key = $2
      ), head as (
        insert into ${heads} as head (topic, id, after, published)
        select $1, (extract(epoch from clock_timestamp()) * 1000000)::bigint, ${FIRST_ID}, 1
        where not exists (select from known)
        on conflict (topic) do update set
          id = greatest(head.id + 1, excluded.id), after = head.id, published = head.published + 1
        returning id, after, published
      ), pruned as (
        delete from ${table} using head where head.published % ${PRUNE_INTERVAL} = 0 and ${table}.topic = $1
          and ${table}.id <= (select id from ${table} where topic = $1 order by id desc offset $5 limit 1)
      ), inserted as (
        insert into ${table} (topic, id, after, key, event, data)
        select $1, head.id, head.after, $2, $3, $4 from head returning id
      )
      select id::text, pg_notify('${channel}', $1)::text from inserted union all select id::text, null from known`,
    newestId: `select id::text from ${heads} where topic = $1`,
    list: `select id::text, after::text, event, data::text from ${table}
      where topic = $1 and id > $2 order by id limit $3`,
  };
}

/** Whether `text` may have been an id. */
export function isId(text: string): boolean {
  return text === FIRST_ID || ID.test(text);
}

/** Compares numbers that are written without leading zeros. */
export function isAfter(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length;
}

/** @throws SyntaxError for data that is no JSON. */
export function eventOf<Data>({ id, after, event, data }: EventRow): KeptEvent<Data> {
  const decoded = (data === null ? undefined : JSON.parse(data)) as Data;
  return { after, event: event === null ? { id, data: decoded } : { id, data: decoded, event } };
}
