import { describe, expect, it } from 'vitest';
import { COMPLETE, HeadParser, NEED_MORE, REJECTED } from '../../src/protocol/head-parser.js';
import { fc } from '../support/properties.js';
import { LIMITS, parseHead, summaryOf, withFields } from './parse-head.js';

type Row = readonly [title: string, wire: string, rejection: string | undefined];

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Every row is also parsed byte by byte, which must come to the same. */
function expectRejection(wire: string, rejection: string | undefined): void {
  const whole = parseHead(wire);
  expect(whole.rejection).toBe(rejection);
  expect(whole.head === undefined).toBe(rejection !== undefined);
  const cuts = Array.from({ length: wire.length }, (_, i) => i);
  expect(summaryOf(parseHead(wire, cuts))).toEqual(summaryOf(whole));
}

describe('message parsing (RFC 9112 §2.2)', () => {
  it.each<Row>([
    ['takes a request', GET, undefined],
    ['passes over one empty line before a request', `\r\n${GET}`, undefined],
    ['rejects two empty lines before a request', `\r\n\r\n${GET}`, 'bad-method'],
    ['rejects a bare LF before a request', `\n${GET}`, 'bad-method'],
    ['rejects a bare CR before a request', `\r${GET}`, 'bad-line-end'],
    ['rejects white space before a request', ` ${GET}`, 'bad-method'],
    ['rejects a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00', 'bad-method'],
    ['rejects a bare LF after the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 'bad-line-end'],
    ['rejects a bare CR after the request line', 'GET / HTTP/1.1\rHost: a\r\n\r\n', 'bad-line-end'],
    ['rejects white space after the request line', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', 'obs-fold'],
    ['rejects a bare LF between fields (CVE-2022-32214)', withFields('A: b\nC: d'), 'bad-line-end'],
    ['rejects a bare CR between fields (CVE-2023-30589)', withFields('A: b\rC: d'), 'bad-line-end'],
    ['rejects a bare LF as the end of the head', 'GET / HTTP/1.1\r\nHost: a\r\n\n', 'bad-line-end'],
    ['rejects CR LF CR X as the end of the head (CVE-2025-23167)', 'GET / HTTP/1.1\r\nHost: a\r\n\rX', 'bad-line-end'],
    ['rejects CR CR LF', 'GET / HTTP/1.1\r\r\nHost: a\r\n\r\n', 'bad-line-end'],
  ])('%s', (_title, wire, rejection) => expectRejection(wire, rejection));
});

describe('HTTP version (RFC 9112 §2.3)', () => {
  it.each<Row>([
    ['takes HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', undefined],
    ['takes HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', undefined],
    ['rejects HTTP/2.0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'unsupported-version'],
    ['rejects HTTP/0.9', 'GET / HTTP/0.9\r\n\r\n', 'unsupported-version'],
    ['rejects a request without a version', 'GET /\r\n\r\n', 'bad-target'],
    ['rejects lower case', 'GET / http/1.1\r\nHost: a\r\n\r\n', 'bad-version'],
    ['rejects a version with two digits', 'GET / HTTP/1.10\r\nHost: a\r\n\r\n', 'bad-version'],
    ['rejects a version without a dot', 'GET / HTTP/11\r\nHost: a\r\n\r\n', 'bad-version'],
    ['rejects another protocol', 'GET / RTSP/1.0\r\n\r\n', 'bad-version'],
    ['rejects a space after the version', 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n', 'bad-version'],
    ['rejects letters for digits', 'GET / HTTP/x.y\r\nHost: a\r\n\r\n', 'bad-version'],
  ])('%s', (_title, wire, rejection) => expectRejection(wire, rejection));

  it('serves a higher minor version as 1.1', () => {
    expect(parseHead('GET / HTTP/1.9\r\nHost: a\r\n\r\n').head?.minorVersion).toBe(1);
  });
});

describe('request line (RFC 9112 §3)', () => {
  it.each<Row>([
    ['takes a method of any token', "a!#$%&'*+-.^_`|~1 / HTTP/1.1\r\nHost: a\r\n\r\n", undefined],
    ['takes a method of 64 characters', `${'M'.repeat(64)} / HTTP/1.1\r\nHost: a\r\n\r\n`, undefined],
    ['rejects a method of 65 characters', `${'M'.repeat(65)} / HTTP/1.1\r\nHost: a\r\n\r\n`, 'bad-method'],
    ['rejects an endless method', 'M'.repeat(65), 'bad-method'],
    ['rejects a control in the method', 'G\0T / HTTP/1.1\r\n\r\n', 'bad-method'],
    ['rejects a separator in the method', 'GET: / HTTP/1.1\r\n\r\n', 'bad-method'],
    ['rejects a byte over 0x7f in the method', 'G\xe9T / HTTP/1.1\r\n\r\n', 'bad-method'],
    ['rejects a tab after the method', 'GET\t/ HTTP/1.1\r\n\r\n', 'bad-method'],
    ['rejects two spaces after the method', 'GET  / HTTP/1.1\r\n\r\n', 'bad-target'],
    ['rejects two spaces after the target', 'GET /  HTTP/1.1\r\n\r\n', 'bad-version'],
    ['rejects a tab after the target', 'GET /\tHTTP/1.1\r\n\r\n', 'bad-target'],
    ['rejects a control in the target', 'GET /\x01 HTTP/1.1\r\n\r\n', 'bad-target'],
    ['rejects a DEL in the target', 'GET /\x7f HTTP/1.1\r\n\r\n', 'bad-target'],
    ['rejects a byte over 0x7f in the target', 'GET /\xe9 HTTP/1.1\r\n\r\n', 'bad-target'],
    ['rejects a fragment in the target', 'GET /#a HTTP/1.1\r\n\r\n', 'bad-target'],
    ['takes what browsers leave unescaped in a query', 'GET /?a=|"{}<>^`\\ HTTP/1.1\r\nHost: a\r\n\r\n', undefined],
  ])('%s', (_title, wire, rejection) => expectRejection(wire, rejection));
});

describe('request-target (RFC 9112 §3.2)', () => {
  it.each<Row>([
    ['takes an origin-form', 'GET //x/../y?z HTTP/1.1\r\nHost: a\r\n\r\n', undefined],
    ['takes an absolute-form', 'GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n', undefined],
    ['takes an asterisk-form', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', undefined],
    ['takes an asterisk-form with any method', 'M-SEARCH * HTTP/1.1\r\nHost: a\r\n\r\n', undefined],
    ['takes an authority-form with CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', undefined],
    ['rejects an origin-form with CONNECT', 'CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
    ['rejects CONNECT without a port', 'CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
    ['rejects an authority-form with GET', 'GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
    ['rejects a relative path', 'GET a/b HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
    ['rejects a query alone', 'GET ?a HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
    ['rejects more than an asterisk', 'OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
    ['rejects another scheme', 'GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
    ['rejects user information', 'GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
    ['rejects an empty authority', 'GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n', 'bad-target'],
  ])('%s', (_title, wire, rejection) => expectRejection(wire, rejection));
});

describe('Host (RFC 9112 §3.2)', () => {
  const host = (...values: string[]) => `GET / HTTP/1.1\r\n${values.map((value) => `Host:${value}\r\n`).join('')}\r\n`;

  it.each<Row>([
    ['rejects HTTP/1.1 without one', 'GET / HTTP/1.1\r\n\r\n', 'missing-host'],
    ['does not need one in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', undefined],
    ['needs one beside an absolute-form', 'GET http://a/ HTTP/1.1\r\n\r\n', 'missing-host'],
    ['rejects two', host('a', 'b'), 'repeated-host'],
    ['rejects two that are equal', host('a', 'a'), 'repeated-host'],
    ['rejects two that differ in case', 'GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n', 'repeated-host'],
    ['rejects an empty one', host(''), 'bad-host'],
    ['rejects an empty one beside an absolute-form', 'GET http://a/ HTTP/1.1\r\nHost: \r\n\r\n', 'bad-host'],
    ['rejects a bad one in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a b\r\n\r\n', 'bad-host'],
    ['trims white space', host(' \ta:80\t '), undefined],
    ['takes a name like it', 'GET / HTTP/1.1\r\nHost: a\r\nHos1: a,b\r\n\r\n', undefined],
  ])('%s', (_title, wire, rejection) => expectRejection(wire, rejection));
});

describe('field lines (RFC 9112 §5)', () => {
  it.each<Row>([
    ['takes an empty value', withFields('A:'), undefined],
    ['takes a value of white space', withFields('A: \t '), undefined],
    ['takes bytes over 0x7f in a value', withFields('A: \xa0\xff'), undefined],
    ['takes a tab in a value', withFields('A: b\tc'), undefined],
    ['rejects a space before the colon (CVE-2021-22959)', withFields('A : b'), 'space-before-colon'],
    ['rejects a tab before the colon', withFields('A\t: b'), 'space-before-colon'],
    ['rejects an empty name', withFields(': b'), 'bad-field-name'],
    ['rejects a line without a colon', withFields('A'), 'bad-field-name'],
    ['rejects a CR in a name (CVE-2020-8201)', withFields('Content\rLength: 1'), 'bad-field-name'],
    ['rejects a NUL in a name', withFields('A\0: b'), 'bad-field-name'],
    ['rejects a byte over 0x7f in a name (CVE-2016-2086)', withFields('\xc4A: b'), 'bad-field-name'],
    ['rejects a folded line (CVE-2022-32215)', withFields('Transfer-Encoding: chunked', ' , identity'), 'obs-fold'],
    ['rejects a space before a name (CVE-2024-27982)', withFields(' Content-Length: 1'), 'obs-fold'],
    ['rejects a NUL in a value', withFields('A: b\0'), 'bad-field-value'],
    ['rejects a vertical tab in a value', withFields('A: \x0bb'), 'bad-field-value'],
    ['rejects a DEL in a value', withFields('A: \x7f'), 'bad-field-value'],
  ])('%s', (_title, wire, rejection) => expectRejection(wire, rejection));
});

describe('limits (RFC 6585 §5, RFC 9110 §15.5.15)', () => {
  const limits = { maxHeaderSize: 100, maxHeadersCount: 3, maxTargetSize: 20 };
  const head = (target: string, ...fields: string[]) =>
    `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
  const padded = (size: number) => head('/', `A: ${'b'.repeat(size - head('/', 'A: ').length)}`);

  it.each<Row>([
    ['takes a target of maxTargetSize', head(`/${'a'.repeat(19)}`), undefined],
    ['rejects a longer one', head(`/${'a'.repeat(20)}`), 'target-too-long'],
    ['rejects a longer one before it ends', `GET /${'a'.repeat(20)}`, 'target-too-long'],
    ['takes a head of maxHeaderSize', padded(100), undefined],
    ['rejects a longer one', padded(101), 'head-too-large'],
    ['rejects a longer one before it ends', padded(120).slice(0, 101), 'head-too-large'],
    ['does not look at bytes over the limit', `${padded(120).slice(0, 100)}\0`, 'head-too-large'],
    ['looks at every byte up to the limit', `${padded(120).slice(0, 99)}\0`, 'bad-field-value'],
    ['takes maxHeadersCount fields', head('/', 'A:', 'B:'), undefined],
    ['rejects more', head('/', 'A:', 'B:', 'C:'), 'too-many-fields'],
  ])('%s', (_title, wire, rejection) => {
    const whole = parseHead(wire, [], limits);
    expect(whole.rejection).toBe(rejection);
    const cuts = Array.from({ length: wire.length }, (_, i) => i);
    expect(summaryOf(parseHead(wire, cuts, limits))).toEqual(summaryOf(whole));
  });

  it('reads a head that comes byte by byte without starting again at each byte', () => {
    const wire = Buffer.from(withFields(...Array.from({ length: 90 }, (_, i) => `X-${i}: ${'v'.repeat(150)}`)));
    const parser = new HeadParser(LIMITS);
    const began = process.cpuUsage().user;
    for (let end = 1; end < wire.length; end++) expect(parser.parse(wire, 0, end) === NEED_MORE).toBe(true);
    expect(parser.parse(wire, 0, wire.length)).toBe(COMPLETE);
    expect((process.cpuUsage().user - began) / 1000).toBeLessThan(2000);
  });
});

describe('HeadParser', () => {
  it('reads pipelined heads one after the other', () => {
    const bytes = Buffer.from(`${GET}\r\nPOST /b HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\n${GET}`);
    const parser = new HeadParser(LIMITS);
    expect(parser.parse(bytes, 0, bytes.length)).toBe(COMPLETE);
    const first = parser.takeHead();
    expect(parser.parse(bytes, first.end, bytes.length)).toBe(COMPLETE);
    const second = parser.takeHead();
    expect(parser.parse(bytes, second.end, bytes.length)).toBe(COMPLETE);
    const third = parser.takeHead();
    expect([first.path, second.path, third.path]).toEqual(['/', '/b', '/']);
    expect([first.contentLength, second.contentLength, third.contentLength]).toEqual([0, 2, 0]);
    expect(bytes[second.start]).toBe('P'.charCodeAt(0));
    expect([first.field('host'), second.field('host'), third.field('host')]).toEqual(['a', 'b', 'a']);
    expect(third.end).toBe(bytes.length);
  });

  it('stays at a rejection until it is reset', () => {
    const parser = new HeadParser(LIMITS);
    expect(parser.parse(Buffer.from('\0'), 0, 1)).toBe(REJECTED);
    expect(parser.parse(Buffer.from(GET), 0, GET.length)).toBe(REJECTED);
    expect(parser.rejection).toBe('bad-method');
    parser.reset();
    expect(parser.rejection).toBeUndefined();
    expect(parser.parse(Buffer.from(GET), 0, GET.length)).toBe(COMPLETE);
  });

  it('gives a head only once it is complete', () => {
    expect(() => new HeadParser(LIMITS).takeHead()).toThrow('before parse() gave COMPLETE');
  });

  it('finds an error at the byte that makes it, not later', () => {
    for (const wire of ['G\0', 'GET /\0', 'GET / HTTQ', 'GET / HTTP/1.1\r\n ', 'GET / HTTP/1.1\r\nA\0']) {
      expect(parseHead(wire.slice(0, -1)).rejection).toBeUndefined();
      expect(parseHead(wire).rejection).toBeDefined();
    }
  });
});

describe('properties', () => {
  const piece = fc.oneof(
    fc.constantFrom(...['GET ', 'POST ', 'CONNECT ', '/', '/a?b=c', '*', 'http://a/', 'a:80', ' ', '\t', ':', ',']),
    fc.constantFrom(...[' HTTP/1.1\r\n', ' HTTP/1.0\r\n', 'Host: a\r\n', '\r\n', '\r', '\n', '\0', 'chunked', '1']),
    fc.constantFrom(
      ...['Content-Length: ', 'Transfer-Encoding: ', 'Connection: close\r\n', 'Expect: 100-continue\r\n'],
    ),
    fc.constantFrom('Cookie: a=b\r\n', 'Upgrade: websocket\r\n', 'Connection: upgrade\r\n', 'a'.repeat(40)),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 4 }),
  );
  const request = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 6 }).map((pieces) => `GET / HTTP/1.1\r\nHost: a\r\n${pieces.join('')}\r\n\r\n`),
    fc
      .array(fc.constantFrom('A: b', 'Content-Length: 5', 'Cookie: c', 'Connection: close'))
      .map((fields) => withFields(...fields)),
  );
  const cutsOf = (length: number) =>
    fc.array(fc.nat(length), { maxLength: 8 }).map((cuts) => cuts.sort((a, b) => a - b));
  const limits = { maxHeaderSize: 90, maxHeadersCount: 4, maxTargetSize: 12 };

  it('come to the same however the bytes are cut', () => {
    const cut = request.chain((wire) => fc.tuple(fc.constant(wire), cutsOf(wire.length)));
    fc.assert(
      fc.property(cut, fc.constantFrom(LIMITS, limits), ([wire, cuts], some) => {
        expect(summaryOf(parseHead(wire, cuts, some))).toEqual(summaryOf(parseHead(wire, [], some)));
      }),
      { numRuns: 2000 },
    );
  });

  it('give a result for any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          request.map((wire) => Buffer.from(wire, 'latin1')),
        ),
        (bytes) => {
          const { head, rejection } = parseHead(Buffer.from(bytes));
          expect(head === undefined || rejection === undefined).toBe(true);
          if (head !== undefined) summaryOf({ head, rejection, size: 0 });
        },
      ),
      { numRuns: 2000 },
    );
  });
});
