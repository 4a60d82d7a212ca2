/** Makes the field section of an answer over HTTP/2. */

/** Fields by lower-case name, as `node:http2` takes them. */
export type ResponseFields = Record<string, string | string[] | number>;

/** Fields that are about one connection of HTTP/1.1, and must not be sent (RFC 9113 §8.2.2). */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Begins a section with `status`, or one of trailers. Without a prototype: a field may be named `constructor`. */
export function newFields(status?: number): ResponseFields {
  const fields: ResponseFields = Object.create(null);
  if (status !== undefined) fields[':status'] = status;
  return fields;
}

/**
 * Adds field lines. Those of one name become one line (RFC 9110 §5.3), since `node:http2` throws for the second of some:
 * `Content-Encoding`, which is a list, and `ETag`. `Set-Cookie` is no list.
 */
export function addFields(fields: ResponseFields, lines: Iterable<readonly [name: string, value: string]>): void {
  for (const [spelled, value] of lines) {
    const name = spelled.toLowerCase();
    if (CONNECTION_SPECIFIC.has(name)) continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (name !== 'set-cookie') fields[name] = `${before}, ${value}`;
    else fields[name] = Array.isArray(before) ? [...before, value] : [String(before), value];
  }
}

/** The names and values of field lines, each ended by CR LF. */
export function* partsOf(lines: string): Generator<[name: string, value: string]> {
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon !== -1) yield [line.slice(0, colon), line.slice(colon + 2)];
  }
}
