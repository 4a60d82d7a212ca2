/** Rows of field lines and of the end of a head (RFC 9112 §2.2, §5). */

import { awaits, get, posting, type Row, refuses, serves } from '../support/row.js';

/** A request with these lines, as they are, after Host. */
const withLines = (lines: string) => `GET / HTTP/1.1\r\nHost: h\r\n${lines}`;

const gives = (title: string, rfc: string, sent: string, got: string) =>
  serves(title, rfc, get('/', sent), 'GET /', { fields: ['Host: h', got] });

const CONTROLS = Array.from({ length: 32 }, (_, code) => code).filter((code) => ![0x09, 0x0a, 0x0d].includes(code));
const hex = (code: number) => `0x${code.toString(16).padStart(2, '0')}`;

export const FIELD_LINES: readonly Row[] = [
  gives('takes a field', '9112 §5', 'A: b', 'A: b'),
  gives('takes an empty value', '9110 §5.5', 'A:', 'A: '),
  gives('takes a value without white space before it', '9112 §5', 'A:b', 'A: b'),
  gives('trims spaces around a value', '9112 §5.1', 'A:   b   ', 'A: b'),
  gives('trims tabs around a value', '9112 §5.1', 'A:\t b \t', 'A: b'),
  gives('keeps white space within a value', '9110 §5.5', 'A: b \t c', 'A: b \t c'),
  gives('keeps colons in a value', '9112 §5', 'A: b: c:', 'A: b: c:'),
  gives('takes bytes over 0x7f in a value as they are', '9110 §5.5', 'A: \x80\xa0\xff', 'A: \x80\xa0\xff'),
  gives('does not trim a no-break space', 'JavaScript trim()', 'A: \xa0b\xa0', 'A: \xa0b\xa0'),
  gives('does not trim a byte order mark', 'JavaScript trim()', 'A: \xef\xbb\xbfb', 'A: \xef\xbb\xbfb'),
  gives('takes a name of every token character', '9110 §5.6.2', "!#$%&'*+-.^_`|~aZ09: b", "!#$%&'*+-.^_`|~aZ09: b"),
  gives('takes a field named __proto__', 'CVE-2026-21710', '__proto__: b', '__proto__: b'),
  gives('takes a field named constructor', 'CVE-2026-21710', 'constructor: b', 'constructor: b'),
  gives('takes a field named hasOwnProperty', 'CVE-2026-21710', 'hasOwnProperty: b', 'hasOwnProperty: b'),
  serves('keeps the order of repeated fields', '9110 §5.3', get('/', 'A: 1', 'B: 2', 'a: 3'), 'GET /', {
    fields: ['Host: h', 'A: 1', 'B: 2', 'a: 3'],
  }),
  serves(
    'takes fields whose names would collide as integer-like keys',
    'CVE-2026-21717',
    get('/', '1: a', '2: b'),
    'GET /',
    {
      fields: ['Host: h', '1: a', '2: b'],
    },
  ),
  serves('takes a head without optional fields', '9112 §2.1', get(), 'GET /', { fields: ['Host: h'] }),
  awaits('awaits the empty line after the fields', '9112 §2.1', withLines('A: b\r\n')),
  awaits('awaits the LF of the empty line', 'CVE-2025-23167', withLines('A: b\r\n\r')),
  awaits('awaits the rest of a field line', '9112 §5', withLines('A: b')),

  // The name and its colon
  refuses('refuses a space before the colon', 'CVE-2021-22959', 400, get('/', 'A : b')),
  refuses('refuses a space between Content-Length and its colon', '9112 §5.1', 400, posting('Content-Length : 5')),
  refuses(
    'refuses a space between Transfer-Encoding and its colon',
    '9112 §5.1',
    400,
    posting('Transfer-Encoding : chunked'),
  ),
  refuses('refuses a tab before the colon', '9112 §5.1', 400, get('/', 'A\t: b')),
  refuses('refuses an empty name', '9110 §5.1', 400, get('/', ': b')),
  refuses('refuses a line without a colon', '9112 §5', 400, get('/', 'A')),
  refuses('refuses two words before the colon', '9112 §5', 400, get('/', 'A b: c')),
  refuses('refuses a CR in a name', 'CVE-2020-8201', 400, posting('Content\rLength: 1')),
  refuses('refuses a bare LF in a name', '9112 §2.2', 400, get('/', 'A\nB: c')),
  refuses('refuses a NUL in a name', '9110 §5.6.2', 400, get('/', 'A\0: b')),
  refuses('refuses a DEL in a name', '9110 §5.6.2', 400, get('/', 'A\x7f: b')),
  refuses('refuses a byte over 0x7f in a name', 'CVE-2016-2086', 400, get('/', 'Transfer-\xc4ncoding: b')),
  refuses('refuses the Kelvin sign in a name', 'Unicode case folding', 400, get('/', '\xe2\x84\xaaeep-Alive: b')),
  refuses('refuses the long s in a name', 'Unicode case folding', 400, posting('Tran\xc5\xbffer-Encoding: chunked')),
  refuses('refuses a vertical tab after a name', 'CVE-2019-15605', 400, posting('Transfer-Encoding\x0b: chunked')),
  ...Array.from('"(),/;<=>?@[\\]{}', (delimiter) =>
    refuses(`refuses ${delimiter} in a name`, '9110 §5.6.2', 400, get('/', `A${delimiter}B: c`)),
  ),

  // Folding
  refuses('refuses a folded value', '9112 §5.2', 400, get('/', 'A: b', ' c')),
  refuses('refuses a value folded by a tab', '9112 §5.2', 400, get('/', 'A: b', '\tc')),
  refuses(
    'refuses a folded Transfer-Encoding',
    'CVE-2022-32215',
    400,
    posting('Transfer-Encoding: chunked', ' , identity'),
  ),
  refuses(
    'refuses a Transfer-Encoding whose value is on the next line',
    'CVE-2022-32215',
    400,
    posting('Transfer-Encoding:', ' chunked'),
  ),
  refuses('refuses a space before Content-Length', 'CVE-2024-27982', 400, posting('A: b', ' Content-Length: 23')),
  refuses(
    'refuses white space between the request line and the first field',
    '9112 §2.2',
    400,
    'GET / HTTP/1.1\r\n Host: h\r\n\r\n',
  ),
  refuses('refuses a line of white space', '9112 §5.2', 400, get('/', 'A: b', ' ')),
  refuses('refuses a line of white space as the end of a head', '9112 §5.2', 400, withLines(' \r\n\r\n')),

  // Line ends
  refuses('refuses a bare LF between fields', 'CVE-2022-32214', 400, withLines('A: b\nC: d\r\n\r\n')),
  refuses(
    'refuses a bare LF before Transfer-Encoding',
    'CVE-2022-32214',
    400,
    withLines('A: b\nTransfer-Encoding: chunked\r\n\r\n'),
  ),
  refuses('refuses a bare CR between fields', 'CVE-2023-30589', 400, withLines('A: b\rC: d\r\n\r\n')),
  refuses(
    'refuses a bare CR before Transfer-Encoding',
    'CVE-2023-30589',
    400,
    withLines('A: b\rTransfer-Encoding: chunked\r\n\r\n'),
  ),
  refuses(
    'refuses a field line that is not ended by CR LF',
    'CVE-2022-35256',
    400,
    withLines('A: b\r\rTransfer-Encoding: chunked\r\n\r\n'),
  ),
  refuses('refuses LF CR as a line end', '9112 §2.2', 400, withLines('A: b\n\rC: d\r\n\r\n')),
  refuses('refuses a bare LF as the end of a head', '9112 §2.2', 400, withLines('A: b\r\n\n')),
  refuses('refuses two bare LF as the end of a head', '9112 §2.2', 400, withLines('A: b\n\n')),
  refuses('refuses CR LF CR X as the end of a head', 'CVE-2025-23167', 400, withLines('A: b\r\n\rX')),
  refuses('refuses a CR at the end of a value', '9110 §5.5', 400, get('/', 'A: b\r')),
  refuses('refuses CR LF CR CR LF as the end of a head', 'CVE-2025-23167', 400, withLines('A: b\r\n\r\r\n')),

  // Values
  ...[...CONTROLS, 0x7f].map((code) =>
    refuses(
      `refuses the control ${hex(code)} in a value`,
      '9110 §5.5',
      400,
      get('/', `A: b${String.fromCharCode(code)}c`),
    ),
  ),
  refuses('refuses a NUL after Content-Length', '9110 §5.5', 400, posting('Content-Length: 5\0')),
  refuses(
    'refuses an escape sequence for a terminal in a value',
    'log injection',
    400,
    get('/', 'User-Agent: \x1b[2J'),
  ),
];
