/** Makes streams of requests: valid ones, and ones that were tampered with. */

import { METHODS } from '../../src/protocol/methods.js';
import type { Random } from './random.js';
import { tamperOctets, tamperPieces } from './tamper.js';
import * as words from './words.js';

/** A stream of requests, and how it is sent. */
export interface RequestStream {
  /** The octets, as latin1 text. */
  readonly wire: string;
  /** Where it is cut into segments. */
  readonly cuts: readonly number[];
  /** Whether the handler reads the content before it answers. */
  readonly reads: boolean;
}

const CRLF = '\r\n';
const USUAL_METHODS = METHODS.filter((name) => name !== 'CONNECT');

/** Gives one of `usual`, or now and then one of `odd`. */
type Choose = <T>(usual: readonly T[], odd: readonly T[]) => T;

/** Makes one stream. A third of them are valid; each other has its damage in one place of a few. */
export function makeStream(random: Random): RequestStream {
  const style = random.below(9);
  const usual = chooser(random, 0);
  const head = style === 3 || style === 4 ? chooser(random, random.pick([6, 15, 40])) : usual;
  const content = style === 5 || style === 6 ? chooser(random, random.pick([4, 10, 25])) : usual;
  let pieces: string[] = [];
  for (let n = random.pick([1, 1, 2, 2, 3, 4]); n > 0; n--) pieces.push(...makeMessage(random, head, content));
  if (style === 4 || style === 6) pieces = tamperPieces(pieces, random, 1);
  let wire = pieces.join('');
  if (style >= 7) wire = tamperOctets(wire, random, 1 + random.below(style === 7 ? 1 : 3));
  if (random.oneIn(200)) wire = flood(wire, random);
  return { wire, cuts: makeCuts(wire.length, random), reads: !random.oneIn(10) };
}

/** One choice in `n` is an odd one; 0: none. */
function chooser(random: Random, n: number): Choose {
  return (usual, odd) => random.pick(n > 0 && random.oneIn(n) ? odd : usual);
}

function makeCuts(size: number, random: Random): readonly number[] {
  const cuts = Array.from({ length: random.pick([0, 0, 1, 1, 2, 5]) }, () => random.below(size + 1));
  return cuts.sort((a, b) => a - b);
}

/** One message in pieces, each of them whole in the grammar. */
function makeMessage(random: Random, head: Choose, content: Choose): string[] {
  const version = head(words.VERSIONS, words.ODD_VERSIONS);
  const framing = random.below(6);
  const isChunked = framing >= 4 && head([version === 'HTTP/1.1'], [true]);
  const text = framing < 2 ? '' : random.oneIn(5) ? random.octets(random.below(40)) : random.pick(words.CONTENTS);
  const fields = makeFields(random, head);
  if (isChunked) {
    fields.push(makeField(random, head, 'Transfer-Encoding', head(['chunked', 'Chunked'], words.ODD_CODINGS)));
  }
  if (isChunked ? head([false], [true]) : text !== '' || random.oneIn(4)) {
    fields.push(makeField(random, head, 'Content-Length', head([String(text.length)], words.ODD_LENGTHS)));
  }
  return [
    ...[...makeTarget(random, head), ' ', version, head([CRLF], words.ODD_ENDS), ...fields.flat(), CRLF],
    ...(isChunked ? makeChunks(random, content) : [text]),
    random.oneIn(20) ? content([CRLF], ['\n', '\r', '\r\n\r\n', ' ', '\0']) : '',
  ];
}

function makeTarget(random: Random, head: Choose): string[] {
  const method = head(random.oneIn(4) ? USUAL_METHODS : words.COMMON_METHODS, words.ODD_METHODS);
  const targets = method === 'CONNECT' ? ['a:80', '[::1]:443'] : words.TARGETS;
  return [method, ' ', head(targets, words.ODD_TARGETS)];
}

function makeFields(random: Random, head: Choose): string[][] {
  const fields = head([true], [true, true, false])
    ? [makeField(random, head, 'Host', head(words.HOSTS, words.ODD_HOSTS))]
    : [];
  for (let n = random.below(4); n > 0; n--)
    fields.push([head(words.FIELDS, words.ODD_FIELDS), head([CRLF], words.ODD_ENDS)]);
  if (random.oneIn(6)) fields.push([head(words.ROUTING_FIELDS, words.ODD_FIELDS), CRLF]);
  return fields;
}

function makeField(random: Random, head: Choose, name: string, value: string): string[] {
  const colon = head([':', ': ', ': ', ': \t'], [' :', '', ':\0', '\t:', '::', ' ']);
  return [random.oneIn(3) ? name.toLowerCase() : name, colon, value, head([CRLF], words.ODD_ENDS)];
}

/** Content in chunks, in pieces. */
export function makeChunks(random: Random, choose: Choose = chooser(random, 6)): string[] {
  const pieces: string[] = [];
  const extension = () => (random.oneIn(3) ? choose(words.EXTENSIONS, words.ODD_EXTENSIONS) : '');
  for (let n = random.below(4); n > 0; n--) {
    const data = random.pick(words.CONTENTS) || 'x';
    const size = data.length.toString(16);
    pieces.push(choose([size, size.toUpperCase(), `0${size}`], [...words.ODD_SIZES, `${size}1`]), extension());
    pieces.push(choose([CRLF], words.ODD_ENDS), data, choose([CRLF], words.ODD_ENDS));
  }
  pieces.push(choose(['0', '000'], words.ODD_SIZES), extension(), choose([CRLF], words.ODD_ENDS));
  if (random.oneIn(3)) pieces.push(choose(words.TRAILERS, words.ODD_TRAILERS));
  pieces.push(choose([CRLF], words.ODD_ENDS));
  return pieces;
}

/** Puts more into a stream than any limit lets through. */
function flood(wire: string, random: Random): string {
  const at = wire.indexOf(CRLF) + 2;
  const put = (text: string) => wire.slice(0, at) + text + wire.slice(at);
  switch (random.below(5)) {
    case 0:
      return put(`A: ${'b'.repeat(40_000)}\r\n`);
    case 1:
      return put('A: b\r\n'.repeat(90 + random.below(20)));
    case 2:
      return wire.replace(' /', ` /${'a'.repeat(random.pick([8_190, 8_191, 8_192, 40_000]))}`);
    case 3:
      return wire.replaceAll(
        '\r\n0\r\n',
        `\r\n1;${'e'.repeat(random.pick([1_000, 2_500, 4_095, 4_096, 20_000]))}\r\nx\r\n0\r\n`,
      );
    default:
      return wire.replace('0\r\n\r\n', `0\r\nT: ${'t'.repeat(random.pick([8_186, 8_187, 8_188, 20_000]))}\r\n\r\n`);
  }
}
