/** Reads the field Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07). */

/** Characters of a key. Clients make up a UUID; more than this is no key. */
const MAX_KEY_LENGTH = 255;

/** An Item of structured fields that is a String (RFC 9651 §3.3.3), and its parameters, of which none is defined. */
const FIELD =
  /^ *"((?:[ !#-[\]-~]|\\["\\])*)"((?:; *[a-z*][\w.*-]*(?:=(?:"(?:[ !#-[\]-~]|\\["\\])*"|[^\s",;]+))?)*) *$/;

/** The key that `field` carries, or `undefined` where it is malformed, empty or longer than 255 characters. */
export function parseIdempotencyKey(field: string): string | undefined {
  const key = FIELD.exec(field)?.[1]?.replaceAll(/\\(.)/g, '$1');
  return key === undefined || key.length === 0 || key.length > MAX_KEY_LENGTH ? undefined : key;
}
