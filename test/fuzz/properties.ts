/** Lists what must hold of each entry point for any bytes. */

import { ChunkedDecoder, DATA, DONE, REJECTED } from '../../src/protocol/chunked-decoder.js';
import { dateLine, fieldLine, statusLine } from '../../src/protocol/head-writer.js';
import { decodePath } from '../../src/protocol/percent.js';
import { Query } from '../../src/protocol/query.js';
import { authorityOf, formOf, pathOf, RequestTarget, searchOf } from '../../src/protocol/target.js';
import { LIMITS, parseHead, summaryOf } from '../protocol/parse-head.js';
import { readAnswers } from './answers.js';
import { makeResponse } from './made-response.js';
import { isTarget, readChunks, readForm, readHead, trim } from './reference.js';

/** Something that holds for any bytes: throws where it does not. */
export interface Property {
  readonly name: string;
  readonly holds: (bytes: Buffer) => void;
}

/** Limits that short inputs reach. */
const TIGHT = { maxHeaderSize: 90, maxHeadersCount: 4, maxTargetSize: 12 };

export const PROPERTIES: readonly Property[] = [
  { name: 'head', holds: checkHead },
  { name: 'chunked', holds: checkChunked },
  { name: 'target', holds: checkTarget },
  { name: 'query', holds: checkQuery },
  { name: 'field-line', holds: checkFieldLine },
  { name: 'status-line', holds: checkStatusLine },
  { name: 'response', holds: checkResponse },
];

/** A head is refused, awaited or read as the RFCs say, and however it is cut. */
function checkHead(bytes: Buffer): void {
  const whole = parseHead(bytes);
  const summary = summaryOf(whole);
  const reading = readHead(bytes.toString('latin1'));
  const { head, rejection, size } = whole;
  const ours = head === undefined ? (rejection === undefined ? 'open' : 'refused') : { ...pick(head), size };
  expectSame(ours, typeof reading === 'string' ? reading : ordered(reading));
  const cuts = cutsOf(bytes);
  expectSame(summaryOf(parseHead(bytes, cuts)), summary);
  expectSame(summaryOf(parseHead(bytes, cuts, TIGHT)), summaryOf(parseHead(bytes, [], TIGHT)));
  if (head !== undefined && head.end - head.start > LIMITS.maxHeaderSize) throw new Error('The head is over its limit');
}

function pick(head: NonNullable<ReturnType<typeof parseHead>['head']>) {
  const { method, target, contentLength, keepsAlive } = head;
  return { method, target, length: contentLength === -1 ? 'chunked' : contentLength, closes: !keepsAlive };
}

function ordered({ method, target, length, closes, size }: Exclude<ReturnType<typeof readHead>, string>) {
  return { method, target, length, closes, size };
}

/** Chunked content is refused, awaited or decoded as the RFCs say, and however it is cut. */
function checkChunked(bytes: Buffer): void {
  const whole = decodeAll(bytes, []);
  expectSame(decodeAll(bytes, cutsOf(bytes)), whole);
  const reading = readChunks(bytes.toString('latin1'));
  const { verdict, content, size } = whole;
  expectSame(verdict === 'done' ? { content, size } : verdict, reading);
}

function decodeAll(bytes: Buffer, cuts: readonly number[]) {
  const decoder = new ChunkedDecoder();
  let content = '';
  let at = 0;
  for (const end of [...cuts, bytes.length]) {
    do {
      at = decoder.decode(bytes, at, end);
      if (decoder.result === DATA) content += bytes.toString('latin1', decoder.dataStart, decoder.dataEnd);
    } while (decoder.result === DATA);
  }
  const verdict = decoder.result === DONE ? 'done' : decoder.result === REJECTED ? 'refused' : 'open';
  return { verdict, content, size: at, rejection: decoder.rejection, trailers: decoder.trailers };
}

