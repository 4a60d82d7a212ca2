/** Writes a target as the value of a Location field (RFC 9110 §10.2.2). */

/** What no URI reference has (RFC 3986 §2), a backslash and all controls among it; and a "%" that begins no escape. */
const NOT_IN_URI = /%(?![\dA-Fa-f]{2})|[^\w\-.~:/?#[\]@!$&'()*+,;=%]+/g;

/**
 * Escapes what cannot stand in a Location: spaces, controls, text beyond ASCII as UTF-8. Escapes that are there stay.
 *
 * Text that starts with a slash stays on this host, whatever follows. `//evil.example` would name another one, so it
 * is written `/.//evil.example`, the same path on this; browsers read a backslash as a slash, so it is escaped. To
 * leave the host give a URL, or text that starts with its scheme.
 *
 * @throws TypeError for anything but text or a URL.
 */
export function encodeLocation(location: string | URL): string {
  if (location instanceof URL) return location.href;
  if (typeof location !== 'string') {
    throw new TypeError(`A location is a string or a URL, got ${location === null ? 'null' : typeof location}`);
  }
  const encoded = location.replace(NOT_IN_URI, escapeBytes);
  return encoded.startsWith('//') ? `/.${encoded}` : encoded;
}

function escapeBytes(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text)) escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return escaped;
}
