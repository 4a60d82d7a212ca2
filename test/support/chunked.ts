/** Takes the content out of a chunked answer. */

/** The bytes of the content; it must be complete. */
export function chunkedContent(wire: string): Buffer {
  const pieces: string[] = [];
  let rest = wire.slice(wire.indexOf('\r\n\r\n') + 4);
  for (;;) {
    const size = Number.parseInt(rest, 16);
    const start = rest.indexOf('\r\n') + 2;
    if (Number.isNaN(size)) throw new Error(`Expected a chunk, got ${JSON.stringify(rest.slice(0, 40))}`);
    if (size === 0) return Buffer.from(pieces.join(''), 'latin1');
    pieces.push(rest.slice(start, start + size));
    rest = rest.slice(start + size + 2);
  }
}
