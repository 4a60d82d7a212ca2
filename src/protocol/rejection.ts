/** Lists every reason a message is refused, each with its status. */

/** Makes one row: the status to answer with, and a sentence for the peer. */
function row<S extends number>(status: S, detail: string): { readonly status: S; readonly detail: string } {
  return { status, detail };
}

/** The reasons. A `detail` never repeats what the peer sent, so it may be shown as it is. */
export const REJECTIONS = {
  // The request line (RFC 9112 §3)
  'bad-method': row(400, 'The request line does not begin with a method of at most 64 token characters.'),
  'bad-target': row(400, 'The request-target has none of the four forms of RFC 9112.'),
  'target-too-long': row(414, 'The request-target is longer than this server accepts.'),
  'bad-version': row(400, 'The request line does not end in one space and an HTTP version.'),
  'unsupported-version': row(505, 'This server speaks HTTP/1.1 and HTTP/1.0.'),

  // The field lines (RFC 9112 §5)
  'bad-line-end': row(400, 'A line does not end in CR LF.'),
  'bad-field-name': row(400, 'A field name is empty or holds a byte that is no token character.'),
  'space-before-colon': row(400, 'There is white space between a field name and its colon.'),
  'obs-fold': row(400, 'A field line begins with white space.'),
  'bad-field-value': row(400, 'A field value holds a control character.'),
  'head-too-large': row(431, 'The message head is longer than this server accepts.'),
  'too-many-fields': row(431, 'The message head has more fields than this server accepts.'),

  // Host (RFC 9112 §3.2)
  'missing-host': row(400, 'An HTTP/1.1 request needs a Host field.'),
  'repeated-host': row(400, 'There is more than one Host field.'),
  'bad-host': row(400, 'The Host field is not a host with an optional port.'),

  // How the content is delimited (RFC 9112 §6)
  'bad-content-length': row(400, 'Content-Length is not a decimal number.'),
  'content-length-too-large': row(413, 'Content-Length is larger than any content this server can count.'),
  'repeated-content-length': row(400, 'There is more than one Content-Length field.'),
  'bad-transfer-encoding': row(400, 'Transfer-Encoding is not a list of codings that ends in chunked.'),
  'unsupported-transfer-encoding': row(501, 'The only transfer coding this server decodes is chunked.'),
  'repeated-transfer-encoding': row(400, 'There is more than one Transfer-Encoding field.'),
  'transfer-encoding-in-http-1.0': row(400, 'HTTP/1.0 has no Transfer-Encoding.'),
  'transfer-encoding-with-content-length': row(400, 'There is both a Transfer-Encoding and a Content-Length field.'),
  'unknown-expectation': row(417, 'The only expectation this server meets is 100-continue.'),

  // HTTP/2 (RFC 9113 §8)
  'connect-over-http-2': row(501, 'CONNECT is served over HTTP/1.1 alone.'),

  // Chunked content (RFC 9112 §7.1)
  'bad-chunk-size': row(400, 'A chunk size is not a hexadecimal number.'),
  'chunk-size-too-large': row(413, 'A chunk is larger than any content this server can count.'),
  'bad-chunk-extension': row(400, 'A chunk extension is malformed.'),
  'chunk-extensions-too-large': row(413, 'The chunk extensions are longer than this server accepts.'),
  'bad-chunk-end': row(400, 'A chunk is not followed by CR LF.'),
  'bad-trailer': row(400, 'A trailer field is malformed.'),
  'forbidden-trailer': row(400, 'A trailer field is one that must be sent in the head.'),
  'trailers-too-large': row(431, 'The trailer section is longer than this server accepts.'),

  // Found by the connection, which knows the limits and the time
  'content-too-large': row(413, 'The content is longer than this server accepts.'),
  'head-timeout': row(408, 'The message head did not arrive in time.'),
  'server-full': row(503, 'This server has as many connections as it accepts.'),
  'content-timeout': row(408, 'The content did not arrive in time.'),
} as const;

/** A reason to refuse a message. */
export type Rejection = keyof typeof REJECTIONS;