/** A target of visible ASCII has one of the four forms, or none, as the RFCs say; its parts are parts of it. */
function checkTarget(bytes: Buffer): void {
  const raw = bytes.toString('latin1').replace(/[^!"$-~]/g, '');
  if (raw === '') return;
  for (const method of ['GET', 'CONNECT']) {
    const form = formOf(Buffer.from(`x${raw}x`), 1, raw.length + 1, method);
    expectSame(form !== undefined, isTarget(method, raw));
    if (form === undefined) continue;
    const path = pathOf(form, raw);
    if (form === 'origin') expectSame(raw.includes('?') ? `${path}?${searchOf(form, raw)}` : path, raw);
    if (!path.startsWith('/') && path !== '*') throw new Error(`The path is ${path}`);
    if (!raw.includes(authorityOf(form, raw))) throw new Error('The authority is not in the target');
    const target = new RequestTarget({ form, target: raw, authority: '' });
    expectSame([target.path, target.search, String(target)], [path, searchOf(form, raw), raw]);
    expectSame([...target.query], [...new Query(target.search)]);
  }
  expectSame(decodePath(raw), decodedByNode(raw));
}

function decodedByNode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A query has the parameters that the URL standard gives it. */
function checkQuery(bytes: Buffer): void {
  for (const text of [bytes.toString('latin1'), bytes.toString('utf8')]) {
    const query = new Query(text);
    const pairs = readForm(text);
    expectSame([...query], pairs);
    expectSame(query.size, pairs.length);
    expectSame(String(query), text);
    for (const [name] of pairs.slice(0, 3)) {
      expectSame(query.get(name), pairs.find(([key]) => key === name)?.[1]);
      expectSame(query.getAll(name).length, pairs.filter(([key]) => key === name).length);
    }
  }
}

/** What is written is one line that is read back as it was given, or nothing is written. */
function checkFieldLine(bytes: Buffer): void {
  for (const text of textsOf(bytes)) {
    const colon = text.indexOf(':');
    for (const [name, value] of [
      [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)],
      ['X-A', text],
    ] as const) {
      const line = unlessTypeError(() => fieldLine(name, value));
      if (line === undefined) continue;
      const wire = Buffer.from(`GET / HTTP/1.0\r\nX-First: 1\r\n${line}\r\n`, 'latin1');
      const { head, rejection, size } = parseHead(wire, [], { ...LIMITS, maxHeaderSize: 1_000_000 });
      // The name may be one that a request must not have; then it is refused for what it says, not for how it is written.
      if (head === undefined && !REFUSED_NAME.test(name)) throw new Error(`What was written is refused: ${rejection}`);
      if (head === undefined) continue;
      expectSame(size, wire.length);
      expectSame(head.fieldCount, 2);
      expectSame([head.fieldName(1), head.fieldValue(1)], [name, trim(value)]);
    }
  }
}

const REFUSED_NAME = /^(?:host|content-length|transfer-encoding)$/i;

/** What is written is one line, or nothing is. */
function checkStatusLine(bytes: Buffer): void {
  const status = bytes.length > 1 ? bytes.readInt16BE(0) : 200;
  for (const reason of [undefined, ...textsOf(bytes.subarray(2))]) {
    const line = unlessTypeError(() => statusLine(status, reason));
    if (line !== undefined && !/^HTTP\/1\.1 [1-9][0-9]{2} [\t -~\x80-\xff]*\r\n$/.test(line)) {
      throw new Error(`The status line is ${JSON.stringify(line)}`);
    }
  }
  if (!/^Date: [A-Z][a-z]{2}, [0-9 A-Za-z:]+ GMT\r\n$/.test(dateLine())) throw new Error(dateLine());
}

/** Whatever is set on a response, one response leaves. */
function checkResponse(bytes: Buffer): void {
  const { wire, method, wasSent } = makeResponse(bytes);
  if (!wasSent) {
    if (wire !== '') throw new Error('A response that threw has left bytes');
    return;
  }
  const answers = readAnswers(wire, [method]);
  if (typeof answers === 'string' || answers.length !== 1) throw new Error(`${JSON.stringify(wire)}: ${answers}`);
}

/** The bytes as text, in which a character over U+00FF has any low byte: CR and LF among them (CVE-2016-2216). */
function textsOf(bytes: Buffer): readonly string[] {
  return [bytes.toString('latin1'), bytes.toString('utf8'), bytes.subarray(0, bytes.length & ~1).toString('utf16le')];
}

/** Where to cut, decided by the bytes themselves so that a failure needs nothing but them. */
function cutsOf(bytes: Buffer): readonly number[] {
  if (bytes.length < 48 && (bytes[0] ?? 0) % 4 === 0) return Array.from(bytes.keys());
  const sum = bytes.subarray(0, 16).reduce((total, octet) => total * 31 + octet, bytes.length) >>> 0;
  const cuts = [sum, sum >>> 7, sum >>> 13].map((number) => number % (bytes.length + 1));
  return cuts.sort((a, b) => a - b);
}

function unlessTypeError(write: () => string): string | undefined {
  try {
    return write();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function expectSame(found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`It is ${one}, not ${other}`);
}
