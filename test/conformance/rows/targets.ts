/** Rows of request-targets in their four forms, and of Host (RFC 9112 §3.2, RFC 9110 §7.2). */

import { type Answer, get, head, type Row, refuses, serves } from '../support/row.js';

const to = (target: string, method = 'GET') => head(`${method} ${target} HTTP/1.1`, 'Host: h');
const takes = (title: string, rfc: string, target: string, method = 'GET') =>
  serves(title, rfc, to(target, method), `${method} ${target}`);
const rejects = (title: string, rfc: string, target: string, method = 'GET') =>
  refuses(title, rfc, 400, to(target, method));

/** Answers with the path, the query and the authority, as they are understood. */
const parts: Answer = (req, res) => res.send(`${req.url.path} ? ${req.url.search} @ ${req.url.authority}`);
const means = (title: string, rfc: string, wire: string, meaning: string) => ({
  ...serves(title, rfc, wire, `GET ${wire.slice(4, wire.indexOf(' HTTP/'))}`, { by: parts, contents: [meaning] }),
});

/** One request for each Host line. */
const hosts = (...values: string[]) => `GET / HTTP/1.1\r\n${values.map((value) => `Host:${value}\r\n`).join('')}\r\n`;
const goodHost = (title: string, rfc: string, value: string) => serves(title, rfc, hosts(` ${value}`), 'GET /');
const badHost = (title: string, rfc: string, value: string) => refuses(title, rfc, 400, hosts(` ${value}`));

/** A route with a parameter: its value is decoded before it is matched. */
const routed = (title: string, rfc: string, target: string, status: number, content: string | RegExp): Row => ({
  title,
  rfc,
  wire: to(target),
  by: { routes: (server) => server.get('/p/:name', (req, res) => void res.send(JSON.stringify(req.params.name))) },
  statuses: [status],
  after: 'open',
  seen: [`GET ${target}`],
  contents: [content],
});

