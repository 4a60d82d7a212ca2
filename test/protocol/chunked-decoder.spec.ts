import { describe, expect, it } from 'vitest';
import { ChunkedDecoder, type ChunkedLimits, DATA, DONE } from '../../src/protocol/chunked-decoder.js';
import { NEED_MORE, REJECTED } from '../../src/protocol/head-parser.js';
import { fc } from '../support/properties.js';

interface Decoded {
  readonly body: string;
  readonly result: number;
  readonly rejection: string | undefined;
  /** Bytes of the message, once it is done. */
  readonly size: number | undefined;
  readonly trailers: ReadonlyArray<readonly [string, string]>;
}

/** Decodes pieces, each at another place in a buffer of its own. */
function decodeAll(pieces: readonly Buffer[], limits?: ChunkedLimits): Decoded {
  const decoder = new ChunkedDecoder(limits);
  let body = '';
  let size = 0;
  for (const [i, piece] of pieces.entries()) {
    const bytes = Buffer.concat([Buffer.alloc(i % 5, '7'), piece, Buffer.alloc(3, '9')]);
    const end = bytes.length - 3;
    let at = i % 5;
    do {
      const next = decoder.decode(bytes, at, end);
      if (decoder.result === DATA) {
        expect(decoder.dataEnd).toBeGreaterThan(decoder.dataStart);
        body += bytes.toString('latin1', decoder.dataStart, decoder.dataEnd);
      }
      size += next - at;
      at = next;
    } while (decoder.result === DATA);
    if (decoder.result !== NEED_MORE) break;
    expect(at).toBe(end);
  }
  const { result, rejection, trailers } = decoder;
  return { body, result, rejection, size: result === DONE ? size : undefined, trailers };
}

const decode = (wire: string, limits?: ChunkedLimits) => decodeAll([Buffer.from(wire, 'latin1')], limits);
const bytewise = (wire: string, limits?: ChunkedLimits) =>
  decodeAll(
    Array.from(wire, (char) => Buffer.from(char, 'latin1')),
    limits,
  );

type Row = readonly [title: string, wire: string, body: string, rejection: string | undefined];

function expectOutcome(wire: string, body: string, rejection: string | undefined): void {
  for (const outcome of [decode(wire), bytewise(wire)]) {
    expect(outcome).toMatchObject({ body, rejection });
    expect(outcome.result).toBe(rejection === undefined ? DONE : REJECTED);
  }
}

