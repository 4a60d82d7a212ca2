/** Tells which fields may not stand in a trailer section (RFC 9110 §6.5.1). */

/**
 * Fields that frame or route the message, that decide whether or how it is served, or that describe its content:
 * whoever looked at the head has acted without them, so one that comes late can only deceive.
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'forwarded', 'max-forwards', 'via', 'x-forwarded-for', 'x-forwarded-host'],
  ...['x-forwarded-proto', 'authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'origin', 'referer'],
  ...['cache-control', 'pragma', 'age', 'date', 'expires', 'location', 'retry-after', 'vary', 'warning'],
  ...['if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'range'],
  ...['content-encoding', 'content-location', 'content-range', 'content-type'],
]);

/** Tells whether the field `name`, in any case, is refused in a trailer section. `name` is a token, so ASCII. */
export function isForbiddenTrailer(name: string): boolean {
  return FORBIDDEN.has(name.toLowerCase());
}
