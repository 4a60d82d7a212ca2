import { describe, expect, it } from 'vitest';
import { HttpError } from '../../src/http/http-error.js';
import { offsetOfError, parseJson } from '../../src/http/json.js';
import { fc } from '../support/properties.js';

function thrownBy(text: string): unknown {
  try {
    parseJson(text);
  } catch (error) {
    return error;
  }
  throw new Error(`No error for ${JSON.stringify(text)}`);
}

function isValid(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('parseJson', () => {
  it.each(['null', 'true', '0', '-1.5e3', '"a"', '[]', '{}', ' {"a":[1,{"b":null}]}\r\n'])('parses %s', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it.each<[text: string, detail: string, offset: number]>([
    ['', 'unexpected end', 0],
    ['  ', 'unexpected end', 2],
    ['{', 'unexpected end', 1],
    ['[1,', 'unexpected end', 3],
    ['"abc', 'unexpected end', 4],
    ['{"a":1,}', 'unexpected "}"', 7],
    ['[1,]', 'unexpected "]"', 3],
    ['[1 2]', 'unexpected "2"', 3],
    ['{a:1}', 'unexpected "a"', 1],
    ["{'a':1}", 'unexpected "\'"', 1],
    ['{"a" 1}', 'unexpected "1"', 5],
    ['01', 'unexpected "1"', 1],
    ['1.', 'unexpected "."', 1],
    ['+1', 'unexpected "+"', 0],
    ['-', 'unexpected "-"', 0],
    ['NaN', 'unexpected "N"', 0],
    ['nul', 'unexpected "n"', 0],
    ['{} x', 'unexpected "x"', 3],
    ['[}', 'unexpected "}"', 1],
    ['"a\nb"', 'unexpected "\\n"', 2],
    ['"\\x"', 'unexpected "\\\\"', 1],
    ['"\\u12g4"', 'unexpected "\\\\"', 1],
    ['\u00a01', 'unexpected "\u00a0"', 0],
    ['[\u{1f600}]', 'unexpected "\u{1f600}"', 1],
  ])('tells where %j is no JSON', (text, detail, offset) => {
    const error = thrownBy(text);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({
      status: 400,
      message: `The content is not valid JSON: ${detail} at offset ${offset}.`,
      extensions: { offset },
      cause: expect.any(SyntaxError),
    });
  });

  it.each(['{"__proto__":{}}', '[{"a":{"__proto__":1}}]', '{"\\u005f_proto__":1}', '{"constructor":{"prototype":1}}'])(
    'refuses %s, which would poison a prototype',
    (text) => {
      const error = thrownBy(text) as HttpError;
      expect(error.status).toBe(400);
      expect(error.message).toContain('"__proto__"');
      expect(error.extensions).toBeUndefined();
    },
  );

  it('lets a constructor pass that holds no prototype', () => {
    expect(parseJson('{"constructor":"Wright"}')).toEqual({ constructor: 'Wright' });
  });

  it('takes deep nesting without a deep stack', () => {
    const depth = 100_000;
    expect(thrownBy('['.repeat(depth))).toMatchObject({ extensions: { offset: depth } });
    expect(offsetOfError('['.repeat(depth) + ']'.repeat(depth))).toBeUndefined();
  });
});

describe('offsetOfError', () => {
  const jsonish = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '0', '1', '-', '.', 'e', '\\', 'u', 'a', ' ', 'null'))
      .map((parts) => parts.join('')),
    fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '\\', '\n', '0')).map(([json, at, piece]) => {
      const cut = at % (json.length + 1);
      return json.slice(0, cut) + piece + json.slice(cut + (at % 2));
    }),
  );

  it('agrees with JSON.parse on what is JSON', () => {
    fc.assert(
      fc.property(jsonish, (text) => {
        expect(offsetOfError(text) === undefined).toBe(isValid(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('points at or before the end, after a beginning that could have gone on', () => {
    fc.assert(
      fc.property(jsonish, (text) => {
        const offset = offsetOfError(text);
        if (offset === undefined) return;
        expect(offset).toBeLessThanOrEqual(text.length);
        // What stands before the offset fails no earlier on its own.
        const before = offsetOfError(text.slice(0, offset));
        if (before !== undefined) expect(before).toBeLessThanOrEqual(offset);
      }),
    );
  });
});