describe('chunks (RFC 9112 §7.1)', () => {
  it.each<Row>([
    ['takes no chunk', '0\r\n\r\n', '', undefined],
    ['takes one chunk', '3\r\nabc\r\n0\r\n\r\n', 'abc', undefined],
    ['takes several', '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n', 'abcde', undefined],
    [
      'takes hexadecimal of either case',
      `a\r\n${'x'.repeat(10)}\r\nF\r\n${'y'.repeat(15)}\r\n0\r\n\r\n`,
      'x'.repeat(10) + 'y'.repeat(15),
      undefined,
    ],
    ['takes leading zeros', '0003\r\nabc\r\n000\r\n\r\n', 'abc', undefined],
    ['takes CR and LF as data', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n', undefined],
    ['rejects an empty size (go 64517)', '\r\nabc', '', 'bad-chunk-size'],
    ['rejects a sign', '+3\r\nabc', '', 'bad-chunk-size'],
    ['rejects a minus', '-3\r\nabc', '', 'bad-chunk-size'],
    ['rejects 0x', '0x3\r\nabc', '', 'bad-chunk-size'],
    ['rejects an underscore (CVE-2023-47627)', '0_2e\r\nabc', '', 'bad-chunk-size'],
    ['rejects white space before the size', ' 3\r\nabc', '', 'bad-chunk-size'],
    ['rejects white space after the size', '3 \r\nabc', '', 'bad-chunk-extension'],
    ['rejects letters', 'xyz\r\n', '', 'bad-chunk-size'],
    ['rejects a bare LF after the size (CVE-2025-22871)', '3\nabc', '', 'bad-chunk-size'],
    ['rejects a bare CR after the size', '3\rabc', '', 'bad-line-end'],
    ['rejects data longer than its size', '3\r\nabcd\r\n', 'abc', 'bad-chunk-end'],
    ['rejects data shorter than its size', '3\r\nab\r\n0\r\n\r\n', 'ab\r', 'bad-chunk-end'],
    ['rejects a bare LF after the data', '3\r\nabc\n0\r\n\r\n', 'abc', 'bad-chunk-end'],
    ['rejects a bare CR after the data', '3\r\nabc\r0\r\n\r\n', 'abc', 'bad-chunk-end'],
    ['takes a size of 13 digits as far as the line goes', '0000000000003\r\nabc\r\n0\r\n\r\n', 'abc', undefined],
    ['rejects a size of 14 digits', '00000000000003\r\nabc', '', 'chunk-size-too-large'],
    ['rejects a size over 2^64 (CVE-2021-32714)', 'f0000000000000003\r\nabc', '', 'chunk-size-too-large'],
  ])('%s', (_title, wire, body, rejection) => expectOutcome(wire, body, rejection));

  it('does not wrap a size at 32 bits', () => {
    const outcome = decode('100000005\r\nabcdefgh');
    expect(outcome).toMatchObject({ body: 'abcdefgh', result: NEED_MORE });
  });

  it('stops at the first byte after the message', () => {
    expect(decode('1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n').size).toBe(11);
  });

  it('gives one piece of data a call, in place', () => {
    const bytes = Buffer.from('3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n');
    const decoder = new ChunkedDecoder();
    let at = decoder.decode(bytes, 0, 5);
    expect([at, decoder.result, decoder.dataStart, decoder.dataEnd]).toEqual([5, DATA, 3, 5]);
    at = decoder.decode(bytes, at, bytes.length);
    expect([at, decoder.result, decoder.dataStart, decoder.dataEnd]).toEqual([6, DATA, 5, 6]);
    at = decoder.decode(bytes, at, bytes.length);
    expect([at, decoder.result, decoder.dataStart, decoder.dataEnd]).toEqual([13, DATA, 11, 13]);
    at = decoder.decode(bytes, at, bytes.length);
    expect([at, decoder.result]).toEqual([bytes.length, DONE]);
    expect([decoder.decode(bytes, at, bytes.length), decoder.result]).toEqual([bytes.length, DONE]);
  });

  it('forgets everything when reset', () => {
    const decoder = new ChunkedDecoder();
    decoder.decode(Buffer.from('0\r\na: b\r\nx'), 0, 10);
    decoder.reset();
    const bytes = Buffer.from('0\r\nc: d\r\n\r\n');
    expect([decoder.decode(bytes, 0, bytes.length), decoder.result]).toEqual([bytes.length, DONE]);
    expect(decoder.trailers).toEqual([['c', 'd']]);
  });

  it('decodes 200,000 chunks of one byte, a byte at a time, in linear time', () => {
    const decoder = new ChunkedDecoder();
    const chunk = Buffer.from('1\r\na\r\n');
    const began = process.cpuUsage().user;
    let count = 0;
    for (let n = 0; n < 200_000; n++) {
      for (let i = 0; i < chunk.length; i++) {
        decoder.decode(chunk, i, i + 1);
        if (decoder.result === DATA) count++;
      }
    }
    expect(count).toBe(200_000);
    expect((process.cpuUsage().user - began) / 1000).toBeLessThan(4000);
  });
});

describe('chunk extensions (RFC 9112 §7.1.1)', () => {
  const extended = (extension: string) => `3${extension}\r\nabc\r\n0${extension}\r\n\r\n`;

  it.each([
    ...[
      ';a',
      ';a=b',
      ';a="b"',
      ';a=""',
      ';a;b=c;d="e"',
      ' ; a = b',
      '\t;\ta\t=\t"b" ; c',
      ';a="\\"\\\\"',
      ';a="\xff;\t "',
    ],
  ])('skips %j', (extension) => expectOutcome(extended(extension), 'abc', undefined));

  it.each([
    ...[';', ';;', ';=b', ';a=', ';a;', ';a b', ';a=b c', ';a="b', ';a="b"c', ';a=b"c"', ' a', '=a', ';a ', ';a=b '],
    ...[';a="b" ', ';a\0', ';a="\0"', ';a="\\\0"', ';a\xff', ';a=\xff', ';a="\x7f"', ';a="\n"', ';a\n', ';a=b\n'],
  ])('rejects %j', (extension) => {
    const { rejection } = decode(extended(extension));
    expect(rejection).toBe(extension === '=a' ? 'bad-chunk-size' : 'bad-chunk-extension');
  });

  it('rejects a bare LF inside (CVE-2021-22960)', () => {
    expectOutcome('2;a=b\nab\r\n0\r\n\r\n', '', 'bad-chunk-extension');
  });

  it('bounds one without end (CVE-2024-22019)', () => {
    for (const outcome of [decode(`3;${'a'.repeat(5000)}`), bytewise(`3;${'a'.repeat(5000)}`)]) {
      expect(outcome.rejection).toBe('chunk-extensions-too-large');
    }
    expect(decode(`3;${'a'.repeat(4095)}`).rejection).toBeUndefined();
    expect(decode(`3;${'a'.repeat(4096)}`).rejection).toBe('chunk-extensions-too-large');
  });

  it('bounds them over the whole message (CVE-2023-39326)', () => {
    expect(decode('1;ab\r\nx\r\n'.repeat(3), { maxExtensionSize: 9 }).rejection).toBeUndefined();
    const fourth = decode('1;ab\r\nx\r\n'.repeat(4), { maxExtensionSize: 9 });
    expect(fourth).toMatchObject({ body: 'xxx', rejection: 'chunk-extensions-too-large' });
  });
});

describe('trailer section (RFC 9112 §7.1.2)', () => {
  it('gives the fields in order, trimmed, names as sent', () => {
    const wire = '0\r\nX-B: \t1\t \r\nx-a:\r\nX-B:\xa02\r\n\r\n';
    const trailers = [
      ['X-B', '1'],
      ['x-a', ''],
      ['X-B', '\xa02'],
    ];
    expect(decode(wire)).toMatchObject({ result: DONE, trailers, size: wire.length });
    expect(bytewise(wire)).toMatchObject({ result: DONE, trailers, size: wire.length });
  });

  it.each<Row>([
    ['rejects two bytes that are not CR LF (bun 29732)', '0\r\nab\r\n', '', 'bad-trailer'],
    ['rejects a bare LF at the end', '0\r\n\n', '', 'bad-trailer'],
    ['rejects CR X at the end', '0\r\n\rX', '', 'bad-line-end'],
    ['rejects a space before the colon', '0\r\nA : b\r\n\r\n', '', 'bad-trailer'],
    ['rejects an empty name', '0\r\n: b\r\n\r\n', '', 'bad-trailer'],
    ['rejects a folded line', '0\r\nA: b\r\n c\r\n\r\n', '', 'bad-trailer'],
    ['rejects a bare LF', '0\r\nA: b\nC: d\r\n\r\n', '', 'bad-trailer'],
    ['rejects a bare CR', '0\r\nA: b\rC: d\r\n\r\n', '', 'bad-trailer'],
    ['rejects a NUL', '0\r\nA: \0\r\n\r\n', '', 'bad-trailer'],
  ])('%s', (_title, wire, body, rejection) => expectOutcome(wire, body, rejection));

  it('does not end at `0 CR LF X:` (CVE-2023-40175)', () => {
    expect(decode('0\r\nX:').result).toBe(NEED_MORE);
  });

  it.each([
    ...[
      'Content-Length',
      'transfer-encoding',
      'HOST',
      'Authorization',
      'Content-Encoding',
      'Content-Type',
      'Content-Range',
    ],
    ...[
      'Trailer',
      'Connection',
      'Cookie',
      'Set-Cookie',
      'Expect',
      'Range',
      'If-Match',
      'Cache-Control',
      'Upgrade',
      'TE',
    ],
  ])('refuses %s (RFC 9110 §6.5.1)', (name) => expectOutcome(`0\r\n${name}: 1\r\n\r\n`, '', 'forbidden-trailer'));

  it('bounds it', () => {
    const limits = { maxTrailerSize: 12 };
    const fits = '0\r\nA: b\r\nC: d\r\n\r\n';
    const rejection = 'trailers-too-large';
    expect(decode(fits, limits).result).toBe(DONE);
    expect(bytewise(fits, limits).result).toBe(DONE);
    for (const wire of ['0\r\nA: b\r\nC: dd\r\n\r\n', '0\r\nA: b\r\nC: d\r\nE:\r\n\r\n', `0\r\n${'A'.repeat(13)}`]) {
      expect(decode(wire, limits)).toMatchObject({ rejection });
      expect(bytewise(wire, limits)).toMatchObject({ rejection });
    }
  });
});

describe('properties', () => {
  const limits = { maxExtensionSize: 6, maxTrailerSize: 20 };
  const piece = fc.oneof(
    fc.constantFrom(
      '0\r\n',
      '3\r\nabc\r\n',
      '1;a=b\r\nx\r\n',
      '\r\n',
      '\r',
      '\n',
      'A: b\r\n',
      'a',
      ';',
      ' ',
      '"',
      'ff',
    ),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 4 }),
  );
  const wires = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const cutWires = wires.chain((wire) => fc.tuple(fc.constant(wire), fc.array(fc.nat(wire.length), { maxLength: 8 })));

  it('come to the same however the bytes are cut', () => {
    fc.assert(
      fc.property(cutWires, fc.constantFrom(undefined, limits), ([wire, cuts], some) => {
        const bytes = Buffer.from(wire, 'latin1');
        const offsets = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = offsets.slice(1).map((offset, i) => bytes.subarray(offsets[i], offset));
        expect(decodeAll(pieces, some)).toEqual(decode(wire, some));
      }),
      { numRuns: 3000 },
    );
  });

  it('give a result for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect([NEED_MORE, DONE, REJECTED]).toContain(decodeAll([Buffer.from(bytes)]).result);
      }),
      { numRuns: 2000 },
    );
  });

  it('give back what was written in chunks', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }));
    fc.assert(
      fc.property(chunks, (parts) => {
        const written = parts.flatMap((part) => [
          Buffer.from(`${part.length.toString(16)}\r\n`),
          part,
          Buffer.from('\r\n'),
        ]);
        const wire = Buffer.concat([...written, Buffer.from('0\r\n\r\n')]);
        const outcome = decodeAll([wire]);
        expect(outcome).toMatchObject({ result: DONE, size: wire.length });
        expect(outcome.body).toBe(Buffer.concat(parts).toString('latin1'));
      }),
    );
  });
});
