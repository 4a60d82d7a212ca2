/** Gives up on a store that does not answer. */

/**
 * As `answer`, unless it takes longer than `ms` milliseconds: a client of a database that is away may wait for it for ever.
 * Rejects too where `ask` throws. What a store still says after its time is dropped.
 */
export async function withinStoreTime<Answer>(ms: number, ask: () => Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The store has not answered within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
