import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const HASH_BYTES = 32;
const hashOf = promisify<string, Buffer, number, Buffer>(scrypt);

/** Gives what is kept of a password: a salt, and the hash that scrypt makes of both (RFC 7914). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return Buffer.concat([salt, await hashOf(password, salt, HASH_BYTES)]).toString('base64');
}

/** Takes as long without a `kept`, so that nobody learns from the time which names there are. */
export async function isPassword(password: string, kept: string | undefined): Promise<boolean> {
  const bytes = kept === undefined ? Buffer.alloc(16 + HASH_BYTES) : Buffer.from(kept, 'base64');
  const hash = await hashOf(password, bytes.subarray(0, 16), HASH_BYTES);
  return timingSafeEqual(hash, bytes.subarray(16)) && kept !== undefined;
}
