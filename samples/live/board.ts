import { randomUUID } from 'node:crypto';
import { HttpError, Topic } from 'luminaire';
import type { Change, Item, NewNote, NewPicture, NewStroke, Place } from './item.js';

/** More would make the board unreadable, and its first event long. The oldest make room. */
const MAX_ITEMS = 500;

/** Keeps what is on the board, and tells everybody who follows it what changes. */
export class Board {
  readonly changes = new Topic<Change>();
  readonly #items = new Map<string, Item>();
  #placed = 0;

  items(): Item[] {
    return [...this.#items.values()];
  }

  addNote(note: NewNote): Promise<Item> {
    return this.#put({ ...note, ...this.#freePlace(), kind: 'note', id: randomUUID() });
  }

  addStroke(stroke: NewStroke): Promise<Item> {
    return this.#put({ ...stroke, kind: 'stroke', id: randomUUID() });
  }

  addPicture(id: string, picture: NewPicture): Promise<Item> {
    return this.#put({ ...picture, ...this.#freePlace(), kind: 'picture', id });
  }

  async move(id: string, place: Place): Promise<void> {
    const item = this.#items.get(id);
    HttpError.assert(item && item.kind !== 'stroke', 'There is nothing here to move.', 404);
    await this.#put({ ...item, ...place });
  }

  async remove(id: string): Promise<void> {
    HttpError.assert(this.#items.delete(id), 'It is not there any more.', 404);
    await this.changes.publish({ kind: 'removal', id });
  }

  async clear(): Promise<void> {
    for (const id of [...this.#items.keys()]) await this.remove(id);
  }

  /** Ends every stream when the application stops. */
  dispose(): Promise<void> {
    return this.changes.close();
  }

  async #put(item: Item): Promise<Item> {
    this.#items.set(item.id, item);
    await this.changes.publish(item);
    const [oldest] = this.#items.keys();
    if (this.#items.size > MAX_ITEMS && oldest !== undefined) await this.remove(oldest);
    return item;
  }

  /** Where the next thing goes, so that it hides no more than it must. */
  #freePlace(): Place {
    const n = this.#placed++;
    return { x: 0.06 + (n % 4) * 0.22 + ((n >> 2) % 3) * 0.02, y: 0.08 + ((n >> 2) % 4) * 0.2 };
  }
}
