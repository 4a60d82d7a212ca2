/** Takes apart what a server sent, as strictly as a client can: what is no response is an error, not content. */

/** One response. */
export interface Received {
  readonly status: number;
  /** Each field line as it was sent. */
  readonly fields: readonly string[];
  /** The content, chunks taken apart. */
  readonly content: string;
  /** It ended with the connection, before its framing said so. */
  readonly isCut: boolean;
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [\t\x20-\x7e\x80-\xff]*$/;
const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
const IMF_DATE = /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Reads every response in `bytes`. `methods` are those of the requests, in order: a response to HEAD has no content,
 * and a 2xx to CONNECT is followed by a tunnel, which is given as its content.
 */
export function readResponses(bytes: string, methods: readonly string[]): Received[] {
  const responses: Received[] = [];
  let answered = 0;
  for (let at = 0; at < bytes.length; ) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd === -1) throw new Error(`No response head: ${JSON.stringify(bytes.slice(at, at + 200))}`);
    const [line = '', ...fields] = bytes.slice(at, headEnd).split('\r\n');
    const status = statusOf(line);
    checkFields(fields, status);
    const isFinal = status >= 200;
    const method = isFinal ? methods[answered++] : undefined;
    const { content, end, isCut } = readContent(bytes, headEnd + 4, status, fields, method);
    responses.push({ status, fields, content, isCut });
    at = end;
  }
  return responses;
}

function statusOf(line: string): number {
  const match = STATUS_LINE.exec(line);
  if (match === null) throw new Error(`No status line: ${JSON.stringify(line)}`);
  return Number(match[1]);
}

/** RFC 9112 §5 and §6.1, RFC 9110 §6.6.1 and §8.6: what every head must be. */
function checkFields(fields: readonly string[], status: number): void {
  for (const field of fields) if (!FIELD_LINE.test(field)) throw new Error(`No field line: ${JSON.stringify(field)}`);
  const count = (name: string) => fields.filter((field) => field.toLowerCase().startsWith(`${name}:`)).length;
  for (const name of ['content-length', 'transfer-encoding', 'content-type', 'date', 'connection']) {
    if (count(name) > 1) throw new Error(`More than one ${name}: ${fields.join(' | ')}`);
  }
  const hasLength = count('content-length') === 1;
  const isChunked = count('transfer-encoding') === 1;
  if (hasLength && isChunked) throw new Error(`Both Content-Length and Transfer-Encoding: ${fields.join(' | ')}`);
  if ((status < 200 || status === 204) && (hasLength || isChunked)) throw new Error(`Framing in a ${status}`);
  if (status >= 200 && !fields.some((field) => IMF_DATE.test(field))) throw new Error(`No Date: ${fields.join(' | ')}`);
}

interface ContentRead {
  readonly content: string;
  readonly end: number;
  readonly isCut: boolean;
}

/** How a client finds the end of the content (RFC 9112 §6.3). */
function readContent(
  bytes: string,
  start: number,
  status: number,
  fields: readonly string[],
  method: string | undefined,
): ContentRead {
  const isEmpty = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  if (isEmpty) return { content: '', end: start, isCut: false };
  const fieldValue = (name: string) =>
    fields.find((field) => field.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2);
  if (method === 'CONNECT' && status < 300) return { content: bytes.slice(start), end: bytes.length, isCut: false };
  const coding = fieldValue('transfer-encoding');
  if (coding === 'chunked') return readChunks(bytes, start);
  if (coding !== undefined) throw new Error(`Unknown transfer coding ${coding}`);
  const declared = fieldValue('content-length');
  if (declared === undefined) {
    if (fieldValue('connection') !== 'close') throw new Error('Content without end on a connection that persists');
    return { content: bytes.slice(start), end: bytes.length, isCut: false };
  }
  if (!/^(?:0|[1-9]\d*)$/.test(declared)) throw new Error(`Content-Length: ${declared}`);
  const end = start + Number(declared);
  return { content: bytes.slice(start, end), end: Math.min(end, bytes.length), isCut: end > bytes.length };
}

function readChunks(bytes: string, start: number): ContentRead {
  let content = '';
  for (let at = start; ; ) {
    const sizeLine = /^([0-9a-f]+)\r\n/.exec(bytes.slice(at, at + 20));
    if (sizeLine === null) {
      if (/^[0-9a-f]*\r?$/.test(bytes.slice(at))) return { content, end: bytes.length, isCut: true };
      throw new Error(`No chunk: ${JSON.stringify(bytes.slice(at, at + 100))}`);
    }
    const size = Number.parseInt(sizeLine[1] as string, 16);
    const dataStart = at + sizeLine[0].length;
    const dataEnd = dataStart + size;
    if (dataEnd + 2 > bytes.length) return { content, end: bytes.length, isCut: true };
    if (bytes.slice(dataEnd, dataEnd + 2) !== '\r\n') throw new Error('A chunk is not followed by CR LF');
    content += bytes.slice(dataStart, dataEnd);
    at = dataEnd + 2;
    if (size === 0) return { content, end: at, isCut: false };
  }
}
