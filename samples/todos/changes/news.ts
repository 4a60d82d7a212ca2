import { type GapEvent, type ServerSentEvent, type SubscribeOptions, Topic, type TopicEvent } from 'luminaire';
import type { User } from '../accounts/user.js';
import type { Change } from './change.js';

interface Told {
  readonly change: Change;
  /** Ids of who may know of it. */
  readonly to: ReadonlySet<number>;
}

/** Tells everybody who follows what the others do. */
export class News {
  readonly #topic = new Topic<Told>();

  tell(change: Change, to: Iterable<number>): void {
    // Closed while the application ends: then nobody is left to tell.
    this.#topic.publish({ change, to: new Set(to) }).catch(() => {});
  }

  /** What `user` may know, from where the client left off; `gap` where some of it is no longer known. */
  async *of(user: User, options: SubscribeOptions<GapEvent>): AsyncGenerator<ServerSentEvent> {
    for await (const event of this.#topic.subscribe(options)) {
      if (isGap(event)) yield event;
      else if (event.data.to.has(user.id)) yield { id: event.id, event: 'change', data: event.data.change };
    }
  }

  dispose(): Promise<void> {
    return this.#topic.close();
  }
}

function isGap(event: TopicEvent<Told> | GapEvent): event is GapEvent {
  return event.event === 'gap';
}