export const TARGETS: readonly Row[] = [
  // origin-form
  takes('takes a path', '9112 §3.2.1', '/a/b'),
  takes('takes an empty query', '9112 §3.2.1', '/?'),
  takes('takes a path of slashes', '9112 §3.2.1', '//'),
  takes('takes a path that looks like an authority', 'new URL()', '//evil.example/a'),
  takes('takes dot segments as they are', '3986 §5.2.4', '/a/../../b/./c'),
  takes('takes escapes as they are', '3986 §2.1', '/%2e%2e/%41'),
  takes('takes what browsers leave unescaped', '9112 §3.2', '/a|b?c={"d":[1]}^`\\<>'),
  takes('takes parameters of a path', '3986 §3.3', '/a;b=c,d'),
  takes('takes an asterisk in a path', '9112 §3.2.1', '/*'),
  takes('takes a query with a URL in it', '9112 §3.2.1', '/?to=http://a/?b'),
  takes('takes a parameter named __proto__', 'prototype pollution', '/?__proto__=1&constructor=2'),
  takes('takes a bad escape in a query', 'decodeURIComponent()', '/?a=%zz%'),
  means('splits a target at the first question mark', '3986 §3.4', to('/a?b?c=/d'), '/a ? b?c=/d @ h'),
  means('does not take a path for an authority', 'new URL()', to('//evil.example/a'), '//evil.example/a ?  @ h'),
  rejects('refuses an empty target', '9112 §3.2', ''),
  rejects('refuses a target without a slash', '9112 §3.2', 'a/b'),
  rejects('refuses a query alone', '9112 §3.2', '?a=b'),
  rejects('refuses a dot segment alone', '9112 §3.2', '../a'),
  rejects('refuses a backslash for a slash', 'path confusion', '\\a'),
  rejects('refuses an escaped slash for a slash', 'path confusion', '%2fa'),
  rejects('refuses a fragment', '9112 §3.2', '/a#b'),
  rejects('refuses a fragment alone', '9112 §3.2', '#'),
  rejects('refuses a NUL in a target', '9112 §3.2', '/a\0b'),
  rejects('refuses a control in a target', '9112 §3.2', '/a\x1fb'),
  rejects('refuses a DEL in a target', '9112 §3.2', '/a\x7f'),
  rejects('refuses a tab in a target', '9112 §3.2', '/a\tb'),
  rejects('refuses a bare CR in a target', 'request splitting', '/a\rb'),
  rejects('refuses a bare LF in a target', 'request splitting', '/a\nb'),
  rejects('refuses raw UTF-8 in a target', '9112 §3.2', '/caf\xc3\xa9'),
  rejects('refuses raw latin1 in a target', '9112 §3.2', '/caf\xe9'),
  rejects('refuses raw UTF-8 in a query', '9112 §3.2', '/?a=\xc4\x8d\xc4\x8a'),
  rejects('refuses a no-break space in a target', '9112 §3.2', '/a\xa0b'),

  // Decoding, where a route asks for it
  routed('decodes an escape once', '3986 §2.4', '/p/%2541', 200, '"%41"'),
  routed('decodes UTF-8', '3986 §2.5', '/p/caf%C3%A9', 200, Buffer.from('"café"').toString('latin1')),
  routed('does not take an escaped slash for a separator', '3986 §2.2', '/p/a%2Fb', 200, '"a/b"'),
  routed('refuses an escape that is none', 'decodeURIComponent()', '/p/%zz', 400, /escape/),
  routed('refuses half an escape', 'decodeURIComponent()', '/p/a%2', 400, /escape/),
  routed('refuses an escape that is no UTF-8', 'decodeURIComponent()', '/p/%ff', 400, /escape/),
  routed('refuses an overlong slash', 'overlong UTF-8', '/p/%c0%af', 400, /escape/),
  routed('refuses half a surrogate pair', 'overlong UTF-8', '/p/%ed%a0%80', 400, /escape/),

  // absolute-form
  takes('takes an absolute-form', '9112 §3.2.2', 'http://h/a?b'),
  takes('takes an absolute-form of https', '9112 §3.2.2', 'https://h:443/'),
  takes('takes a scheme in capitals', '3986 §3.1', 'HTTP://h/'),
  takes('takes an absolute-form without a path', '9112 §3.2.2', 'http://h'),
  takes('takes an absolute-form with an IPv6 address', '3986 §3.2.2', 'http://[::1]:8080/'),
  means('takes / for an empty path', '9112 §3.2.1', to('http://h?a'), '/ ? a @ h'),
  means('prefers the authority of the target to Host', '9112 §3.2.2', to('http://other:81/a'), '/a ?  @ other:81'),
  means(
    'leaves the authority to Host in origin-form',
    '9112 §3.3',
    get('/a', 'X-Forwarded-Host: evil', 'Forwarded: host=evil'),
    '/a ?  @ h',
  ),
  refuses('needs Host beside an absolute-form', '9112 §3.2.2', 400, head('GET http://h/ HTTP/1.1')),
  rejects('refuses another scheme', '9112 §3.2.2', 'ftp://h/'),
  rejects('refuses ws', '9112 §3.2.2', 'ws://h/'),
  rejects('refuses javascript', '9112 §3.2.2', 'javascript:alert(1)'),
  rejects('refuses a file', '9112 §3.2.2', 'file:///etc/passwd'),
  rejects('refuses a scheme without slashes', '9112 §3.2.2', 'http:h'),
  rejects('refuses a scheme with one slash', '9112 §3.2.2', 'http:/h'),
  rejects('refuses a scheme with backslashes', 'new URL()', 'http:\\\\h'),
  rejects('refuses an empty host', '9110 §4.2.1', 'http:///a'),
  rejects('refuses a port without a host', '9110 §4.2.1', 'http://:80/'),
  rejects('refuses user information', '9110 §4.2.4', 'http://user@h/'),
  rejects('refuses user information with a password', '9110 §4.2.4', 'http://user:pass@h/'),
  rejects('refuses a port of letters', '3986 §3.2.3', 'http://h:a/'),
  rejects('refuses a fragment of an absolute-form', '9112 §3.2.2', 'http://h/#a'),
  rejects('refuses a comma in an authority', 'Host confusion', 'http://a,b/'),
  rejects('refuses a backslash in an authority', 'Host confusion', 'http://a\\b/'),
  rejects('refuses an unfinished IPv6 address', '3986 §3.2.2', 'http://[::1/'),

  // authority-form
  ...['h:1', 'h:65535', '[::1]:443', '192.0.2.1:80'].map(
    (target): Row => ({
      ...serves(`takes CONNECT ${target}`, '9112 §3.2.3', to(target, 'CONNECT'), `CONNECT ${target}`),
      after: 'closed',
    }),
  ),
  rejects('refuses CONNECT without a port', '9110 §9.3.6', 'h', 'CONNECT'),
  rejects('refuses CONNECT with an empty port', '9110 §9.3.6', 'h:', 'CONNECT'),
  rejects('refuses CONNECT to port 0', '9110 §9.3.6', 'h:0', 'CONNECT'),
  rejects('refuses CONNECT to port 65536', '9110 §9.3.6', 'h:65536', 'CONNECT'),
  rejects('refuses CONNECT to a port that would wrap', 'integer overflow', 'h:4294967376', 'CONNECT'),
  rejects('refuses CONNECT to a port with a letter', '9110 §9.3.6', 'h:80x', 'CONNECT'),
  rejects('refuses CONNECT without a host', '9110 §9.3.6', ':80', 'CONNECT'),
  rejects('refuses CONNECT with user information', '9110 §9.3.6', 'u@h:80', 'CONNECT'),
  rejects('refuses CONNECT with a path', '9112 §3.2.3', '/', 'CONNECT'),
  rejects('refuses CONNECT with a path behind its authority', '9112 §3.2.3', 'h:80/', 'CONNECT'),
  rejects('refuses CONNECT with an absolute-form', '9112 §3.2.3', 'http://h:80', 'CONNECT'),
  rejects('refuses CONNECT with an asterisk', '9112 §3.2.3', '*', 'CONNECT'),
  rejects('refuses an authority-form with GET', '9112 §3.2.3', 'h:80'),
  rejects('refuses an authority-form with OPTIONS', '9112 §3.2.3', 'h:80', 'OPTIONS'),

  // asterisk-form
  takes('takes an asterisk-form', '9112 §3.2.4', '*', 'OPTIONS'),
  takes('takes an asterisk-form with M-SEARCH', 'UPnP §1.3.2', '*', 'M-SEARCH'),
  takes('takes an asterisk-form with NOTIFY', 'UPnP §1.2.2', '*', 'NOTIFY'),
  rejects('refuses two asterisks', '9112 §3.2.4', '**', 'OPTIONS'),
  rejects('refuses an asterisk with a query', '9112 §3.2.4', '*?a', 'OPTIONS'),
  rejects('refuses an asterisk with a path', '9112 §3.2.4', '*/a', 'OPTIONS'),
  {
    title: 'does not take an asterisk for every path',
    rfc: '9112 §3.2.4',
    wire: to('*') + to('/known'),
    by: 'router',
    statuses: [404, 200],
    after: 'open',
    seen: ['GET *', 'GET /known'],
  },

  // Host
  goodHost('takes a name', '9110 §7.2', 'example.com'),
  goodHost('takes a name with a port', '9110 §7.2', 'example.com:8080'),
  goodHost('takes a name with an empty port', '3986 §3.2.3', 'example.com:'),
  goodHost('takes an IPv4 address', '3986 §3.2.2', '127.0.0.1:80'),
  goodHost('takes an IPv6 address', '3986 §3.2.2', '[2001:db8::1]:80'),
  goodHost('takes an IPv6 address that ends in an IPv4 address', '3986 §3.2.2', '[::ffff:192.0.2.1]'),
  goodHost('takes an address of the future', '3986 §3.2.2', '[v1.a:b]'),
  goodHost('takes a name with an underscore', '3986 §3.2.2', 'a_b'),
  goodHost('takes a name with escapes', '3986 §3.2.2', 'caf%C3%A9.example'),
  goodHost('takes a name that ends in a dot', '3986 §3.2.2', 'example.com.'),
  serves('trims white space around Host', '9112 §5.1', hosts(' \th:80\t '), 'GET /'),
  serves('takes Host at the end of the head', '9110 §7.2', head('GET / HTTP/1.1', 'A: b', 'hOST: h'), 'GET /'),
  refuses('refuses HTTP/1.1 without Host', '9112 §3.2', 400, head('GET / HTTP/1.1', 'A: b')),
  refuses('refuses HTTP/1.2 without Host', '9112 §3.2', 400, head('GET / HTTP/1.2')),
  refuses('refuses two Host fields', '9112 §3.2', 400, hosts(' a', ' b')),
  refuses('refuses two equal Host fields', '9112 §3.2', 400, hosts(' a', ' a')),
  refuses(
    'refuses two Host fields that differ in case',
    '9112 §3.2',
    400,
    head('GET / HTTP/1.1', 'Host: a', 'hOST: b'),
  ),
  refuses('refuses a second Host that is empty', '9112 §3.2', 400, hosts(' a', '')),
  refuses('refuses a folded Host', '9112 §5.2', 400, head('GET / HTTP/1.1', 'Host: a', ' b')),
  badHost('refuses an empty Host', '9110 §7.2', ''),
  badHost('refuses a Host of white space', '9110 §7.2', '\t'),
  badHost('refuses a port without a name', '9110 §7.2', ':80'),
  badHost('refuses a space in Host', 'Host confusion', 'a b'),
  badHost('refuses a tab in Host', 'Host confusion', 'a\tb'),
  badHost('refuses a list of hosts', 'Host confusion', 'a, b'),
  badHost('refuses a comma in Host', 'Host confusion', 'a,b'),
  badHost('refuses a slash in Host', 'Host confusion', 'a/b'),
  badHost('refuses a backslash in Host', 'Host confusion', 'a\\b'),
  badHost('refuses a question mark in Host', 'Host confusion', 'a?b'),
  badHost('refuses a number sign in Host', 'Host confusion', 'a#b'),
  badHost('refuses user information in Host', 'Host confusion', 'user@a'),
  badHost('refuses a URL in Host', 'Host confusion', 'http://a'),
  badHost('refuses two ports in Host', 'Host confusion', 'a:80:81'),
  badHost('refuses a port of letters in Host', '3986 §3.2.3', 'a:b'),
  badHost('refuses a signed port in Host', '3986 §3.2.3', 'a:-1'),
  badHost('refuses a port with a space', 'Host confusion', 'a: 80'),
  badHost('refuses quotes in Host', '3986 §3.2.2', '"a"'),
  badHost('refuses angle brackets in Host', 'XSS by Host', '<script>'),
  badHost('refuses raw UTF-8 in Host', '3986 §3.2.2', 'caf\xc3\xa9'),
  badHost('refuses a no-break space in Host', 'JavaScript trim()', '\xa0a'),
  badHost('refuses a NUL in Host', '9110 §5.5', 'a\0b'),
  badHost('refuses an escape that is none in Host', '3986 §2.1', 'a%zz'),
  badHost('refuses half an escape in Host', '3986 §2.1', 'a%2'),
  badHost('refuses IPv6 without brackets', '3986 §3.2.2', '::1'),
  badHost('refuses an unclosed bracket in Host', '3986 §3.2.2', '[::1'),
  badHost('refuses a name behind a bracket', '3986 §3.2.2', '[::1]a'),
  badHost('refuses brackets around a name', '3986 §3.2.2', '[a]'),
  badHost('refuses an IPv6 address with a zone', '3986 §3.2.2', '[fe80::1%25eth0]'),
  badHost('refuses an IPv6 address of nine groups', '3986 §3.2.2', '[1:2:3:4:5:6:7:8:9]'),
  badHost('refuses an IPv6 address with two gaps', '3986 §3.2.2', '[1::2::3]'),
];
