/** Keeps a session in its cookie, encrypted so that only this application can read it or make one. */

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { deriveKeys, type Secret } from '../secrets.js';
import type { KeptSession, SessionKeeper } from './session-keeper.js';
import { readRecord, type SessionRecord, writeRecord } from './session-record.js';

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key and a nonce that are derived for each cookie from a random salt: with random nonces alone a key
 * would be good for 2^32 cookies (NIST SP 800-38D §8.3), with salts it is for any number.
 *
 * A token is the base64url of salt, ciphertext and tag. Which purpose and which cookie it is for is in the key.
 */
export class SealedSession implements SessionKeeper {
  readonly isInCookie = true;
  readonly #keys: readonly Uint8Array[];

  /** @throws TypeError where `secrets` are no list of secrets. */
  constructor(secrets: readonly Secret[], cookieName: string) {
    this.#keys = deriveKeys('session', secrets, `sealed session ${cookieName}`);
  }

  open(token: string): KeptSession | undefined {
    const sealed = Buffer.from(token, 'base64url');
    if (sealed.length < SALT_BYTES + TAG_BYTES) return undefined;
    for (const key of this.#keys) {
      const text = unseal(key, sealed);
      if (text !== undefined) return { record: readRecord(text), isStale: key !== this.#keys[0] };
    }
    return undefined;
  }

  keep(record: SessionRecord): string {
    return seal(this.#keys[0], writeRecord(record)).toString('base64url');
  }

  /** A copy of the cookie cannot be called back: it is good until it expires. */
  end(): void {}
}

function seal(key: Uint8Array, text: string): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const cipher = createCipheriv('aes-256-gcm', ...keyAndNonce(key, salt));
  return Buffer.concat([salt, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** `undefined` where it was not sealed with `key`, or was changed since. */
function unseal(key: Uint8Array, sealed: Buffer): string | undefined {
  const tagStart = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', ...keyAndNonce(key, sealed.subarray(0, SALT_BYTES)), {
    authTagLength: TAG_BYTES,
  }).setAuthTag(sealed.subarray(tagStart));
  const text = decipher.update(sealed.subarray(SALT_BYTES, tagStart));
  try {
    return Buffer.concat([text, decipher.final()]).toString();
  } catch {
    return undefined;
  }
}

/** HMAC as the pseudorandom function: 9 µs where HKDF, which extracts before it expands, takes 23 (Node 20). */
function keyAndNonce(key: Uint8Array, salt: Uint8Array): [key: Uint8Array, nonce: Uint8Array] {
  const derived = createHmac('sha512', key).update(salt).digest();
  return [derived.subarray(0, KEY_BYTES), derived.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES)];
}
