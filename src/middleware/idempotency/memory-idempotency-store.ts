/** Keeps the keys of requests in the memory of one process. */

import { checkWhole } from '../option-error.js';
import type { ClaimedRequest, IdempotencyClaim, IdempotencyStore } from './idempotency-store.js';

interface Entry extends ClaimedRequest {
  readonly owner: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Bytes of all that is kept where the application does not say: 16 MiB. */
const MAX_SIZE = 16_777_216;

/** What a key takes beside its answer, in bytes, about. */
const ENTRY_SIZE = 512;

/** An {@link IdempotencyStore} that forgets everything when the process ends, and the oldest answers when it is full. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #maxSize: number;
  /** By the time of the last change, oldest first. */
  readonly #entries = new Map<string, Entry>();
  #size = 0;

  /** Keeps up to `maxSize` bytes, by default 16 MiB: a key counts as 512, its answer as long as it is. @throws TypeError. */
  constructor(maxSize = MAX_SIZE) {
    this.#maxSize = checkWhole('MemoryIdempotencyStore: maxSize', maxSize, 1);
  }

  /** Bytes kept now, those that have expired among them. */
  get size(): number {
    return this.#size;
  }

  async claim(id: string, { owner, fingerprint, lockTimeout }: IdempotencyClaim): Promise<ClaimedRequest | undefined> {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.expiresAt > Date.now()) return entry;
    this.#set(id, { owner, fingerprint, expiresAt: Date.now() + lockTimeout });
    return undefined;
  }

  async keep(id: string, owner: string, answer: string, maxAge: number): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry?.owner !== owner || entry.answer !== undefined) return false;
    this.#set(id, { ...entry, answer, expiresAt: Date.now() + maxAge * 1000 });
    return true;
  }

  async release(id: string, owner: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry?.owner === owner && entry.answer === undefined) this.#delete(id, entry);
  }

  #set(id: string, entry: Entry): void {
    const before = this.#entries.get(id);
    if (before !== undefined) this.#delete(id, before);
    this.#entries.set(id, entry);
    this.#size += sizeOf(entry);
    for (const [oldId, old] of this.#entries) {
      if (this.#size <= this.#maxSize) return;
      // A request that is being served keeps its key: there are no more of these than connections.
      if (old.answer !== undefined || old.expiresAt <= Date.now()) this.#delete(oldId, old);
    }
  }

  #delete(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#size -= sizeOf(entry);
  }
}

/** In UTF-16 an answer may take twice as much; what is kept is JSON, most often of ASCII. */
function sizeOf({ answer = '' }: Entry): number {
  return ENTRY_SIZE + answer.length;
}
