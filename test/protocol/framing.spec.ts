import { describe, expect, it } from 'vitest';
import { CHUNKED } from '../../src/protocol/message-head.js';
import { parseHead, withFields } from './parse-head.js';

/** Gives the length of the content, or why the message is refused. */
function framing(wire: string): number | string | undefined {
  const { head, rejection } = parseHead(wire);
  return head?.contentLength ?? rejection;
}

const fields = (...lines: string[]) => `GET / HTTP/1.1\r\nHost: a\r\n${lines.join('\r\n')}\r\n\r\n`;
const old = (...lines: string[]) => `GET / HTTP/1.0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

describe('Content-Length (RFC 9110 §8.6, RFC 9112 §6.2)', () => {
  it.each([
    ['is 0 when no field frames content', [], 0],
    ['takes 0', ['Content-Length: 0'], 0],
    ['takes digits', ['Content-Length: 1234567890'], 1234567890],
    ['takes any case of the name', ['cONTENT-lENGTH:5'], 5],
    ['trims SP and HTAB', ['Content-Length: \t5\t '], 5],
    ['takes 2^53 - 1', ['Content-Length: 9007199254740991'], Number.MAX_SAFE_INTEGER],
    ['rejects 2^53', ['Content-Length: 9007199254740992'], 'content-length-too-large'],
    ['rejects 2^53 + 1, which rounds down', ['Content-Length: 9007199254740993'], 'content-length-too-large'],
    ['rejects a length that is no finite number', [`Content-Length: ${'9'.repeat(400)}`], 'content-length-too-large'],
    ['rejects bad digits after too many', [`Content-Length: ${'9'.repeat(20)}x`], 'bad-content-length'],
    ['rejects an empty one (CVE-2023-40225)', ['Content-Length:'], 'bad-content-length'],
    ['rejects one of white space', ['Content-Length: \t'], 'bad-content-length'],
    ['rejects a plus (CVE-2021-32715)', ['Content-Length: +3'], 'bad-content-length'],
    ['rejects a minus (CVE-2023-34188)', ['Content-Length: -48'], 'bad-content-length'],
    ['rejects hexadecimal', ['Content-Length: 0x5'], 'bad-content-length'],
    ['rejects an exponent', ['Content-Length: 5e0'], 'bad-content-length'],
    ['rejects a fraction', ['Content-Length: 5.0'], 'bad-content-length'],
    ['rejects an underscore (CVE-2023-47627)', ['Content-Length: 1_0'], 'bad-content-length'],
    ['rejects a leading zero', ['Content-Length: 05'], 'bad-content-length'],
    ['rejects two zeros', ['Content-Length: 00'], 'bad-content-length'],
    ['rejects a space inside (CVE-2018-7159)', ['Content-Length: 1 2'], 'bad-content-length'],
    ['rejects a no-break space', ['Content-Length: \xa05'], 'bad-content-length'],
    ['rejects a list', ['Content-Length: 5, 6'], 'bad-content-length'],
    ['rejects a list of equal values', ['Content-Length: 5,5'], 'bad-content-length'],
    ['rejects a second one', ['Content-Length: 5', 'Content-Length: 6'], 'repeated-content-length'],
    [
      'rejects a second one by case (CVE-2026-1525)',
      ['Content-Length: 5', 'content-length: 5'],
      'repeated-content-length',
    ],
    ['rejects a second one after 0', ['Content-Length: 0', 'Content-Length: 5'], 'repeated-content-length'],
  ])('%s', (_title, lines, outcome) => {
    expect(framing(withFields(...lines))).toBe(outcome);
  });
});

describe('Transfer-Encoding (RFC 9112 §6.1)', () => {
  it.each([
    ['takes chunked', ['Transfer-Encoding: chunked'], CHUNKED],
    ['takes any case', ['TRANSFER-encoding:ChUnKeD'], CHUNKED],
    ['trims SP and HTAB (CVE-2019-15606)', ['Transfer-Encoding: \tchunked \t'], CHUNKED],
    ['does not support gzip', ['Transfer-Encoding: gzip, chunked'], 'unsupported-transfer-encoding'],
    [
      'does not support a coding it has never heard of',
      ['Transfer-Encoding: foo,chunked'],
      'unsupported-transfer-encoding',
    ],
    ['rejects an empty one', ['Transfer-Encoding:'], 'bad-transfer-encoding'],
    ['rejects identity', ['Transfer-Encoding: identity'], 'bad-transfer-encoding'],
    ['rejects a list that does not end in chunked', ['Transfer-Encoding: chunked, gzip'], 'bad-transfer-encoding'],
    ['rejects chunked twice', ['Transfer-Encoding: chunked, chunked'], 'bad-transfer-encoding'],
    ['rejects an empty member', ['Transfer-Encoding: , chunked'], 'bad-transfer-encoding'],
    ['rejects a comma at the end', ['Transfer-Encoding: chunked,'], 'bad-transfer-encoding'],
    ['rejects a parameter', ['Transfer-Encoding: chunked;a=b'], 'bad-transfer-encoding'],
    ['rejects quotes', ['Transfer-Encoding: "chunked"'], 'bad-transfer-encoding'],
    ['rejects xchunked', ['Transfer-Encoding: xchunked'], 'bad-transfer-encoding'],
    ['rejects a no-break space', ['Transfer-Encoding: \xa0chunked'], 'bad-transfer-encoding'],
    ['rejects a vertical tab (CVE-2019-15605)', ['Transfer-Encoding: \x0bchunked'], 'bad-field-value'],
    [
      'rejects a second one (CVE-2020-8287)',
      ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
      'repeated-transfer-encoding',
    ],
    [
      'rejects chunked then chunked-false (CVE-2022-32213)',
      ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked-false'],
      'repeated-transfer-encoding',
    ],
    [
      'rejects a first one that is empty',
      ['Transfer-Encoding:', 'Transfer-Encoding: chunked'],
      'bad-transfer-encoding',
    ],
    [
      'rejects it after Content-Length',
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      'transfer-encoding-with-content-length',
    ],
    [
      'rejects it before Content-Length',
      ['Transfer-Encoding: chunked', 'Content-Length: 5'],
      'transfer-encoding-with-content-length',
    ],
    [
      'rejects it beside a Content-Length of 0',
      ['Content-Length: 0', 'Transfer-Encoding: chunked'],
      'transfer-encoding-with-content-length',
    ],
  ])('%s', (_title, lines, outcome) => {
    expect(framing(withFields(...lines))).toBe(outcome);
  });

  it('is refused in HTTP/1.0 (CVE-2026-2835)', () => {
    expect(framing(old('Transfer-Encoding: chunked'))).toBe('transfer-encoding-in-http-1.0');
  });
});

describe('persistence (RFC 9112 §9.3)', () => {
  it.each([
    ['keeps HTTP/1.1 alive', fields('A: b'), true],
    ['closes HTTP/1.0', old(), false],
    ['closes HTTP/1.1 when asked', fields('Connection: close'), false],
    ['keeps HTTP/1.0 alive when asked', old('Connection: Keep-Alive'), true],
    ['finds close in a list', fields('Connection: foo ,\tCLOSE , bar'), false],
    ['finds close in a second field', fields('Connection: foo', 'connection: close'), false],
    ['closes when asked for both', old('Connection: keep-alive, close'), false],
    ['does not take a longer option for close', fields('Connection: closed, close-x, "close"'), true],
    ['does not mind empty members', fields('Connection: ,, ,close'), false],
    ['does not mind an empty field', fields('Connection:'), true],
    ['does not take the Kelvin sign of UTF-8 for a k', old('Connection: \xe2\x84\xaaeep-alive'), false],
  ])('%s', (_title, wire, keepsAlive) => {
    expect(parseHead(wire).head?.keepsAlive).toBe(keepsAlive);
  });
});

describe('Expect (RFC 9110 §10.1.1)', () => {
  it.each([
    ['waits for 100 before content', fields('Expect: 100-continue', 'Content-Length: 5'), true],
    ['waits for 100 before chunks', fields('Transfer-Encoding: chunked', 'expect:100-CONTINUE'), true],
    ['does not wait without content', fields('Expect: 100-continue'), false],
    ['is ignored in HTTP/1.0', old('Expect: 100-continue', 'Content-Length: 5'), false],
    ['is ignored in HTTP/1.0 whatever it says', old('Expect: more', 'Content-Length: 5'), false],
  ])('%s', (_title, wire, expectsContinue) => {
    expect(parseHead(wire).head?.expectsContinue).toBe(expectsContinue);
  });

  it.each([
    ['another expectation', 'Expect: 200-ok'],
    ['an empty one', 'Expect:'],
    ['a list', 'Expect: 100-continue, 100-continue'],
  ])('refuses %s', (_title, line) => {
    expect(parseHead(withFields(line)).rejection).toBe('unknown-expectation');
  });
});

describe('Upgrade (RFC 9110 §7.8)', () => {
  it.each([
    ['is offered by both fields', fields('Connection: keep-alive, Upgrade', 'Upgrade: websocket'), true],
    ['is not offered without Connection', fields('Upgrade: websocket'), false],
    ['is not offered without Upgrade', fields('Connection: upgrade'), false],
    ['is not offered by an empty Upgrade', fields('Connection: upgrade', 'Upgrade: '), false],
    ['is ignored in HTTP/1.0', old('Connection: upgrade', 'Upgrade: websocket'), false],
  ])('%s', (_title, wire, upgrades) => {
    expect(parseHead(wire).head?.upgrades).toBe(upgrades);
  });
});
