/** Derives keys from the secrets of an application, newest first. */

import { hkdfSync } from 'node:crypto';

/** What keys are derived from: at least 32 bytes that nobody can guess. Text counts as UTF-8. */
export type Secret = string | Uint8Array;

/** Bytes of a secret that is not guessed. */
export const MIN_SECRET_BYTES = 32;

const KEY_BYTES = 32;

/**
 * Derives one key of 32 bytes from each secret, for `purpose` alone: the same secret may serve several middleware
 * (HKDF with SHA-256, RFC 5869).
 *
 * @throws TypeError that starts with `where` and names the secret.
 */
export function deriveKeys(where: string, secrets: readonly Secret[], purpose: string): Buffer[] {
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw new TypeError(`${where}: keys must be a list with one secret or more, newest first`);
  }
  return secrets.map((secret: unknown, i) => {
    const isSecret = typeof secret === 'string' || secret instanceof Uint8Array;
    if (isSecret && Buffer.byteLength(secret) >= MIN_SECRET_BYTES) {
      return Buffer.from(hkdfSync('sha256', secret, '', `luminaire ${purpose}`, KEY_BYTES));
    }
    const found = isSecret ? `${Buffer.byteLength(secret)}` : typeof secret;
    throw new TypeError(`${where}: keys[${i}] must have at least ${MIN_SECRET_BYTES} bytes, got ${found}`);
  });
}
