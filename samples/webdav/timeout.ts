/** Reads the Timeout that a client asks for a lock (RFC 4918 §10.7). */

/** Longest life of a lock, in seconds. Clients refresh theirs; a lock whose client is gone should not last. */
export const MAX_TIMEOUT_S = 3_600;

/** The first of the wishes that can be read, up to {@link MAX_TIMEOUT_S}, which is also the default. */
export function readTimeout(field: string | undefined): number {
  for (const wish of field?.split(',') ?? []) {
    const seconds = /^\s*second-(\d{1,15})\s*$/i.exec(wish)?.[1];
    if (seconds !== undefined) return Math.max(1, Math.min(Number(seconds), MAX_TIMEOUT_S));
    if (/^\s*infinite\s*$/i.test(wish)) break;
  }
  return MAX_TIMEOUT_S;
}
