import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { checkMultipartOptions, type MultipartOptions } from '../../../src/http/forms/multipart-options.js';
import { PartSplitter } from '../../../src/http/forms/part-splitter.js';
import { field, file, formOf } from '../../support/form.js';
import { fc } from '../../support/properties.js';
import { settled } from '../../support/served.js';

type Split = readonly [name: string, filename: string | undefined, content: string];

async function* piecesOf(pieces: Iterable<string>): AsyncGenerator<Uint8Array, void> {
  for (const piece of pieces) yield Buffer.from(piece, 'latin1');
}

/** Splits a form that arrives in `pieces`: its parts, and the error that ended it. */
async function split(pieces: Iterable<string>, options: MultipartOptions = {}): Promise<[Split[], string | undefined]> {
  const parts: Split[] = [];
  const splitter = await PartSplitter.open(piecesOf(pieces), 'b', checkMultipartOptions(options));
  try {
    for (let part = await splitter.next(); part !== undefined; part = await splitter.next()) {
      let content = '';
      for await (const piece of part.content) content += Buffer.from(piece).toString('latin1');
      parts.push([part.head.name, part.head.filename, content]);
    }
  } catch (error) {
    return [parts, (error as Error).message];
  }
  return [parts, undefined];
}

/** `text` cut after each of `sizes` characters, over and over. */
function* cut(text: string, sizes: readonly number[]): Generator<string> {
  for (let start = 0, i = 0; start < text.length; i++) {
    const size = sizes[i % sizes.length] as number;
    yield text.slice(start, start + size);
    start += size;
  }
}

const FORM = formOf(
  field('title', 'one'),
  file('a', 'a.txt', 'line\r\n--c\r\n--\r\n-'),
  field('empty', ''),
  file('b', 'b.bin', `\r\n--${'x'.repeat(3000)}`),
);
const PARTS: Split[] = [
  ['title', undefined, 'one'],
  ['a', 'a.txt', 'line\r\n--c\r\n--\r\n-'],
  ['empty', undefined, ''],
  ['b', 'b.bin', `\r\n--${'x'.repeat(3000)}`],
];

const TRUNCATED = 'The form ends before its closing boundary.';
const CUT_OFF = 'The head of a part is cut off by a boundary.';
const HEAD = 'Content-Disposition: form-data; name="a"\r\n';

it('loads its library with the first form', async () => {
  await import('../../../src/index.js');
  const { cache } = createRequire(import.meta.url);
  const isLoaded = () => Object.keys(cache).some((path) => path.includes('@fastify/busboy'));
  expect(isLoaded()).toBe(false);
  await split([FORM]);
  expect(isLoaded()).toBe(true);
});

