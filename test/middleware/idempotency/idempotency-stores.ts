/** Claims what holds for every store of idempotency keys. */

import { describe, expect, it } from 'vitest';
import type { IdempotencyStore } from '../../../src/index.js';

const CLAIM = { owner: 'one', fingerprint: 'f', lockTimeout: 60_000 };
const OTHER = { ...CLAIM, owner: 'two', fingerprint: 'g' };

/** What is tested, and how time passes for it. */
export interface StoreUnderTest {
  readonly store: IdempotencyStore;
  /** Lets all that is kept expire. */
  expire(): void | Promise<void>;
}

/** `open` gives one that is empty. */
export function testIdempotencyStore(name: string, open: () => StoreUnderTest | Promise<StoreUnderTest>): void {
  describe(name, () => {
    it('gives a key to the first, and tells the others whose it is', async () => {
      const { store } = await open();
      expect(await store.claim('a', CLAIM)).toBeUndefined();
      const found = await store.claim('a', OTHER);
      expect([found?.fingerprint, found?.answer]).toEqual(['f', undefined]);
      expect(await store.claim('b', OTHER)).toBeUndefined();
    });

    it('gives a key to one of all that claim it at once', async () => {
      const { store } = await open();
      const claims = Array.from({ length: 40 }, (_none, i) => store.claim('a', { ...CLAIM, owner: `${i}` }));
      const won = (await Promise.all(claims)).filter((found) => found === undefined);
      expect(won).toHaveLength(1);
    });

    it('keeps an answer, whatever is in it', async () => {
      const { store } = await open();
      await store.claim('a', CLAIM);
      const answer = JSON.stringify(['é', '\0', '\ud83d', "'; drop table idempotency_keys; --"]);
      expect(await store.keep('a', 'one', answer, 60)).toBe(true);
      expect((await store.claim('a', CLAIM))?.answer).toBe(answer);
    });

    it('keeps the first answer', async () => {
      const { store } = await open();
      await store.claim('a', CLAIM);
      await store.keep('a', 'one', '1', 60);
      expect(await store.keep('a', 'one', '2', 60)).toBe(false);
      expect((await store.claim('a', OTHER))?.answer).toBe('1');
    });

    it('keeps nothing of who has not claimed it', async () => {
      const { store } = await open();
      expect(await store.keep('a', 'one', '1', 60)).toBe(false);
      await store.claim('a', CLAIM);
      expect(await store.keep('a', 'two', '2', 60)).toBe(false);
      expect((await store.claim('a', OTHER))?.answer).toBeUndefined();
    });

    it('gives back what its owner releases, and nothing else', async () => {
      const { store } = await open();
      await store.claim('a', CLAIM);
      await store.release('a', 'two');
      expect(await store.claim('a', OTHER)).toBeDefined();
      await store.release('a', 'one');
      expect(await store.claim('a', OTHER)).toBeUndefined();
      await store.keep('a', 'two', '1', 60);
      await store.release('a', 'two');
      expect((await store.claim('a', CLAIM))?.answer).toBe('1');
    });

    it('gives away what a process that died has claimed, and to no more than one', async () => {
      const { store, expire } = await open();
      await store.claim('a', CLAIM);
      await expire();
      const claims = Array.from({ length: 40 }, (_none, i) => store.claim('a', { ...OTHER, owner: `${i}` }));
      const found = await Promise.all(claims);
      expect(found.filter((one) => one === undefined)).toHaveLength(1);
      expect(found.find((one) => one !== undefined)).toMatchObject({ fingerprint: 'g' });
      // It lives after all: its answer comes too late.
      expect(await store.keep('a', 'one', '1', 60)).toBe(false);
    });

    it('forgets an answer when its time is over', async () => {
      const { store, expire } = await open();
      await store.claim('a', CLAIM);
      await store.keep('a', 'one', '1', 60);
      await expire();
      expect(await store.claim('a', OTHER)).toBeUndefined();
      expect(await store.claim('a', CLAIM)).toMatchObject({ fingerprint: 'g' });
      expect((await store.claim('a', CLAIM))?.answer).toBeUndefined();
    });
  });
}
