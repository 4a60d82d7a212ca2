/** Rows of chunked content and its trailer section (RFC 9112 §7.1). */

import { awaits, chunked, get, type Row, refusesContent, serves } from '../support/row.js';

const LAST = '0\r\n\r\n';

const takes = (title: string, rfc: string, chunks: string, content: string) =>
  serves(title, rfc, chunked(chunks) + get('/b'), [content === '' ? 'POST /' : `POST / ${content}`, 'GET /b']);
const rejects = (title: string, rfc: string, chunks: string, status = 400) =>
  refusesContent(title, rfc, status, chunked(chunks));

/** Extensions of chunks, with what the RFC says of them. */
const GOOD_EXTENSIONS = [
  ';a',
  ';a=b',
  ';a="b"',
  ';a=""',
  ';a;b=c;d="e f"',
  ' ; a = b',
  '\t;\ta',
  ';a="\\"\\\\"',
  ';a="\xff"',
];
const BAD_EXTENSIONS = [
  ...[';', ';;', ';=b', ';a=', ';a;', ';a b', ';a=b c', ';a="b', ';a="b"c', ' a', ';a ', ';a="b" ', ';a\0', ';a="\0"'],
  ...[';\xff', ';a=\xff', ';a="\x7f"', ';a\r', ';a="\r"', ';a=(b)', ';a,b', '; '],
];

/** Fields that frame, route or authorise: too late in a trailer section. */
const FORBIDDEN = [
  ...['Content-Length', 'transfer-encoding', 'HOST', 'Connection', 'Keep-Alive', 'TE', 'Trailer', 'Upgrade', 'Expect'],
  ...[
    'Authorization',
    'Proxy-Authorization',
    'Cookie',
    'Set-Cookie',
    'Content-Type',
    'Content-Encoding',
    'Content-Range',
  ],
  ...['Cache-Control', 'Range', 'If-Match', 'X-Forwarded-For', 'Forwarded', 'Via', 'Max-Forwards', 'Origin'],
];

