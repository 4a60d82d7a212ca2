/** Lists words of the protocol: usual ones, and odd ones that other people's parsers have read wrongly. */

const CRLF = '\r\n';

export const COMMON_METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'];
export const ODD_METHODS = [
  'QUERY',
  'BREW',
  'get',
  'PRI',
  'SOURCE',
  'CONNECT',
  'M',
  "a!#$%&'*+-.^_`|~1",
  '',
  'M'.repeat(65),
];
export const TARGETS = [
  ...['/', '/', '/', '/a/b?c=d&e', '/%41%2f?%zz', '//x/../y', '/?a=|"{}<>^`\\', '/a?b?c', '*', 'http://a/'],
  ...['HTTP://a?q', 'http://[::1]:80/a', 'https://a:443/b', 'http://a'],
];
export const ODD_TARGETS = [
  ...['', 'a', 'a/b', '?a', '*a', 'a:80', 'a:0', 'a:65536', '[::1]:443', 'http://', 'http:///', 'http://u@a/'],
  ...['ftp://a/', 'http://a b/', '/#a', '/\xe9', '/\x80', '/\x7f', '/\x01', '/\0', '/ ', '/\t', '/\f', '/a\rb'],
  ...['/a\nb', '//', '\\', '/\xa0', 'http://a,b/', 'http://[::1/', 'HTTP/1.1', '/ HTTP/1.1', '/\x0b'],
];
export const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'];
export const ODD_VERSIONS = [
  ...['HTTP/1.2', 'HTTP/1.9', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/3.0', 'HTTP/1.10', 'HTTP/11', 'HTTP/1.', 'HTTP/.1'],
  ...['HTTP/1', 'http/1.1', 'HTTP /1.1', 'HTTP/ 1.1', 'HTTP/1.1 ', 'RTSP/1.0', 'ICE/1.0', 'HTTP/\xb1.1'],
  ...['HTTP/x.y', '', 'HTTP/01.1'],
];
export const HOSTS = ['a', 'a', 'localhost:8080', '127.0.0.1', '[::1]:80', 'a:', 'a.b-c_d', '%41', '[v1.a]', 'A'];
export const ODD_HOSTS = [
  ...['', ' ', 'a b', 'a,b', 'u@a', 'a/b', 'a?b', 'a#b', '[::1', '::1', '[:::1]', '[fe80::1%25a]', 'a:b'],
  ...['a:80:80', 'a:-1', ':80', '\xe4', 'a\x0b', 'a\\b', '%zz', '%4', '[]', '[g::]', '[1:2:3:4:5:6:7:8:9]'],
  ...['[::ffff:1.2.3.4]', '[::1.2.3.256]', 'a"', '\xa0a'],
];
export const FIELDS = [
  ...['Accept: */*', 'Accept:text/html\t', 'Cookie: a=b', 'Cookie: c=d; e', 'X-A: 1', 'x-a:'],
  ...['Referer: http://a/', 'Date: x', 'User-Agent: \x80\xff', '__proto__: a', 'constructor: b'],
  ...['hasOwnProperty:c', 'Trailer: X-T', 'Via: 1.1 a', 'X: \t a \t', 'Content-Type: text/plain'],
  ...['Content-Encoding: gzip', 'X-Forwarded-For: a, b', 'Host1: a', 'Hos: b', 'Expec: t'],
];
export const ROUTING_FIELDS = [
  ...['Connection: keep-alive', 'Connection: close', 'Connection: Close , x', 'Connection: x'],
  ...['Connection: keep-alive, close', 'Connection: upgrade\r\nUpgrade: websocket', 'Upgrade: h2c'],
  ...['Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c', 'Connection: ', 'Connection: ,,close'],
  ...['TE: trailers', 'Expect: 100-continue', 'Keep-Alive: timeout=5', 'Proxy-Connection: close'],
  ...['Connection: te\r\nTE: chunked', 'Upgrade: ', 'Connection: keep-alive\r\nConnection: close'],
];
export const ODD_FIELDS = [
  ...['Expect: 200-ok', 'Expect: 100-continue, x', 'Expect:', 'Connection: close x', 'Connection: closed'],
  ...['Connection: xclose', 'Connection: close;a', 'Connection: "close"', 'Connection: \xa0close'],
  ...['Connection:\tclose\t', 'Connection: keep-alive x', 'A : b', 'A\t: b', ': b', 'A', ' A: b', '\tA: b'],
  ...['A: b\r\n c', 'A: b\r\n\tc', 'A: b\r\n \r\n', 'A:: b', 'A:\x0bb', 'A: \0', 'A: b\nC: d', 'A: b\rC: d'],
  ...['A\0: b', '\xc4: b', 'A: \x7f', 'A: \x01', 'A(: b', 'A;: b', '"A": b', 'A: b\r', 'A: b\n', '\r'],
  ...['Content\rLength: 3', 'Content-Length : 3', ' Content-Length: 3', 'Transfer-Encoding : chunked'],
  ...['Content_Length: 3', 'Host: b', 'host: a', 'Host : a', 'Connection: content-length'],
  ...['Connection: transfer-encoding', 'A\r: b', '\0', 'A\x0b: b', 'Transfer-Encoding:\r\n chunked'],
  ...['Transfer-Encoding: chunked\r\n , identity', 'X: a\r\n\r', 'X: a\r\r\n', 'X:\r\n\rX'],
];
export const ODD_LENGTHS = [
  ...['+3', '-3', '0x3', '3 3', '3,3', '3, 4', '', ' ', '03', '00', '3.0', '3e0', '3_0', '\xa03', '3\x0b'],
  ...['"3"', '3;', '3\t', 'x', '18446744073709551619', '18446744073709551615', '9007199254740993'],
  ...['9007199254740991', '9223372036854775808', '\xb3', '3\r\n 4', '3\r\nContent-Length: 3'],
  ...['3\r\ncontent-length: 4', '\r\nContent-Length: 3', '2147483651', '4294967299', '-0'],
  ...['3\r\nTransfer-Encoding: chunked', '3\r\nTransfer-Encoding: identity', '2097152', '1048577'],
  ...['0\r\nContent-Length: 0'],
];
export const ODD_CODINGS = [
  ...['chunked, identity', 'identity', 'identity, chunked', 'chunked, chunked', 'gzip, chunked', 'gzip'],
  ...['xchunked', 'chunkedx', 'chunked;q=1', 'chunked ;a', '\x0bchunked', '\xa0chunked', 'chun\xcbed'],
  ...['"chunked"', "'chunked'", 'chunked,', ',chunked', '', 'chunked-false'],
  ...['chunked\r\nTransfer-Encoding: chunked', 'chunked\r\nTransfer-Encoding: chunked-false', 'CHUNKED'],
  ...['Chunked ', 'chunked\r\nTransfer-Encoding: identity', 'identity\r\nTransfer-Encoding: chunked'],
  ...['chunked\r\nContent-Length: 3', 'chun ked', '\tchunked\t', 'chunked\0', 'chunked\r\n , identity'],
  ...['[chunked]', 'chunked\x0b', 'x\r\nTransfer-Encoding: chunked', 'deflate,chunked'],
];
export const ODD_SIZES = [
  ...['', '+3', '-3', '0x3', '3 ', ' 3', '3\t', '3_', '0_3', '3.', 'g', '100000005', 'ffffffffffffffff'],
  ...['f0000000000000003', '-0', '00000000000003', '0000000000003', '000000000000000000003', '3\r', '3\n'],
  ...['3\r\r', '3,', '3\0', '\xb3', '3g', '10000000000000003'],
];
export const EXTENSIONS = [
  ';a',
  ';a=b',
  ';a="b"',
  ';a=""',
  ';a;b=c',
  ' ; a = b',
  '\t;\ta',
  ';a="\\"x\\\\"',
  ';a="\xff; "',
];
export const ODD_EXTENSIONS = [
  ...[';', ';;', ';=b', ';a=', ';a b', ';a=b c', ';a="b', ';a="b"c', ' a', '=a', ';a ', ';a\0', ';a\xff'],
  ...[';a="\n"', ';a\n', ';a=b\nx', ';a=\xff', ';a="\x7f"', ';a="\\\0"', ';a\r', ';\r\n', ';a="\r\n"'],
  ...[';\xa0a', ';a=b"c"', ';\x0ba', ';a=[', ' ;', ';a= '],
];
export const TRAILERS = ['X-T: 1\r\n', 'x-t:\r\nX-U: \t2 \r\n', 'X-T: \xa0\r\n'];
export const ODD_TRAILERS = [
  ...['Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'Host: b\r\n', 'Connection: close\r\n'],
  ...['Cookie: a\r\n', 'X\r\n', 'X : 1\r\n', ': 1\r\n', 'X: 1\r\n y\r\n', ' X: 1\r\n', 'X: 1\n', 'X: 1\r'],
  ...['X: \0\r\n', 'ab\r\n', '\n', '\rX', 'X\0: 1\r\n', 'content-encoding: gzip\r\n', 'TE: a\r\n'],
  ...['Expect: 100-continue\r\n', 'X:', 'Trailer: a\r\n', 'X: a\rb\r\n', '\xc4: 1\r\n'],
];
export const ODD_ENDS = [
  ...['', '\n', '\r', 'x', '\r\r\n', '\n\r', '\r\n\r\n', ' \r\n', '\0', '\r\n\n', '\r\n\r', '\r\n ', '\r\n\t'],
  ...['\r\n\rX'],
];
/** Content that would be a message, were it not content. */
export const CONTENTS = [
  ...['', 'a', 'abc', 'GET /smuggled HTTP/1.1\r\nHost: b\r\n\r\n', '0\r\n\r\n', '\r\n\r\n', '\0\xff\r'],
  ...['a=b&c=d'],
];

/** Pieces that mean something to one side or the other. */
export const DICTIONARY: readonly string[] = [
  ...[...ODD_METHODS, ...TARGETS, ...ODD_TARGETS, ...VERSIONS, ...ODD_VERSIONS, ...HOSTS, ...ODD_HOSTS, ...FIELDS],
  ...[...ROUTING_FIELDS, ...ODD_FIELDS, ...ODD_SIZES, ...EXTENSIONS, ...ODD_EXTENSIONS, ...TRAILERS, ...ODD_TRAILERS],
  ...[...ODD_ENDS, ...CONTENTS, CRLF, ' ', ':', ',', '0\r\n\r\n', '3\r\nabc\r\n', 'chunked', 'close', '100-continue'],
  ...[...ODD_LENGTHS, ...ODD_CODINGS].flatMap((value) => [
    `Content-Length: ${value}\r\n`,
    `Transfer-Encoding: ${value}\r\n`,
  ]),
];
