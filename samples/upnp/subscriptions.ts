/** Sends events to those who have subscribed (UDA 1.1 §4). */

import { randomUUID } from 'node:crypto';
import { HttpError, injectable } from 'luminaire';
import { Activity } from './activity.js';
import { Renderer } from './renderer.js';
import type { Service } from './service.js';
import { Services } from './services.js';
import { element, XML_DECLARATION, XML_TYPE } from './xml.js';

/** Subscriptions at one time. */
const MAX_SUBSCRIPTIONS = 32;
/** Events that wait for one subscriber; with one more it is given up. */
const MAX_WAITING = 16;
/** Seconds for which a subscription counts, whatever is asked for. */
const LEAST_S = 60;
const MOST_S = 1_800;
/** Milliseconds for a subscriber to answer an event (UDA 1.1 §4.3.2: 30 s are allowed). */
const DELIVERY_MS = 5_000;
/** Milliseconds between two events of a `LastChange` (RenderingControl:1 §2.3.1). */
const MODERATION_MS = 200;
/** Milliseconds from the answer to a subscriber to its first event. */
const FIRST_EVENT_MS = 50;
/** After it comes 1: 0 is for the first event of a subscription. */
const MAX_SEQ = 2 ** 32 - 1;

interface Subscription {
  readonly sid: string;
  readonly service: Service;
  readonly callbacks: readonly string[];
  seconds: number;
  until: number;
  seq: number;
  waiting: number;
  /** What is being sent: the next event waits for it. */
  sent: Promise<void>;
}

/** What a subscriber is told. */
export interface Subscribed {
  readonly sid: string;
  readonly seconds: number;
}

@injectable()
export class Subscriptions {
  readonly #bySid = new Map<string, Subscription>();
  readonly #moderated = new Map<string, NodeJS.Timeout>();
  readonly #activity: Activity;

  constructor(activity: Activity, renderer: Renderer, services: Services) {
    this.#activity = activity;
    renderer.onChange((part) => {
      activity.touch();
      const service = services.find(part);
      if (service !== undefined) this.#publishSoon(service);
    });
  }