export const CHUNKED: readonly Row[] = [
  takes('reads no chunks as no content', '9112 §7.1', LAST, ''),
  takes('reads one chunk', '9112 §7.1', `3\r\nabc\r\n${LAST}`, 'abc'),
  takes('joins chunks', '9112 §7.1', `3\r\nabc\r\n2\r\nde\r\n${LAST}`, 'abcde'),
  takes('takes sizes in lower case hexadecimal', '9112 §7.1', `a\r\n0123456789\r\n${LAST}`, '0123456789'),
  takes('takes sizes in upper case hexadecimal', '9112 §7.1', `A\r\n0123456789\r\n${LAST}`, '0123456789'),
  takes('takes leading zeros of a size', '9112 §7.1', `0003\r\nabc\r\n000\r\n\r\n`, 'abc'),
  takes('takes line ends as data', '9112 §7.1', `4\r\n\r\n\r\n\r\n${LAST}`, '\r\n\r\n'),
  takes('takes what looks like a last chunk as data', '9112 §7.1', `7\r\n\r\n0\r\n\r\n\r\n${LAST}`, '\r\n0\r\n\r\n'),
  takes(
    'takes what looks like a request as data',
    '9112 §7.1',
    `${get('/c').length.toString(16)}\r\n${get('/c')}\r\n${LAST}`,
    get('/c'),
  ),
  takes('joins a thousand chunks of one byte', '9112 §7.1', '1\r\na\r\n'.repeat(1000) + LAST, 'a'.repeat(1000)),
  ...['', '3', '3\r', '3\r\nab', '3\r\nabc\r\n', '3\r\nabc\r\n0\r\n', '3\r\nabc\r\n0\r\n\r'].map((chunks) =>
    awaits(`awaits what comes after ${JSON.stringify(chunks)}`, '9112 §8', chunked(chunks), {
      seen: ['POST / (unread)'],
    }),
  ),
  {
    title: 'does not wrap a size at 32 bits',
    rfc: 'integer overflow',
    wire: chunked(`100000005\r\nabcde\r\n${LAST}`),
    statuses: [],
    after: 'waiting',
    seen: ['POST / (unread)'],
  },

  // Sizes
  rejects('refuses an empty chunk size', 'go 64517', '\r\nabc'),
  rejects('refuses a plus before a size', '9112 §7.1', '+3\r\nabc\r\n'),
  rejects('refuses a minus before a size', '9112 §7.1', '-3\r\nabc\r\n'),
  rejects('refuses 0x before a size', 'JavaScript parseInt()', '0x3\r\nabc\r\n'),
  rejects('refuses an underscore in a size', 'CVE-2023-47627', '0_3\r\nabc\r\n'),
  rejects('refuses a space before a size', '9112 §7.1', ' 3\r\nabc\r\n'),
  rejects('refuses a tab before a size', '9112 §7.1', '\t3\r\nabc\r\n'),
  rejects('refuses a space after a size', '9112 §7.1', '3 \r\nabc\r\n'),
  rejects('refuses a tab after a size', '9112 §7.1', '3\t\r\nabc\r\n'),
  rejects('refuses a space within a size', '9112 §7.1', '3 3\r\nabc\r\n'),
  rejects('refuses letters that are no digits', '9112 §7.1', '3g\r\nabc\r\n'),
  rejects('refuses a fraction', '9112 §7.1', '3.0\r\nabc\r\n'),
  rejects('refuses a comma after a size', '9112 §7.1', '3,\r\nabc\r\n'),
  rejects('refuses a NUL after a size', '9112 §7.1', '3\0\r\nabc\r\n'),
  rejects('refuses a no-break space after a size', 'JavaScript trim()', '3\xa0\r\nabc\r\n'),
  rejects('refuses a fullwidth digit', 'Unicode digits', '\xef\xbc\x93\r\nabc\r\n'),
  rejects('refuses a size of 14 digits', 'integer overflow', '00000000000003\r\nabc\r\n', 413),
  rejects('refuses a size that is 3 beyond 2^64', 'CVE-2021-32714', '10000000000000003\r\nabc\r\n', 413),
  rejects('refuses a size without end', '9112 §7.1', 'f'.repeat(3000), 413),

  // Line ends
  rejects('refuses a bare LF after a size', 'CVE-2025-22871', '3\nabc\r\n'),
  rejects('refuses a bare CR after a size', 'CVE-2023-30589', '3\rabc\r\n'),
  rejects('refuses CR CR LF after a size', '9112 §7.1', '3\r\r\nabc\r\n'),
  rejects('refuses data longer than its size', '9112 §7.1', '3\r\nabcd\r\n'),
  rejects('refuses data shorter than its size', '9112 §7.1', `3\r\nab\r\n${LAST}`),
  rejects('refuses data that is followed by a size at once', '9112 §7.1', `3\r\nabc${LAST}`),
  rejects('refuses a bare LF after data', '9112 erratum 7633', `3\r\nabc\n${LAST}`),
  rejects('refuses a bare CR after data', '9112 erratum 7633', `3\r\nabc\r${LAST}`),
  rejects('refuses two bytes after data that are not CR LF', 'bun 29732', `3\r\nabcXX${LAST}`),
  rejects('refuses an empty line between chunks', '9112 §7.1', `3\r\nabc\r\n\r\n${LAST}`),
  rejects('refuses two bytes after the last chunk that are not CR LF', 'bun 29732', '0\r\nXX'),
  rejects('refuses a bare LF after the last size', '9112 erratum 7633', '0\n\n'),
  rejects('refuses a bare LF at the end', '9112 erratum 7633', '0\r\n\n'),
  rejects('refuses CR X at the end', 'CVE-2025-23167', '0\r\n\rX'),
  rejects('refuses a request line where the end belongs', 'CVE-2023-40175', '0\r\nGET /inner HTTP/1.1\r\n\r\n'),

  // Extensions
  ...GOOD_EXTENSIONS.map((extension) =>
    takes(
      `skips the extension ${JSON.stringify(extension)}`,
      '9112 §7.1.1',
      `3${extension}\r\nabc\r\n0${extension}\r\n\r\n`,
      'abc',
    ),
  ),
  ...BAD_EXTENSIONS.map((extension) =>
    rejects(`refuses the extension ${JSON.stringify(extension)}`, '9112 §7.1.1', `3${extension}\r\nabc\r\n${LAST}`),
  ),
  rejects('refuses a bare LF in an extension', 'CVE-2021-22960', `2;a=b\nab\r\n${LAST}`),
  rejects('refuses a bare LF after an extension name', 'CVE-2021-22960', `2;\nab\r\n${LAST}`),
  rejects('refuses a line end in a quoted extension', 'CVE-2021-22960', `2;a="\r\n"\r\nab\r\n${LAST}`),

  // Trailers
  takes('takes a trailer section', '9112 §7.1.2', '1\r\na\r\n0\r\nX-Sum: 1\r\nX-B:\r\n\r\n', 'a'),
  takes('takes a trailer field named __proto__', 'CVE-2026-21710', '0\r\n__proto__: a\r\n\r\n', ''),
  awaits('does not end at a last chunk with the start of a trailer', 'CVE-2023-40175', chunked('0\r\nX:'), {
    seen: ['POST / (unread)'],
  }),
  rejects('refuses a space before the colon of a trailer', '9112 §5.1', '0\r\nA : b\r\n\r\n'),
  rejects('refuses a trailer without a colon', '9112 §5', '0\r\nA\r\n\r\n'),
  rejects('refuses a trailer without a name', '9112 §5', '0\r\n: b\r\n\r\n'),
  rejects('refuses a folded trailer', '9112 §5.2', '0\r\nA: b\r\n c\r\n\r\n'),
  rejects('refuses a bare LF after a trailer', '9112 §2.2', '0\r\nA: b\nC: d\r\n\r\n'),
  rejects('refuses a bare CR after a trailer', '9112 §2.2', '0\r\nA: b\rC: d\r\n\r\n'),
  rejects('refuses a NUL in a trailer', '9110 §5.5', '0\r\nA: \0\r\n\r\n'),
  rejects('refuses a DEL in a trailer', '9110 §5.5', '0\r\nA: \x7f\r\n\r\n'),
  rejects('refuses a byte over 0x7f in the name of a trailer', '9110 §5.6.2', '0\r\n\xc4: b\r\n\r\n'),
  ...FORBIDDEN.map((name) => rejects(`refuses ${name} in a trailer section`, '9110 §6.5.1', `0\r\n${name}: 1\r\n\r\n`)),
];