describe('a form', () => {
  it.each([
    ['with parts', [FORM], PARTS],
    ['with none', ['--b--'], []],
    ['with a preamble', [`ignored\r\n--x\r\n${FORM}`], PARTS],
    ['with an epilogue', [`${FORM}ignored\r\n--b\r\n`], PARTS],
    ['with an epilogue of its own pieces', [FORM, 'ignored', '\r\n--b\r\n', HEAD], PARTS],
    [
      'whose last part is longer than what is buffered',
      [formOf(field('a', 'x'.repeat(200_000)))],
      [['a', undefined, 'x'.repeat(200_000)]],
    ],
    [
      'with more parts than fit one buffer',
      [formOf(...Array.from({ length: 5 }, () => file('a', 'a', 'x'.repeat(70_000))))],
      Array.from({ length: 5 }, () => ['a', 'a', 'x'.repeat(70_000)]),
    ],
  ])('is split: %s', async (_title, pieces, parts) => {
    expect(await split(pieces)).toEqual([parts, undefined]);
  });

  it('is split byte by byte', async () => {
    expect(await split(FORM)).toEqual([PARTS, undefined]);
  });

  it('is split the same wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
        expect(await split(cut(FORM, sizes))).toEqual([PARTS, undefined]);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no boundary', 'abc'],
    ['another boundary', '--c\r\n\r\n--c--'],
    ['a boundary alone', '--b'],
    ['half a closing boundary', '--b-'],
    ['an open head', `--b\r\n${HEAD}`],
    ['an open part', `--b\r\n${HEAD}\r\nabc`],
    ['half a boundary at its end', `--b\r\n${HEAD}\r\nabc\r\n--`],
  ])('is refused with %s', async (_title, form) => {
    expect(await split([form])).toEqual([[], TRUNCATED]);
    expect(await split(form)).toEqual([[], TRUNCATED]);
  });

  it.each([
    ['a boundary in a head', `--b\r\n${HEAD}--b--`, CUT_OFF],
    ['a boundary in a head, and a part after it', `--b\r\n${HEAD}--b\r\n${HEAD}\r\nabc\r\n--b--`, CUT_OFF],
    ['a part without a head', '--b\r\n\r\nabc\r\n--b--', 'A part of the form has no Content-Disposition.'],
    ['a longer boundary', `--bc\r\n${HEAD}\r\nabc\r\n--b--`, 'A part of the form has no Content-Disposition.'],
    [
      'a bare line feed in a head',
      `--b\r\nX: y\nZ: z\r\n${HEAD}\r\n\r\n--b--`,
      'A part of the form has no Content-Disposition.',
    ],
  ])('is refused with %s, wherever it is cut', async (_title, form, message) => {
    expect((await split([form]))[1]).toBe(message);
    expect((await split(form))[1]).toBe(message);
  });

  it('gives the parts before what is wrong', async () => {
    const part = `--b\r\n${HEAD}\r\nabc\r\n`;
    expect(await split([`${part}--b\r\n\r\n--b--`])).toEqual([[['a', undefined, 'abc']], CUT_OFF]);
    expect(await split([`${part}--b\r\nX: y\r\n\r\n\r\n--b--`])).toEqual([
      [['a', undefined, 'abc']],
      'A part of the form has no Content-Disposition.',
    ]);
  });

  it.each([
    [
      'parts',
      formOf(field('a', ''), field('b', ''), field('c', '')),
      { maxParts: 2 },
      'The form has more than the 2 parts accepted (maxParts).',
    ],
    [
      'a field name',
      formOf(field(Buffer.from('äää').toString('latin1'), '')),
      { maxNameSize: 5 },
      'A name in the form is longer than the 5 bytes accepted (maxNameSize).',
    ],
    [
      'a file name',
      formOf(file('a', 'abcdef', '')),
      { maxNameSize: 5 },
      'A name in the form is longer than the 5 bytes accepted (maxNameSize).',
    ],
    [
      'a head',
      formOf(['; name="a"', '', `X: ${'y'.repeat(100)}`]),
      { maxPartHeadSize: 100 },
      'The head of a part is larger than the 100 bytes accepted (maxPartHeadSize).',
    ],
    [
      'a head far',
      formOf(['; name="a"', '', `X: ${'y'.repeat(100_000)}`]),
      {},
      'The head of a part is larger than the 4096 bytes accepted (maxPartHeadSize).',
    ],
  ])('is refused over the limit of %s', async (_title, form, options, message) => {
    expect((await split([form], options))[1]).toBe(message);
    expect((await split(cut(form, [7]), options))[1]).toBe(message);
  });

  it('is accepted at each limit', async () => {
    const form = formOf(file('abcde', 'äa', 'x'), field('b', ''));
    const size = 'Content-Disposition: form-data; name="abcde"; filename="äa"\r\nContent-Type: text/plain\r\n'.length;
    const options = { maxParts: 2, maxNameSize: 5, maxPartHeadSize: size };
    expect(await split([form], options)).toEqual([
      [
        ['abcde', '\ufffda', 'x'],
        ['b', undefined, ''],
      ],
      undefined,
    ]);
    expect((await split([form], { ...options, maxPartHeadSize: size - 1 }))[1]).toContain('maxPartHeadSize');
  });

  it('gives some result for any bytes', async () => {
    const words = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      '\r',
      '\n',
      '-',
      'b',
      HEAD,
      'Content-Type: text/plain\r\n',
      '\0',
      'x',
      ':',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const whole = await split([text.join('')]);
        const inPieces = await split(cut(text.join(''), [size]));
        expect(inPieces[1] === undefined).toBe(whole[1] === undefined);
        if (whole[1] === undefined) expect(inPieces).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a splitter', () => {
  it('drops what was not read of a part when the next is asked for', async () => {
    const splitter = await PartSplitter.open(piecesOf([FORM]), 'b', checkMultipartOptions());
    const names: string[] = [];
    for (let part = await splitter.next(); part !== undefined; part = await splitter.next()) names.push(part.head.name);
    expect(names).toEqual(['title', 'a', 'empty', 'b']);
  });

  it('drops the rest of a part that was read to its middle', async () => {
    const large = formOf(file('a', 'a', 'x'.repeat(500_000)), field('b', 'y'));
    const splitter = await PartSplitter.open(piecesOf(cut(large, [10_000])), 'b', checkMultipartOptions());
    const part = await splitter.next();
    for await (const _piece of part?.content ?? []) break;
    expect((await splitter.next())?.head.name).toBe('b');
    expect(await splitter.next()).toBeUndefined();
  });

  it('reads no more than a few pieces ahead of who reads the part, and goes on with it', async () => {
    const piece = Buffer.alloc(65_536, 'x');
    let given = 0;
    async function* pieces(): AsyncGenerator<Uint8Array, void> {
      yield Buffer.from(`--b\r\n${HEAD}\r\n`);
      for (; given < 100; given++) yield piece;
      yield Buffer.from('\r\n--b--');
    }
    const splitter = await PartSplitter.open(pieces(), 'b', checkMultipartOptions());
    const content = (await splitter.next())?.content[Symbol.asyncIterator]();
    await settled();
    expect(given).toBeLessThanOrEqual(3);
    let size = 0;
    for (let read = await content?.next(); !read?.done; read = await content?.next()) {
      size += read?.value.length ?? 0;
      await settled();
      expect(given - size / piece.length).toBeLessThanOrEqual(4);
    }
    expect(size).toBe(100 * piece.length);
    expect(await splitter.next()).toBeUndefined();
  });

  it('hands on what its source throws, to who reads a part and to who asks for the next', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array, void> {
      yield Buffer.from(`--b\r\n${HEAD}\r\nabc`);
      throw new Error('lost');
    }
    const splitter = await PartSplitter.open(pieces(), 'b', checkMultipartOptions());
    const part = await splitter.next();
    await expect(async () => {
      for await (const _piece of part?.content ?? []);
    }).rejects.toThrow('lost');
    await expect(splitter.next()).rejects.toThrow('lost');
  });

  it('reads no further once it is stopped', async () => {
    let given = 0;
    async function* pieces(): AsyncGenerator<Uint8Array, void> {
      for (const piece of cut(formOf(file('a', 'a', 'x'.repeat(500_000))), [10_000])) {
        given++;
        yield Buffer.from(piece);
        await settled();
      }
    }
    const splitter = await PartSplitter.open(pieces(), 'b', checkMultipartOptions());
    await splitter.next();
    splitter.stop();
    const before = given;
    for (let i = 0; i < 5; i++) await settled();
    expect(given).toBeLessThanOrEqual(before + 1);
  });
});