  all(): { readonly service: string; readonly callback: string }[] {
    this.#dropExpired();
    return [...this.#bySid.values()].map(({ service, callbacks }) => ({
      service: service.id,
      callback: callbacks[0] as string,
    }));
  }

  /**
   * Takes a subscription. Events go to the subscriber alone: a device that notifies whomever it is told to can be
   * turned against others (CallStranger, CVE-2020-12695).
   *
   * @throws HttpError 412 without a callback at `address`, 503 where there are too many.
   */
  subscribe(service: Service, callback: string, timeout: string, address: string): Subscribed {
    const callbacks = [...callback.matchAll(/<([^<>]+)>/g)].flatMap(([, url = '']) =>
      isAt(url, address) ? [url] : [],
    );
    HttpError.assert(callbacks.length > 0, `CALLBACK must have an http URL at ${address}, in <>.`, 412);
    this.#dropExpired();
    HttpError.assert(this.#bySid.size < MAX_SUBSCRIPTIONS, 'There are too many subscriptions.', 503);
    const sid = `uuid:${randomUUID()}`;
    const seconds = secondsOf(timeout);
    const until = Date.now() + seconds * 1_000;
    const sent = Promise.resolve();
    this.#bySid.set(sid, { sid, service, callbacks, seconds, until, seq: 0, waiting: 0, sent });
    this.#activity.record('subscribed', `${callbacks[0]} hears of ${service.id} for ${seconds} s`);
    return { sid, seconds };
  }

  /**
   * Sends the first event of a subscription: the values of all variables. A little later, since it takes another
   * connection than the answer to the subscriber, and must not come before it (UDA 1.1 §4.1.2).
   */
  begin(sid: string): void {
    setTimeout(() => {
      const subscription = this.#bySid.get(sid);
      if (subscription !== undefined) this.#send(subscription, subscription.service.state());
    }, FIRST_EVENT_MS).unref();
  }

  /** @throws HttpError 412 for a subscription that is not there, or not any more. */
  renew(service: Service, sid: string, timeout: string): Subscribed {
    const subscription = this.#find(service, sid);
    subscription.seconds = secondsOf(timeout);
    subscription.until = Date.now() + subscription.seconds * 1_000;
    this.#activity.record('subscribed', `${subscription.callbacks[0]} stays with ${service.id}`);
    return { sid, seconds: subscription.seconds };
  }

  /** @throws HttpError 412 for a subscription that is not there, or not any more. */
  cancel(service: Service, sid: string): void {
    const { callbacks } = this.#find(service, sid);
    this.#bySid.delete(sid);
    this.#activity.record('subscribed', `${callbacks[0]} has left ${service.id}`);
  }

  /** Nobody hears of anything more. */
  [Symbol.dispose](): void {
    for (const timer of this.#moderated.values()) clearTimeout(timer);
    this.#moderated.clear();
    this.#bySid.clear();
  }

  #find(service: Service, sid: string): Subscription {
    this.#dropExpired();
    const subscription = this.#bySid.get(sid);
    HttpError.assert(subscription?.service === service, 'There is no such subscription.', 412);
    return subscription;
  }

  #dropExpired(): void {
    const now = Date.now();
    for (const [sid, { until }] of this.#bySid) if (until < now) this.#bySid.delete(sid);
  }

  /** Several changes in a short time are one event. */
  #publishSoon(service: Service): void {
    if (this.#moderated.has(service.id)) return;
    const timer = setTimeout(() => {
      this.#moderated.delete(service.id);
      this.#dropExpired();
      for (const each of this.#bySid.values()) if (each.service === service) this.#send(each, service.state());
    }, MODERATION_MS);
    this.#moderated.set(service.id, timer.unref());
  }

  /** Sends one event after those before it: their numbers must arrive in order. */
  #send(subscription: Subscription, state: Readonly<Record<string, string>>): void {
    if (subscription.waiting >= MAX_WAITING) {
      this.#bySid.delete(subscription.sid);
      this.#activity.record('lost', `${subscription.callbacks[0]} does not take its events, and gets no more`);
      return;
    }
    const { seq } = subscription;
    subscription.seq = seq === MAX_SEQ ? 1 : seq + 1;
    subscription.waiting++;
    subscription.sent = subscription.sent
      .then(() => (this.#bySid.has(subscription.sid) ? this.#deliver(subscription, seq, state) : undefined))
      .finally(() => {
        subscription.waiting--;
      });
  }

  /** Tries the callbacks in order (UDA 1.1 §4.1.2). An event that nobody takes is lost; the next one is sent all the same. */
  async #deliver(subscription: Subscription, seq: number, state: Readonly<Record<string, string>>): Promise<void> {
    const { sid, service, callbacks } = subscription;
    for (const url of callbacks) {
      try {
        const { status, body } = await fetch(url, {
          method: 'NOTIFY',
          headers: {
            'content-type': XML_TYPE,
            nt: 'upnp:event',
            nts: 'upnp:propchange',
            sid,
            seq: String(seq),
          },
          body: propertySet(state),
          redirect: 'error',
          signal: AbortSignal.timeout(DELIVERY_MS),
        });
        await body?.cancel();
        this.#activity.record('notified', `${url} of ${service.id}, event ${seq}: ${status}`);
        return;
      } catch (error) {
        const { cause, message } = error as Error;
        this.#activity.record(
          'lost',
          `${url} does not take event ${seq}: ${(cause as Error | undefined)?.message ?? message}`,
        );
      }
    }
  }
}

/** What an event tells (UDA 1.1 §4.3.2). */
export function propertySet(state: Readonly<Record<string, string>>): string {
  const properties = Object.entries(state).map(([name, text]) => `<e:property>${element(name, text)}</e:property>`);
  return `${XML_DECLARATION}<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">${properties.join('')}</e:propertyset>\n`;
}

/** Whether `url` is at an address, and not at a name that may stand for any other. */
function isAt(url: string, address: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username } = new URL(url);
  return protocol === 'http:' && username === '' && hostname === address;
}

/** `Second-300`; what is asked for otherwise is as long as possible. */
function secondsOf(timeout: string): number {
  const asked = /^Second-(\d{1,9})$/i.exec(timeout)?.[1];
  return asked === undefined ? MOST_S : Math.min(Math.max(Number(asked), LEAST_S), MOST_S);
}
