import { describe, expect, it } from 'vitest';
import { displayName, readPartHead } from '../../../src/http/forms/part-head.js';

/** The characters that stand for the bytes of UTF-8 text. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

const read = (disposition: string, type?: string) =>
  readPartHead({ 'content-disposition': [disposition], ...(type === undefined ? {} : { 'content-type': [type] }) });

describe('the head of a part', () => {
  it.each([
    ['a field', 'form-data; name="a"', 'a', undefined],
    ['a token for a name', 'form-data; name=a', 'a', undefined],
    ['an empty name', 'form-data; name=""', '', undefined],
    ['any case and spaces', 'Form-Data ;NAME = "a"\t; FileName="b"', 'a', 'b'],
    ['a semicolon and an equals sign in a name', 'form-data; name="a; filename=b"', 'a; filename=b', undefined],
    ['a last semicolon', 'form-data; name="a";', 'a', undefined],
    ['a file', 'form-data; name="a"; filename="b.txt"', 'a', 'b.txt'],
    ['a file before its name', 'form-data; filename="b.txt"; name="a"', 'a', 'b.txt'],
    ['a file without a name', 'form-data; name="a"; filename=""', 'a', ''],
    ['UTF-8', utf8('form-data; name="ä"; filename="日本.png"'), 'ä', '日本.png'],
    ['a filename in latin1', 'form-data; name="a"; filename="\xe4.txt"', 'a', '\ufffd.txt'],
    ['quotes and line ends as browsers send them', 'form-data; name="a%22%0D%0a"; filename="%22b%22"', 'a"\r\n', '"b"'],
    ['a percent sign', 'form-data; name="100%"; filename="%41%2e%zz"', '100%', '%41%2e%zz'],
    ['quotes as older clients send them', 'form-data; name="a\\"b"; filename="c\\\\d\\"e"', 'a"b', 'c\\d"e'],
    ['a Windows path', 'form-data; name="a"; filename="C:\\dir\\b.txt"', 'a', 'C:\\dir\\b.txt'],
    ['a last backslash', 'form-data; name="a"; filename="b\\"', 'a', 'b\\'],
    ['a backslash before the next parameter', 'form-data; filename="b\\"; name="a"', 'a', 'b\\'],
    ['filename*', `form-data; name="a"; filename*=UTF-8''%e2%82%ac%20rates`, 'a', '€ rates'],
    ['filename* before filename', `form-data; name="a"; filename*=utf-8'en'%c3%a4; filename="b"`, 'a', 'ä'],
    ['filename before filename*', `form-data; name="a"; filename="b"; filename*=utf-8''%c3%a4`, 'a', 'ä'],
    ['filename* in latin1', `form-data; name="a"; filename*=iso-8859-1''%e4`, 'a', 'ä'],
    ['filename* in a charset of its own', `form-data; name="a"; filename="b"; filename*=koi8-r''%e4`, 'a', 'b'],
    ['filename* with a bad escape', `form-data; name="a"; filename="b"; filename*=utf-8''%e`, 'a', 'b'],
    ['filename* alone, unreadable', `form-data; name="a"; filename*=koi8-r''%e4`, 'a', ''],
    ['a name of the prototype', 'form-data; name="__proto__"', '__proto__', undefined],
    ['NUL', 'form-data; name="a\0b"; filename="c\0d"', 'a\0b', 'c\0d'],
    ['an unknown parameter', 'form-data; size=1; name="a"', 'a', undefined],
  ])('reads %s', (_title, disposition, name, filename) => {
    expect(read(disposition)).toEqual({ name, filename, type: undefined, charset: undefined });
  });

  it.each([
    ['image/png', 'image/png', undefined, undefined],
    ['text/plain; charset=UTF-8', 'text/plain; charset=UTF-8', 'utf-8', undefined],
    [' text/plain;charset="latin1" ', 'text/plain;charset="latin1"', 'latin1', undefined],
    ['nonsense', undefined, undefined, undefined],
    ['', undefined, undefined, undefined],
    ['application/octet-stream', 'application/octet-stream', undefined, ''],
  ])('reads the type %s', (sent, type, charset, filename) => {
    expect(read('form-data; name="a"', sent)).toEqual({ name: 'a', filename, type, charset });
  });

  it.each([
    ['no Content-Disposition', {}, 'A part of the form has no Content-Disposition.'],
    ['another disposition', read.bind(null, 'attachment; name="a"'), 'malformed Content-Disposition'],
    ['a disposition that only begins so', read.bind(null, 'form-data-x; name="a"'), 'malformed Content-Disposition'],
    ['nothing in it', read.bind(null, ''), 'malformed Content-Disposition'],
    ['an open quote', read.bind(null, 'form-data; name="a'), 'malformed Content-Disposition'],
    ['rubbish behind a quote', read.bind(null, 'form-data; name="a"b'), 'malformed Content-Disposition'],
    ['no equals sign', read.bind(null, 'form-data; name'), 'malformed Content-Disposition'],
    ['two names', read.bind(null, 'form-data; name="a"; NAME="b"'), 'malformed Content-Disposition'],
    ['no name', read.bind(null, 'form-data; filename="b"'), 'has no name'],
    ['no parameter', read.bind(null, 'form-data'), 'has no name'],
    ['a name that is no UTF-8', read.bind(null, 'form-data; name="\xff"'), 'not valid UTF-8'],
    ['two dispositions', { 'content-disposition': ['form-data; name="a"', 'form-data; name="b"'] }, 'two fields'],
    [
      'two types',
      { 'content-disposition': ['form-data; name="a"'], 'content-type': ['text/plain', 'text/html'] },
      'two fields',
    ],
    [
      'an encoding',
      { 'content-disposition': ['form-data; name="a"'], 'content-transfer-encoding': ['base64'] },
      'Content-Transfer-Encoding',
    ],
  ])('is refused with %s', (_title, given, message) => {
    expect(typeof given === 'function' ? given() : readPartHead(given)).toContain(message);
  });

  it.each(['7bit', '8bit', ' Binary '])('may say that it is %s', (encoding) => {
    const fields = { 'content-disposition': ['form-data; name="a"'], 'content-transfer-encoding': [encoding] };
    expect(readPartHead(fields)).toMatchObject({ name: 'a' });
  });
});

describe('displayName', () => {
  it.each([
    ['photo.png', 'photo.png'],
    ['日本 2.png', '日本 2.png'],
    ['👩‍👩‍👧.png', '👩‍👩‍👧.png'],
    ['../../etc/passwd', 'passwd'],
    ['/etc/passwd', 'passwd'],
    ['C:\\Windows\\win.ini', 'win.ini'],
    ['C:win.ini', 'win.ini'],
    ['a/b\\c', 'c'],
    ['dir/', ''],
    ['..', ''],
    ['.', ''],
    [' .. ', ''],
    ['a.png\0.exe', 'a.png.exe'],
    ['a\r\nSet-Cookie: x', 'aSet-Cookie: x'],
    ['invoice\u202egnp.exe', 'invoicegnp.exe'],
    ['\ufeffa\u2028b', 'ab'],
    ['', ''],
  ])('makes %j %j', (sent, shown) => {
    expect(displayName(sent)).toBe(shown);
  });
});
